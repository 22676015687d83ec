"""The runs that wait, in order of arrival, without reading thousands of them in every round.

The store is the truth: each look compares how many wait and which came last, and reads what is
new. A run that is missing was stopped meanwhile.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from glueball.core.runs import ExecutionClass, WaitingRun
from glueball.stores import runs

_FLEX = ExecutionClass.FLEX.value


class WaitingLine:
    """Waiting runs by class."""

    def __init__(self) -> None:
        self.version = 0  #: another number after every change
        self._forget()

    def _forget(self) -> None:
        self._last = 0  # the highest sequence that was seen
        self.version += 1
        self.standard: dict[str, WaitingRun] = {}
        self.flex: dict[str, WaitingRun] = {}
        #: those of `flex` that have a deadline
        self.with_deadline: dict[str, WaitingRun] = {}
        #: runs that limits may keep back
        self.queued: set[str] = set()
        self._unexplained: deque[str] = deque()

    def __len__(self) -> int:
        return len(self.standard) + len(self.flex)

    def __iter__(self) -> Iterator[WaitingRun]:
        """Give all runs in order of arrival."""
        return iter(sorted((*self.standard.values(), *self.flex.values()), key=_sequence))

    def find(self, run_id: str) -> WaitingRun | None:
        """Return the run with this id, if it waits."""
        return self.standard.get(run_id) or self.flex.get(run_id)

    def look(self, connection: sa.Connection) -> None:
        """Bring the line up to date."""
        count, last = runs.count_waiting(connection)
        if last > self._last:
            for run in runs.waiting_behind(connection, self._last):
                self._add(run)
            self._last = last
        if len(self) != count:
            there = runs.waiting_places(connection)
            for run in tuple(self):
                if run.sequence not in there:
                    self.remove(run.id)
        if len(self) != count:  # a round that was undone has taken out runs that still wait
            self._forget()
            for run in runs.waiting_behind(connection, 0):
                self._add(run)
            self._last = last

    def _add(self, run: WaitingRun) -> None:
        self.version += 1
        if run.execution_class == _FLEX:
            self.flex[run.id] = run
            if run.deadline is not None:
                self.with_deadline[run.id] = run
        else:
            self.standard[run.id] = run
        if run.queued:
            self.queued.add(run.id)
        if run.state_detail is None:
            self._unexplained.append(run.id)

    def remove(self, run_id: str) -> None:
        """Take out a run that waits no longer."""
        self.version += 1
        for runs_of in (self.standard, self.flex, self.with_deadline):
            runs_of.pop(run_id, None)
        self.queued.discard(run_id)

    def unexplained(self, most: int) -> Iterator[WaitingRun]:
        """Give up to `most` runs of which nothing was said yet; each of them once."""
        for _ in range(min(most, len(self._unexplained))):
            run = self.find(self._unexplained.popleft())
            if run is not None and run.state_detail is None:
                yield run

    def changed(self, reasons: Mapping[str, str]) -> dict[str, str]:
        """Remember why runs wait.

        Returns:
            The reasons that are new, by the runs' ids.
        """
        new: dict[str, str] = {}
        for run_id, reason in reasons.items():
            run = self.find(run_id)
            if run is not None and run.state_detail != reason:
                new[run_id] = reason
                explained = run._replace(state_detail=reason)
                for runs_of in (self.standard, self.flex, self.with_deadline):
                    if run_id in runs_of:
                        runs_of[run_id] = explained
        return new


def _sequence(run: WaitingRun) -> int:
    return run.sequence
