"""What a job or a crawler that ends will set off: the STANDARD runs that follow in its chain.

Both are parts of a chain, and go by the name that their runs have (`crawls.part_name`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from glueball.core.forecast_known import KnownStart
from glueball.core.pool import FLEX


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedRun:
    """A run that a trigger will start."""

    job_name: str  #: of the part
    execution_class: str
    dpus: float
    likely_seconds: float
    careful_seconds: float

    def starting(self, at: float, late_by: float = 0.0) -> KnownStart:
        """Return this run as one that starts at `at`, or so many seconds later."""
        return KnownStart(
            at=at,
            dpus=self.dpus,
            seconds=late_by + self.careful_seconds,
            job_name=self.job_name,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Follower:
    """A conditional trigger. Which end of a part it waits for is not asked: what may start
    counts."""

    watched: tuple[str, ...]  #: names of parts
    any_of_them: bool  #: else it waits for all of them
    starts: tuple[PlannedRun, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PartEnd:
    """When a run of a part will end."""

    likely: float  #: epoch seconds
    late_by: float  #: seconds that it may take longer, with caution


def followers_after(
    ends: Mapping[str, PartEnd], followers: Sequence[Follower], *, others_ended: bool
) -> list[KnownStart]:
    """Return the STANDARD runs that will follow in a chain, and those that follow them.

    Args:
        ends: when the runs of the chain that go on will end, by the names of their parts.
        followers: the triggers of the chain; each fires once.
        others_ended: parts that are watched and do not run have ended already, as in a chain that
            is under way; else nothing that waits for one of them fires.

    Returns:
        In order of time.
    """
    known = dict(ends)
    found: list[KnownStart] = []
    waiting = list(followers)
    fired = True
    while fired:
        fired = False
        for follower in tuple(waiting):
            end = _fires_at(follower, known, others_ended=others_ended)
            if end is None or not _is_complete(follower, waiting, known):
                continue
            waiting.remove(follower)
            fired = True
            for run in follower.starts:
                if run.execution_class != FLEX:
                    found.append(run.starting(end.likely, end.late_by))
                late_by = end.late_by + run.careful_seconds - run.likely_seconds
                known.setdefault(
                    run.job_name, PartEnd(likely=end.likely + run.likely_seconds, late_by=late_by)
                )
    return sorted(found, key=lambda start: start.at)


def _fires_at(
    follower: Follower, ends: Mapping[str, PartEnd], *, others_ended: bool
) -> PartEnd | None:
    there = [ends[name] for name in follower.watched if name in ends]
    if not there:
        return None
    if follower.any_of_them:
        return min(there, key=lambda end: end.likely)
    if len(there) < len(follower.watched) and not others_ended:
        return None
    return max(there, key=lambda end: end.likely)


def _is_complete(
    follower: Follower, waiting: Sequence[Follower], ends: Mapping[str, PartEnd]
) -> bool:
    """Tell whether no part that a follower waits for is yet to be started by another one."""
    missing = {name for name in follower.watched if name not in ends}
    if not missing or follower.any_of_them:
        return True
    to_come = {
        run.job_name
        for other in waiting
        if other is not follower and any(name in ends for name in other.watched)
        for run in other.starts
    }
    return not missing & to_come
