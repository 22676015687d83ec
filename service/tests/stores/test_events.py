from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from glueball.core.events import Event
from glueball.stores import event_rules, events, trigger_events
from glueball.stores.database import Database
from glueball.stores.event_rules import Rule, Target


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sa.Connection]:
    database = Database(tmp_path / "glueball.db")
    with database.write() as connection:
        yield connection
    database.close()


def _event(event_id: str) -> Event:
    return Event(
        id=event_id,
        time=1.5,
        source="my.app",
        detail_type="Thing Done",
        resources=("arn:x",),
        detail={"a": [1, {"b": None}]},
    )


def _undelivered(connection: sa.Connection, most: int = 100) -> list[str]:
    return [event.id for _, event in events.undelivered(connection, most)]


def test_an_event_comes_back_as_it_was(connection: sa.Connection) -> None:
    assert events.append(connection, _event("e1"))
    assert [event for _, event in events.undelivered(connection, 10)] == [_event("e1")]
    assert events.get(connection, "e1") == _event("e1")
    assert events.get(connection, "e2") is None


def test_what_was_written_before_is_not_written_again(connection: sa.Connection) -> None:
    assert events.append(connection, _event("e1"))
    assert not events.append(connection, _event("e1"))
    assert _undelivered(connection) == ["e1"]


def test_events_are_delivered_in_order_each_once(connection: sa.Connection) -> None:
    for name in ("a", "b", "c"):
        events.append(connection, _event(name))
    first = events.undelivered(connection, 2)
    assert [event.id for _, event in first] == ["a", "b"]
    events.delivered(connection, first[-1][0])
    assert _undelivered(connection) == ["c"]
    events.delivered(connection, events.undelivered(connection, 2)[-1][0])
    assert not events.any_undelivered(connection)
    events.append(connection, _event("d"))
    assert events.any_undelivered(connection)
    assert _undelivered(connection) == ["d"]


def test_old_events_are_forgotten_and_positions_go_on(
    connection: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_KEPT", 1)
    for number in range(20):
        events.append(connection, _event(str(number)))
        events.delivered(connection, events.undelivered(connection, 1)[-1][0])
        assert not events.any_undelivered(connection)
    assert [event.id for event in events.by_source(connection, "my.app", limit=10)] == ["19"]


def test_rules_are_replaced_whole_and_their_names_are_case_sensitive(
    connection: sa.Connection,
) -> None:
    assert event_rules.next_due(connection) is None
    for name in ("A_1", "a_1", "a12", "b"):
        event_rules.put(connection, Rule(name=name, enabled=True, pattern="{}", document={}))
    rule = Rule(name="b", enabled=False, pattern='{"a":["b"]}', document={"Description": "d"})
    event_rules.put(connection, rule)
    assert event_rules.get(connection, "b") == rule
    # an underscore stands for itself
    page = event_rules.page(connection, prefix="a_", after="", limit=9)
    assert [one.name for one in page] == ["a_1"]
    page = event_rules.page(connection, prefix="", after="A_1", limit=2)
    assert [one.name for one in page] == ["a12", "a_1"]


def test_only_rules_that_are_on_and_lead_somewhere_count(connection: sa.Connection) -> None:
    for name, enabled in (("on", True), ("off", False), ("nowhere", True)):
        event_rules.put(connection, Rule(name=name, enabled=enabled, pattern="{}", document={}))
    for name in ("on", "off"):
        target = Target(rule_name=name, id="1", arn="arn:w", document={"Id": "1", "Arn": "arn:w"})
        event_rules.put_target(connection, target)
    assert [rule.name for rule in event_rules.enabled(connection)] == ["on"]
    assert event_rules.names_by_target(connection, "arn:w", after="", limit=9) == ["off", "on"]
    event_rules.delete(connection, "on")
    assert event_rules.targets(connection, "on") == []


def test_what_waits_for_a_trigger_is_taken_from_the_front(connection: sa.Connection) -> None:
    for number in range(3):
        trigger_events.add(connection, "t", f"e{number}", 10.0 + number)
        trigger_events.add(connection, "u", f"f{number}", 20.0)
    assert trigger_events.waiting(connection) == [("t", 3, 10.0), ("u", 3, 20.0)]
    assert trigger_events.take(connection, "t", 2) == ["e0", "e1"]
    assert trigger_events.waiting(connection) == [("t", 1, 12.0), ("u", 3, 20.0)]
    trigger_events.drop(connection, "u")
    assert trigger_events.take(connection, "t", 2) == ["e2"]
    assert trigger_events.take(connection, "t", 2) == []
    assert trigger_events.waiting(connection) == []
