from __future__ import annotations

import pytest

from glueball.api.context import Context
from glueball.api.glue import jobs, tags
from glueball.core.errors import EntityNotFound, InvalidInput, ResourceNumberLimitExceeded

_ARN = "arn:aws:glue:us-east-1:123456789012:job/etl"


@pytest.fixture(autouse=True)
def _job(context: Context) -> None:
    jobs.create_job(
        context,
        {"Name": "etl", "Role": "r", "Command": {"Name": "glueetl"}, "Tags": {"a": "1"}},
    )


def test_tags_are_set_and_taken_away(context: Context) -> None:
    tags.tag_resource(context, {"ResourceArn": _ARN, "TagsToAdd": {"a": "2", "b": "3"}})
    assert tags.get_tags(context, {"ResourceArn": _ARN}) == {"Tags": {"a": "2", "b": "3"}}
    tags.untag_resource(context, {"ResourceArn": _ARN, "TagsToRemove": ["a", "none"]})
    assert tags.get_tags(context, {"ResourceArn": _ARN}) == {"Tags": {"b": "3"}}


def test_fifty_tags_are_the_limit(context: Context) -> None:
    more = {f"key-{number}": "" for number in range(50)}
    with pytest.raises(ResourceNumberLimitExceeded, match="50"):
        tags.tag_resource(context, {"ResourceArn": _ARN, "TagsToAdd": more})
    assert tags.get_tags(context, {"ResourceArn": _ARN}) == {"Tags": {"a": "1"}}


@pytest.mark.parametrize(
    ("arn", "error"),
    [
        ("arn:aws:glue:us-east-1:123456789012:job/none", EntityNotFound),
        ("arn:aws:glue:us-east-1:123456789012:crawler/etl", EntityNotFound),
        ("arn:aws:glue:us-east-1:999999999999:job/etl", InvalidInput),  # another account
        ("etl", InvalidInput),
        ("arn:aws:glue:us-east-1:123456789012:job/", InvalidInput),
    ],
)
def test_arns_that_name_nothing(context: Context, arn: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        tags.get_tags(context, {"ResourceArn": arn})
