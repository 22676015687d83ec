from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from glueball.api.context import Context
from glueball.api.events.entries import put_events
from glueball.core.errors import ValidationFailed
from glueball.stores import events

_GOOD = {"Source": "my.app", "DetailType": "Thing Done", "Detail": '{"a": 1}'}


def put(context: Context, *entries: dict[str, Any]) -> dict[str, Any]:
    request: Any = {"Entries": list(entries)}
    return put_events(context, request)


def kept(context: Context) -> list[Any]:
    with context.database.read() as connection:
        return [event for _, event in events.undelivered(connection, 100)]


def test_events_are_kept_and_the_engine_is_woken(context: Context) -> None:
    rung: list[bool] = []
    context = replace(context, wake=lambda: rung.append(True))
    answer = put(context, _GOOD, {**_GOOD, "Time": 5.0, "Resources": ["arn:x"]})
    first, second = kept(context)
    assert answer == {
        "FailedEntryCount": 0,
        "Entries": [{"EventId": first.id}, {"EventId": second.id}],
    }
    assert first.id != second.id and len(first.id) == 36
    assert (first.detail, first.time) == ({"a": 1}, context.clock.now())
    assert (second.time, second.resources) == (5.0, ("arn:x",))
    assert rung


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"Source": None}, "InvalidArgument", "Source is a required argument"),
        ({"DetailType": ""}, "InvalidArgument", "DetailType is a required argument"),
        ({"Detail": None}, "InvalidArgument", "Detail is a required argument"),
        ({"Detail": "a=1"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": "[1]"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '{"a":' * 20_000}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '{"a":' * 20_000 + "1" + "}" * 20_000}, "MalformedDetail", "malformed"),
        ({"Detail": '{"a":' + "[" * 900 + "]" * 900 + "}"}, "MalformedDetail", "malformed"),
        ({"Detail": '{"a": ' + "9" * 5000 + "}"}, "MalformedDetail", "malformed"),
        ({"Detail": '{"a": "\\ud800"}'}, "MalformedDetail", "malformed"),
        ({"Source": "aws.s3"}, "NotAuthorizedForSourceException", "Not authorized"),
        ({"EventBusName": "orders"}, "ResourceNotFoundException", "Event bus orders"),
    ],
)
def test_what_is_wrong_with_one_entry_is_said_of_it(
    context: Context, changes: dict[str, Any], code: str, says: str
) -> None:
    wrong = {name: value for name, value in {**_GOOD, **changes}.items() if value is not None}
    answer = put(context, wrong, _GOOD)
    assert answer["FailedEntryCount"] == 1
    refused, accepted = answer["Entries"]
    assert refused["ErrorCode"] == code and says in refused["ErrorMessage"]
    assert [event.id for event in kept(context)] == [accepted["EventId"]]


def test_a_request_that_is_too_large_is_refused_whole(context: Context) -> None:
    large = {**_GOOD, "Detail": '{"a": "' + "x" * 150_000 + '"}'}
    with pytest.raises(ValidationFailed, match="Total size of the entries"):
        put(context, large, large)
    assert kept(context) == []
