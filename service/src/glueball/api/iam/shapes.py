"""What IAM's operations have in common: policies as texts, tags, pages, identifiers."""

from __future__ import annotations

import base64
import json
import secrets
import string
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from glueball.core.errors import AwsError
from glueball.stores.managed_policies import LimitExceeded

_Item = TypeVar("_Item")

PAGE = 100
_ID_CHARACTERS = string.ascii_uppercase + string.digits
_ID_LENGTH = 17
#: "You can attach up to 50 tags" (IAM quotas)
_MOST_TAGS = 50


class MalformedPolicyDocument(AwsError):
    code = "MalformedPolicyDocument"


class InvalidMarker(AwsError):
    code = "ValidationError"


def new_identifier(prefix: str) -> str:
    """Make an identifier such as IAM gives; `prefix` says of what ("AROA" of a role)."""
    return prefix + "".join(secrets.choice(_ID_CHARACTERS) for _ in range(_ID_LENGTH))


def encoded_policy(document: str) -> str:
    """Write a policy as IAM does: "URL-encoded compliant with RFC 3986"."""
    return quote(document, safe="")


def check_policy(document: str) -> None:
    """Make sure that a policy is a JSON object; it is not looked at further.

    Raises:
        MalformedPolicyDocument: it is not.
    """
    try:
        policy = json.loads(document)
    except (ValueError, RecursionError):
        policy = None
    if not isinstance(policy, dict):
        raise MalformedPolicyDocument("This policy contains invalid Json")


def read_tags(tags: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the tags in AWS's `Tag` shapes."""
    return {tag["Key"]: tag["Value"] for tag in tags}


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return AWS's `Tag` shapes."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def with_tags(tags: Mapping[str, str], added: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return tags together with those in AWS's shapes, which win.

    Raises:
        LimitExceeded: there would be more than 50.
    """
    changed = {**tags, **read_tags(added)}
    if len(changed) > _MOST_TAGS:
        raise LimitExceeded(f"Cannot exceed quota for TagsPerResource: {_MOST_TAGS}")
    return changed


def without_tags(tags: Mapping[str, str], keys: Collection[str]) -> dict[str, str]:
    """Return tags without those of the given keys."""
    return {key: value for key, value in tags.items() if key not in keys}


def named_page(
    read: Callable[[str, int], list[_Item]],
    name_of: Callable[[_Item], str],
    request: Mapping[str, Any],
) -> tuple[list[_Item], dict[str, Any]]:
    """Return one page of a store and the members that say whether there are more.

    Args:
        read: returns so many items behind a name.
        name_of: the name of an item.
        request: with `MaxItems` and `Marker`, if any.
    """
    size = request.get("MaxItems", PAGE)
    items = read(_key_in(request.get("Marker")), size + 1)
    return items[:size], _truncation([name_of(item) for item in items], size)


def page_of(keys: Sequence[str], request: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """Return one page of sorted keys and the members that say whether there are more."""
    return named_page(
        lambda after, limit: [key for key in keys if key > after][:limit], lambda key: key, request
    )


def _truncation(keys: Sequence[str], size: int) -> dict[str, Any]:
    if len(keys) <= size:
        return {"IsTruncated": False}
    marker = base64.urlsafe_b64encode(keys[size - 1].encode()).decode()
    return {"IsTruncated": True, "Marker": marker}


def _key_in(marker: str | None) -> str:
    try:
        return base64.b64decode((marker or "").encode(), altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise InvalidMarker("Invalid Marker.") from error
