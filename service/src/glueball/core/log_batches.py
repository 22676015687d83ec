"""Which events of a PutLogEvents batch are taken.

The rules: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
Times are milliseconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from glueball.core.errors import AwsError

DAY_MS = 24 * 60 * 60 * 1000
MAX_AHEAD_MS = 2 * 60 * 60 * 1000
_MAX_AGE_MS = 14 * DAY_MS
#: what AWS counts for each event beside its message
EVENT_OVERHEAD_BYTES = 26
_MAX_BATCH_BYTES = 1_048_576
#: of one event, overhead included
_MAX_EVENT_BYTES = 262_144


class InvalidBatch(AwsError):
    """The batch as a whole is refused."""

    code = "InvalidParameterException"


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One event as a client sends it."""

    timestamp: int
    message: str

    @property
    def size(self) -> int:
        """Bytes, as AWS counts them."""
        return len(self.message.encode("utf-8", "replace")) + EVENT_OVERHEAD_BYTES


@dataclass(frozen=True, kw_only=True, slots=True)
class Sorted:
    """A batch, divided: events are in order of time, so two numbers say it."""

    accepted: Sequence[Event]
    #: how many at the front are older than 14 days
    too_old: int
    #: how many at the front are older than the group keeps events
    expired: int
    #: index of the first that is more than two hours ahead; None where none is
    first_too_new: int | None


def sort_out(events: Sequence[Event], *, now: int, retention_days: int | None) -> Sorted:
    """Divide a batch into what is taken and what is rejected.

    Args:
        events: at least one.
        now: the time of the request.
        retention_days: of the log group; None keeps events for ever.

    Raises:
        InvalidBatch: too many bytes, not in order of time, or more than a day from first to last.
    """
    _check_sizes(events)
    if any(later.timestamp < earlier.timestamp for earlier, later in pairwise(events)):
        raise InvalidBatch(
            "Log events in a single PutLogEvents request must be in chronological order."
        )
    kept_since = 0 if retention_days is None else now - retention_days * DAY_MS
    too_old = sum(event.timestamp < now - _MAX_AGE_MS for event in events)
    expired = sum(event.timestamp < kept_since for event in events)
    too_new = sum(event.timestamp > now + MAX_AHEAD_MS for event in events)
    accepted = events[max(too_old, expired) : len(events) - too_new]
    if accepted and accepted[-1].timestamp - accepted[0].timestamp > DAY_MS:
        raise InvalidBatch(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 "
            "hours."
        )
    return Sorted(
        accepted=accepted,
        too_old=too_old,
        expired=expired,
        first_too_new=len(events) - too_new if too_new else None,
    )


def _check_sizes(events: Sequence[Event]) -> None:
    sizes = [event.size for event in events]
    if max(sizes) > _MAX_EVENT_BYTES:
        raise InvalidBatch(
            f"Log event too large: {max(sizes)} bytes exceeds limit of {_MAX_EVENT_BYTES}"
        )
    if sum(sizes) > _MAX_BATCH_BYTES:
        raise InvalidBatch(
            f"Upload too large: {sum(sizes)} bytes exceeds limit of {_MAX_BATCH_BYTES}"
        )
