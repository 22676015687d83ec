"""Events: what this service announces, in the words of EventBridge.

https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import NAMESPACE_URL, UUID, uuid5

from glueball.core.runs import Run, RunState

GLUE_SOURCE = "aws.glue"
STATE_CHANGE = "Glue Job State Change"
RUN_STATUS = "Glue Job Run Status"
SCHEDULER_SOURCE = "aws.events"
SCHEDULED = "Scheduled Event"

#: how grave each announced end is. AWS names the first four; ERROR (the job is gone) is announced
#: too, because a rule about failures should hear of it
_SEVERITIES: Mapping[RunState, str] = {
    RunState.SUCCEEDED: "INFO",
    RunState.FAILED: "ERROR",
    RunState.TIMEOUT: "WARN",
    RunState.STOPPED: "INFO",
    RunState.ERROR: "ERROR",
}
_MESSAGES: Mapping[RunState, str] = {
    RunState.SUCCEEDED: "Job run succeeded",
    RunState.TIMEOUT: "Job run timed out",
    RunState.STOPPED: "Job run stopped",
}


class _Account(Protocol):
    @property
    def account_id(self) -> str: ...
    @property
    def region(self) -> str: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that has happened."""

    id: str
    time: float  #: epoch seconds
    source: str
    detail_type: str
    resources: tuple[str, ...]
    detail: Mapping[str, Any]


def envelope(event: Event, account: _Account) -> dict[str, Any]:
    """Return an event as targets get it and as patterns see it."""
    return {
        "version": "0",
        "id": event.id,
        "detail-type": event.detail_type,
        "source": event.source,
        "account": account.account_id,
        "time": instant(event.time),
        "region": account.region,
        "resources": list(event.resources),
        "detail": event.detail,
    }


def state_change(run: Run, now: float) -> Event | None:
    """Return what is announced of a run that has ended; None where AWS is silent (EXPIRED).

    The id comes from the run and its state, so what is told twice is one event.
    """
    severity = _SEVERITIES.get(run.state)
    if severity is None:
        return None
    detail = {
        "jobName": run.job_name,
        "severity": severity,
        "state": run.state.value,
        "jobRunId": run.id,
        "message": _MESSAGES.get(run.state) or run.error_message or "Job run failed",
    }
    return event_of_run(run, STATE_CHANGE, detail, now)


def delay(run: Run, delay_minutes: int, now: float) -> Event:
    """Return what is announced of a run that takes longer than its NotifyDelayAfter."""
    detail = {
        "jobName": run.job_name,
        "severity": "INFO",
        "notificationCondition": {"NotifyDelayAfter": float(delay_minutes)},
        "state": run.state.value,
        "jobRunId": run.id,
        "message": f"Job is in {run.state} state",
        "startedOn": instant(run.started or run.submitted, "milliseconds"),
    }
    return event_of_run(run, RUN_STATUS, detail, now)


def scheduled(arn: str, due: float) -> Event:
    """Return the event of a rule that is due by its schedule.

    Args:
        arn: of the rule.
        due: epoch seconds. The same rule and time are the same event, however often it is told.
    """
    return Event(
        id=str(uuid5(NAMESPACE_URL, f"{arn} {due}")),
        time=due,
        source=SCHEDULER_SOURCE,
        detail_type=SCHEDULED,
        resources=(arn,),
        detail={},
    )


def random_id(hex_digits: str) -> str:
    """Return an event's id made of (the last 32) random hex digits."""
    return str(UUID(hex_digits[-32:]))


def instant(epoch: float, precision: str = "seconds") -> str:
    """Write epoch seconds as events have them: 2017-09-07T18:57:21Z."""
    moment = datetime.fromtimestamp(epoch, UTC)
    return moment.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def event_of_run(run: Run, detail_type: str, detail: Mapping[str, Any], now: float) -> Event:
    """Return an event about a run; the same run, state and type are the same event."""
    return Event(
        id=str(uuid5(NAMESPACE_URL, f"{detail_type} {run.id} {run.state}")),
        time=now,
        source=GLUE_SOURCE,
        detail_type=detail_type,
        resources=(),
        detail=detail,
    )
