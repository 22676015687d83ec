"""Tags of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.events.buses import LimitExceeded, ResourceNotFound
from glueball.core.arns import in_region, rule_arn
from glueball.stores import event_rules, tags

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import (
        ListTagsForResourceRequestTypeDef,
        TagResourceRequestTypeDef,
        UntagResourceRequestTypeDef,
    )
    from sqlalchemy import Connection

_MOST_TAGS = 50


def tag_resource(context: Context, request: TagResourceRequestTypeDef) -> dict[str, Any]:
    """Set tags of a rule; at most 50 in all."""
    arn = in_region(request["ResourceARN"], context.account.region)
    added = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
    with context.database.write_behind() as connection:
        _require(context, connection, arn)
        if len(tags.get(connection, arn).keys() | added.keys()) > _MOST_TAGS:
            raise LimitExceeded(f"A rule can have {_MOST_TAGS} tags, no more.")
        tags.add(connection, arn, added)
    return {}


def untag_resource(context: Context, request: UntagResourceRequestTypeDef) -> dict[str, Any]:
    """Take tags of a rule away."""
    arn = in_region(request["ResourceARN"], context.account.region)
    with context.database.write_behind() as connection:
        _require(context, connection, arn)
        tags.remove(connection, arn, request["TagKeys"])
    return {}


def list_tags_for_resource(
    context: Context, request: ListTagsForResourceRequestTypeDef
) -> dict[str, Any]:
    """Show the tags of a rule."""
    arn = in_region(request["ResourceARN"], context.account.region)
    with context.database.read() as connection:
        _require(context, connection, arn)
        found = tags.get(connection, arn)
    return {"Tags": [{"Key": key, "Value": value} for key, value in found.items()]}


def _require(context: Context, connection: Connection, arn: str) -> None:
    name = arn.removeprefix(rule_arn(context.account, ""))
    if name == arn or event_rules.get(connection, name) is None:
        raise ResourceNotFound(f"Resource {arn} does not exist.")
