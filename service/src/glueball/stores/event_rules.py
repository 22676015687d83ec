"""EventBridge's rules and their targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from glueball.stores import sealing
from glueball.stores.event_tables import event_rules, event_targets
from glueball.stores.lookups import Lookup


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """Which events go to the targets of the rule."""

    name: str
    enabled: bool
    pattern: str | None  #: as it was written
    document: Mapping[str, Any]  #: AWS's Description and RoleArn, where they were given
    schedule: str | None = None  #: as it was written
    anchor: float | None = None  #: since when a `rate(…)` counts, epoch seconds
    next_due: float | None = None  #: None unless it has a schedule, is on and is due ever again


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where events go."""

    rule_name: str
    id: str  #: among the targets of its rule
    arn: str
    document: Mapping[str, Any]  #: AWS's `Target`, whole


_COLUMNS = tuple(field.name for field in fields(Rule))
_RULE = sa.select(*(event_rules.c[name] for name in _COLUMNS))
_NEXT_DUE = Lookup(
    sa.select(sa.func.min(event_rules.c.next_due)).where(event_rules.c.next_due.is_not(None))
)
_TARGET = sa.select(
    event_targets.c.rule_name, event_targets.c.id, event_targets.c.arn, event_targets.c.document
)


def get(connection: sa.Connection, name: str) -> Rule | None:
    """Return the rule called `name`, or None."""
    row = connection.execute(_RULE.where(event_rules.c.name == name)).first()
    return None if row is None else _rule(row)


def put(connection: sa.Connection, rule: Rule) -> None:
    """Add a rule, or put it in the place of the one that has its name."""
    values = {name: getattr(rule, name) for name in _COLUMNS}
    values["document"] = msgspec.json.encode(rule.document)
    statement = upsert(event_rules).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def delete(connection: sa.Connection, name: str) -> None:
    """Forget a rule and its targets; nothing happens where there is none."""
    connection.execute(sa.delete(event_targets).where(event_targets.c.rule_name == name))
    connection.execute(sa.delete(event_rules).where(event_rules.c.name == name))


def page(connection: sa.Connection, *, prefix: str, after: str, limit: int) -> list[Rule]:
    """Return up to `limit` rules in order of name, the first one behind the name `after`.

    Args:
        prefix: only names that begin like this.
    """
    query = _RULE.where(
        event_rules.c.name > after,
        sa.func.substr(event_rules.c.name, 1, len(prefix)) == prefix,  # LIKE would ignore case
    )
    rows = connection.execute(query.order_by(event_rules.c.name).limit(limit))
    return [_rule(row) for row in rows]


def enabled(connection: sa.Connection) -> list[Rule]:
    """Return the rules that are switched on and have a target."""
    has_target = sa.exists().where(event_targets.c.rule_name == event_rules.c.name)
    query = _RULE.where(event_rules.c.enabled, has_target).order_by(event_rules.c.name)
    return [_rule(row) for row in connection.execute(query)]


def next_due(connection: sa.Connection) -> float | None:
    """Return when the next rule is due by its schedule; None when none is."""
    row = _NEXT_DUE.first(connection)
    return None if row is None or row[0] is None else float(row[0])


def due(connection: sa.Connection, now: float) -> list[Rule]:
    """Return the rules that are due by their schedules."""
    query = _RULE.where(event_rules.c.next_due <= now).order_by(event_rules.c.next_due)
    return [_rule(row) for row in connection.execute(query)]


def put_target(connection: sa.Connection, target: Target) -> None:
    """Add a target, or put it in the place of the one of its rule that has its id."""
    values = {
        "rule_name": target.rule_name,
        "id": target.id,
        "arn": target.arn,
        "document": sealing.encode(connection, target.document),
    }
    statement = upsert(event_targets).values(values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["rule_name", "id"], set_=values)
    )


def remove_targets(connection: sa.Connection, rule_name: str, ids: Iterable[str]) -> None:
    """Take targets away from a rule, those of `ids` that are there."""
    connection.execute(
        sa.delete(event_targets).where(
            event_targets.c.rule_name == rule_name, event_targets.c.id.in_(list(ids))
        )
    )


def targets(
    connection: sa.Connection, rule_name: str, *, after: str = "", limit: int | None = None
) -> list[Target]:
    """Return the targets of a rule in order of id, the first one behind the id `after`."""
    query = _TARGET.where(event_targets.c.rule_name == rule_name, event_targets.c.id > after)
    rows = connection.execute(query.order_by(event_targets.c.id).limit(limit))
    return [_target(connection, row) for row in rows]


def names_by_target(connection: sa.Connection, arn: str, *, after: str, limit: int) -> list[str]:
    """Return the names of up to `limit` rules that have a target, in order, behind `after`."""
    query = (
        sa.select(event_targets.c.rule_name)
        .where(event_targets.c.arn == arn, event_targets.c.rule_name > after)
        .distinct()
        .order_by(event_targets.c.rule_name)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def _rule(row: Sequence[Any]) -> Rule:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["enabled"] = bool(values["enabled"])
    values["document"] = msgspec.json.decode(values["document"])
    return Rule(**values)


def _target(connection: sa.Connection, row: Sequence[Any]) -> Target:
    rule_name, target_id, arn, document = row
    decoded = sealing.decode(connection, document)
    return Target(rule_name=rule_name, id=target_id, arn=arn, document=decoded)
