"""Triggers: what starts jobs, and in which state it may do so.

https://docs.aws.amazon.com/glue/latest/dg/about-triggers.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from glueball.core.errors import InvalidInput
from glueball.core.predicates import Watched, check_predicate, watched
from glueball.core.schedules import parse_schedule, require_due
from glueball.core.trigger_actions import check_actions, started_jobs


class TriggerType(StrEnum):
    #: at the times of a schedule
    SCHEDULED = "SCHEDULED"
    #: when the jobs or crawlers that it watches have ended as its predicate says
    CONDITIONAL = "CONDITIONAL"
    #: when it is asked to
    ON_DEMAND = "ON_DEMAND"
    #: when enough events have come, or some have waited long enough
    EVENT = "EVENT"


class TriggerState(StrEnum):
    """AWS's TriggerState, as far as a trigger can be seen in it: ours change at once."""

    CREATED = "CREATED"
    ACTIVATED = "ACTIVATED"
    DEACTIVATED = "DEACTIVATED"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trigger:
    """A trigger, as the store keeps it."""

    name: str
    type: TriggerType
    state: TriggerState
    workflow_name: str | None
    schedule: str | None  #: `cron(…)` or `rate(…)`, as it was written
    created: float  #: epoch seconds
    modified: float
    #: when it was activated last: `rate(…)` counts from here; None while it is not active
    activated: float | None
    #: when it is to fire next; None unless it is SCHEDULED and ACTIVATED and fires ever again
    next_due: float | None
    #: Description, Actions, Predicate and EventBatchingCondition
    document: Mapping[str, Any]

    @property
    def actions(self) -> tuple[Mapping[str, Any], ...]:
        """What it starts, each one AWS's `Action` shape."""
        return tuple(self.document.get("Actions", ()))

    @property
    def watched(self) -> tuple[Watched, ...]:
        """The jobs and crawlers whose ends its predicate speaks of, each once."""
        return tuple(dict.fromkeys(watched(self.document.get("Predicate", {}))))

    @property
    def named_jobs(self) -> tuple[str, ...]:
        """The jobs that it starts or watches, each once."""
        watches = (name for kind, name in self.watched if kind == "JOB")
        return tuple(dict.fromkeys([*started_jobs(self.actions), *watches]))


#: types that are activated and deactivated; the others stay CREATED (about-triggers.html)
_WITH_ACTIVATION = frozenset({TriggerType.SCHEDULED, TriggerType.CONDITIONAL})
#: what only triggers of one type have
_OWN_MEMBERS: Mapping[str, TriggerType] = {
    "Schedule": TriggerType.SCHEDULED,
    "Predicate": TriggerType.CONDITIONAL,
    "EventBatchingCondition": TriggerType.EVENT,
}
_DOCUMENT = ("Description", "Actions", "Predicate", "EventBatchingCondition")


def define(members: Mapping[str, Any], now: float) -> Trigger:
    """Make the trigger that a client asks for, CREATED or, with StartOnCreation, ACTIVATED.

    Args:
        members: those of CreateTrigger.
        now: epoch seconds.

    Raises:
        InvalidInput: the members contradict each other or AWS's limits.
        ResourceNumberLimitExceeded: it would start more jobs than a trigger can.
    """
    kind = TriggerType(members["Type"])
    if kind is TriggerType.EVENT and "WorkflowName" not in members:
        raise InvalidInput(
            "Workflow name cannot be null or empty: an EVENT trigger is the start of a workflow."
        )
    at_once = bool(members.get("StartOnCreation"))
    if at_once and kind not in _WITH_ACTIVATION:
        raise InvalidInput(
            f"Starting trigger on create is not supported for {kind} trigger type. Leave "
            "StartOnCreation out."
        )
    trigger = Trigger(
        name=members["Name"],
        type=kind,
        state=TriggerState.CREATED,
        workflow_name=members.get("WorkflowName"),
        schedule=None,
        created=now,
        modified=now,
        activated=None,
        next_due=None,
        document={},
    )
    defined = _with_definition(trigger, members, now)
    return activate(defined, now) if at_once else defined


def update(trigger: Trigger, members: Mapping[str, Any], now: float) -> Trigger:
    """Replace the definition of a trigger, as UpdateTrigger does; its state stays.

    "This object updates the previous trigger definition by overwriting it completely"
    (API_TriggerUpdate). What a trigger cannot be without has nothing to be overwritten with, so it
    is kept when it is left out: Actions, a schedule, a predicate.

    Args:
        members: those of `TriggerUpdate`.
        now: epoch seconds.

    Raises:
        InvalidInput: the members contradict each other, the trigger or AWS's limits.
        ResourceNumberLimitExceeded: it would start more jobs than a trigger can.
    """
    if members.get("Name", trigger.name) != trigger.name:
        raise InvalidInput(
            f"The name of a trigger cannot be changed: TriggerUpdate.Name is reserved. Create "
            f"{members['Name']} and delete {trigger.name}."
        )
    kept: dict[str, Any] = {"Schedule": trigger.schedule, **trigger.document}
    kept = {name: kept[name] for name in ("Actions", "Schedule", "Predicate") if kept.get(name)}
    changed = _with_definition(trigger, {**kept, **members}, now)
    if changed.state is TriggerState.ACTIVATED and changed.schedule != trigger.schedule:
        return _timed(changed, now)
    return changed


