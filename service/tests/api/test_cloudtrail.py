from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from glueball.api.cloudtrail import (
    InvalidLookupAttributes,
    InvalidNextToken,
    InvalidTimeRange,
    lookup_events,
)
from glueball.api.context import Context
from glueball.orchestration.event_delivery import proceed
from glueball.stores import notifications
from support.contexts import make_context
from support.event_rules import add_event, add_rule, event_trigger
from support.runs import BASE_TIME
from support.workflows import add_all


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    context = make_context(tmp_path)
    yield context
    context.database.close()


def tell(context: Context, *names: str, **event: Any) -> None:
    """Let events start the workflow "w"."""
    with context.database.write() as connection:
        for name in names:
            add_event(connection, name, **event)
        proceed(connection, context.account, BASE_TIME, most=100)


@pytest.fixture(autouse=True)
def _workflow(context: Context) -> None:
    with context.database.write() as connection:
        add_all(connection, event_trigger())
        add_rule(connection, context.account)


def ids(answer: dict[str, Any]) -> list[str]:
    payloads = [
        json.loads(event["CloudTrailEvent"])["requestParameters"]["eventPayload"]
        for event in answer["Events"]
    ]
    return [payload["eventId"] for payload in payloads]


def test_a_script_finds_what_started_its_workflow(context: Context) -> None:
    detail = {"bucket": {"name": "b"}, "object": {"key": "k"}}
    tell(context, "e-1", detail=detail)
    tell(context, "e-2", source="nobody.listens")
    by_name = {"AttributeKey": "EventName", "AttributeValue": "NotifyEvent"}
    answer = lookup_events(
        context,
        {"LookupAttributes": [by_name], "StartTime": BASE_TIME - 300, "EndTime": BASE_TIME},
    )
    (event,) = answer["Events"]
    payload = json.loads(event["CloudTrailEvent"])["requestParameters"]["eventPayload"]
    assert payload["eventId"] == "e-1"
    assert json.loads(payload["eventBody"])["detail"] == detail
    assert event["EventTime"] == BASE_TIME


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("EventName", "StartJobRun", 0),
        ("EventSource", "glue.amazonaws.com", 1),
        ("ResourceName", "w", 1),
        ("ResourceName", "v", 0),
        ("ReadOnly", "true", 0),
    ],
)
def test_what_is_looked_for(context: Context, key: str, value: str, found: int) -> None:
    tell(context, "e-1")
    wanted = {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]}
    assert len(lookup_events(context, wanted)["Events"]) == found


def test_times_and_pages(context: Context) -> None:
    tell(context, *(f"e-{number}" for number in range(5)))
    seen, token = [], None
    while True:
        more: dict[str, Any] = {} if token is None else {"NextToken": token}
        answer = lookup_events(context, {"MaxResults": 2, **more})
        seen += ids(answer)
        token = answer.get("NextToken")
        if token is None:
            break
    assert seen == ["e-4", "e-3", "e-2", "e-1", "e-0"]
    assert lookup_events(context, {"EndTime": BASE_TIME - 1})["Events"] == []
    assert lookup_events(context, {"StartTime": BASE_TIME})["Events"] != []


def test_requests_that_cannot_be(context: Context) -> None:
    attribute = {"AttributeKey": "EventName", "AttributeValue": "x"}
    for request, error in (
        ({"LookupAttributes": [attribute, attribute]}, InvalidLookupAttributes),
        ({"StartTime": 2.0, "EndTime": 1.0}, InvalidTimeRange),
        ({"NextToken": "x"}, InvalidNextToken),
    ):
        with pytest.raises(error):
            lookup_events(context, request)


def test_only_so_many_are_kept(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "_KEPT", 2)
    tell(context, "e-1", "e-2", "e-3")
    assert ids(lookup_events(context, {})) == ["e-3", "e-2"]
