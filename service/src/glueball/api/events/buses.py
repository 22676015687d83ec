"""What EventBridge's operations have in common: the default bus, rules by name, errors, pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from glueball.api.context import Context
from glueball.api.paging import decode_token, encode_token
from glueball.core.arns import in_region
from glueball.core.errors import AwsError, InvalidInput, ValidationFailed
from glueball.stores import event_rules
from glueball.stores.event_rules import Rule
from glueball.wire.nesting import is_excessive

if TYPE_CHECKING:
    from sqlalchemy import Connection

DEFAULT_BUS = "default"
#: bytes: "The total entry size must be less than 256KB" (eb-putevents.html)
LARGEST_EVENT = 256 * 1024


class ResourceNotFound(AwsError):
    code = "ResourceNotFoundException"


class LimitExceeded(AwsError):
    code = "LimitExceededException"


def check_bus(context: Context, name_or_arn: str | None) -> None:
    """Make sure that a request is about the default bus: there is no other one.

    Raises:
        ResourceNotFound: it names another one.
    """
    arn = f"arn:aws:events:{context.region}:{context.account_id}:event-bus/{DEFAULT_BUS}"
    if name_or_arn is not None and in_region(name_or_arn, context.region) not in (DEFAULT_BUS, arn):
        name = str(name_or_arn).rpartition("event-bus/")[2]
        raise ResourceNotFound(f"Event bus {name} does not exist.")


def existing(connection: Connection, name: str) -> Rule:
    """Return the rule called `name`.

    Raises:
        ResourceNotFound: there is none.
    """
    rule = event_rules.get(connection, name)
    if rule is None:
        raise ResourceNotFound(f"Rule {name} does not exist on EventBus {DEFAULT_BUS}.")
    return rule


def json_object(text: str) -> dict[str, Any] | None:
    """Return the JSON object that a text holds; None where it holds something else.

    What nests deeper than any request is something else, too: it is read again in other places.
    """
    raw = text.encode("utf-8", "surrogatepass")
    try:
        return None if is_excessive(raw) else msgspec.json.decode(raw, type=dict[str, Any])
    except ValueError:  # those of msgspec are
        return None


def place(token: str | None, operation: str, scope: str) -> str:
    """Return the key behind which a page begins.

    Raises:
        ValidationFailed: the token is none that this operation gave for this scope.
    """
    try:
        return decode_token(token, operation, scope) or ""
    except InvalidInput as error:
        raise ValidationFailed(error.message) from error


def next_token(keys: Sequence[str], size: int, operation: str, scope: str) -> dict[str, Any]:
    """Return the token of the next page; `keys` are those of this one, and one more if any."""
    if len(keys) <= size:
        return {}
    return {"NextToken": encode_token(operation, scope, keys[size - 1])}