def activate(trigger: Trigger, now: float) -> Trigger:
    """Let a SCHEDULED or CONDITIONAL trigger fire from now on.

    One that is ACTIVATED stays as it is, its rate() counts on: a client that lost the answer may
    ask again.

    Args:
        now: epoch seconds.

    Raises:
        InvalidInput: nobody but events starts this type, or its schedule is over.
    """
    if trigger.type not in _WITH_ACTIVATION:
        raise InvalidInput(
            f"Trigger Type {trigger.type} cannot be started: the events that it waits for fire it."
        )
    if trigger.state is TriggerState.ACTIVATED:
        return trigger
    return _timed(replace(trigger, state=TriggerState.ACTIVATED, modified=now), now)


def deactivate(trigger: Trigger, now: float) -> Trigger:
    """Let a trigger fire no more until it is activated again.

    One that is DEACTIVATED stays so: a client that lost the answer may ask again.

    Args:
        now: epoch seconds.

    Raises:
        InvalidInput: it has never been activated.
    """
    if trigger.state is TriggerState.CREATED:
        raise InvalidInput(
            "The operation is not allowed when trigger is in state: CREATED. Only a SCHEDULED or "
            "CONDITIONAL trigger that was started can be stopped."
        )
    if trigger.state is TriggerState.DEACTIVATED:
        return trigger
    return replace(
        trigger, state=TriggerState.DEACTIVATED, modified=now, activated=None, next_due=None
    )


def is_repeated(trigger: Trigger, again: Trigger) -> bool:
    """Tell whether `again`, as CreateTrigger asks for it, is what `trigger` is already."""
    same = (trigger.type, trigger.workflow_name, trigger.schedule, trigger.document) == (
        again.type,
        again.workflow_name,
        again.schedule,
        again.document,
    )
    wants_more = (
        again.state is TriggerState.ACTIVATED and trigger.state is not TriggerState.ACTIVATED
    )
    return same and not wants_more


def _with_definition(trigger: Trigger, members: Mapping[str, Any], now: float) -> Trigger:
    _check_own_members(trigger.type, members)
    check_actions(members.get("Actions") or ())
    if trigger.type is TriggerType.SCHEDULED:
        _check_schedule(members.get("Schedule"), trigger.schedule, now)
    if trigger.type is TriggerType.CONDITIONAL:
        _check_predicate(members)
    return replace(
        trigger,
        schedule=members.get("Schedule") or None,
        modified=now,
        document={name: members[name] for name in _DOCUMENT if members.get(name)},
    )


def _check_own_members(kind: TriggerType, members: Mapping[str, Any]) -> None:
    for name, owner in _OWN_MEMBERS.items():
        if members.get(name) and kind is not owner:
            raise InvalidInput(
                f"{name} is for triggers of type {owner}; this one is {kind} and would never look "
                f"at it. Leave {name} out, or choose the type {owner}."
            )


def _check_schedule(schedule: str | None, before: str | None, now: float) -> None:
    """Check a schedule; one that the trigger had before may be over."""
    if not schedule:
        raise InvalidInput(
            "Schedule cannot be null or empty: a SCHEDULED trigger needs one, cron(15 12 * * ? *) "
            "for every day at 12:15 UTC."
        )
    understood = parse_schedule(schedule)
    if schedule != before:
        require_due(understood, now)


def _check_predicate(members: Mapping[str, Any]) -> None:
    predicate = members.get("Predicate")
    if not predicate:
        raise InvalidInput(
            "Predicate cannot be null or empty: a CONDITIONAL trigger waits for the end of jobs or "
            "crawlers, which Predicate.Conditions name."
        )
    check_predicate(predicate)
    both = _ends(members["Actions"]) & set(watched(predicate))
    if both:
        kind, name = min(both)
        raise InvalidInput(
            f"{kind.capitalize()} cannot be a Predicate and Action for Conditional Trigger. "
            f"{name} would start itself over and over."
        )


def _ends(actions: Iterable[Mapping[str, Any]]) -> set[Watched]:
    """Name what ends when actions have been carried out."""
    return {
        ("JOB", action["JobName"]) if "JobName" in action else ("CRAWLER", action["CrawlerName"])
        for action in actions
    }


def _timed(trigger: Trigger, now: float) -> Trigger:
    """Let the schedule of an activated trigger, if it has one, count from now."""
    if trigger.schedule is None:
        return replace(trigger, activated=now)
    schedule = parse_schedule(trigger.schedule)
    require_due(schedule, now)
    return replace(trigger, activated=now, next_due=schedule.next_after(now, now))
