"""Tags of Glue resources. https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-tags.html"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.core.arns import in_region, parse_arn
from glueball.core.deadlines import check_deadline
from glueball.core.errors import EntityNotFound, ResourceNumberLimitExceeded
from glueball.stores import crawlers, jobs, tags, triggers, workflows
from glueball.stores.catalog import connections, databases

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        GetTagsRequestTypeDef,
        TagResourceRequestTypeDef,
        UntagResourceRequestTypeDef,
    )
    from sqlalchemy import Connection

MAX_TAGS = 50
#: what can have tags: how each kind is found by its name
_FIND: Mapping[str, Callable[[Connection, str], object | None]] = {
    "job": jobs.get,
    "trigger": triggers.get,
    "workflow": workflows.get,
    "crawler": crawlers.get,
    "database": databases.get,
    "connection": connections.get,
}


def tag_resource(context: Context, request: TagResourceRequestTypeDef) -> dict[str, Any]:
    """Set tags of a resource; at most 50 in all.

    Raises:
        InvalidInput: a job gets a deadline that is no time of the day.
    """
    arn = _own(context, request["ResourceArn"])
    if parse_arn(context, arn)[0] == "job":
        check_deadline(request["TagsToAdd"])
    with context.database.write_behind() as connection:
        _require(context, connection, arn)
        if len(tags.get(connection, arn).keys() | request["TagsToAdd"].keys()) > MAX_TAGS:
            raise ResourceNumberLimitExceeded(f"A resource can have {MAX_TAGS} tags, no more.")
        tags.add(connection, arn, request["TagsToAdd"])
    return {}


def untag_resource(context: Context, request: UntagResourceRequestTypeDef) -> dict[str, Any]:
    """Take tags of a resource away."""
    arn = _own(context, request["ResourceArn"])
    with context.database.write_behind() as connection:
        _require(context, connection, arn)
        tags.remove(connection, arn, request["TagsToRemove"])
    return {}


def get_tags(context: Context, request: GetTagsRequestTypeDef) -> dict[str, Any]:
    """Show the tags of a resource."""
    arn = _own(context, request["ResourceArn"])
    with context.database.read() as connection:
        _require(context, connection, arn)
        return {"Tags": tags.get(connection, arn)}


def _own(context: Context, arn: str) -> str:
    """Return an ARN as its tags are kept: of the account's own region."""
    return in_region(arn, context.account.region)


def _require(context: Context, connection: Connection, arn: str) -> None:
    kind, name = parse_arn(context, arn)
    find = _FIND.get(kind)
    if find is None or find(connection, name) is None:
        raise EntityNotFound(f"Resource not found: {arn}")
