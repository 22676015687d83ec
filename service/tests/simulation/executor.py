"""What stands for the machine in a simulation: processes, and a clock that people set.

Processes live in physical time, and go on when the service dies. Chance decides how long a script
runs and how it ends; everything comes from one seed.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

from glueball.launchers.launch import (
    Exited,
    ExitRecord,
    Launch,
    Lost,
    NotStarted,
    Observation,
    Running,
    Starting,
)


class Machine:
    """Physical time, and the clock on the wall, which may be set."""

    def __init__(self, wall: float) -> None:
        self.physical = 0.0
        self._offset = wall

    def now(self) -> float:
        """What the service reads: the clock on the wall."""
        return self.physical + self._offset

    def steady(self) -> float:
        return self.physical

    def pass_by(self, seconds: float) -> None:
        self.physical += seconds

    def set_clock(self, seconds: float) -> None:
        """Set the clock forward, or back."""
        self._offset += seconds


@dataclass(kw_only=True)
class Attempt:
    """The processes of one attempt, in physical time."""

    token: str
    began: float
    first_line: float
    end: float
    code: int
    is_lost: bool
    stopped: bool = False
    #: when the script commits its bookmark; a lost one does so when nobody believes in it any more
    commit: float
    started_at: float | None = None
    record: ExitRecord | None = None


class Executor:
    """Runs scripts that do nothing but take their time.

    Args:
        chance: decides everything.
        machine: whose time passes.
        grace_seconds: that a stopped script may take, at most.
    """

    def __init__(self, chance: random.Random, machine: Machine, grace_seconds: float) -> None:
        self._chance = chance
        self._machine = machine
        self._grace_seconds = grace_seconds
        self._attempts: dict[str, Attempt] = {}
        self._void: set[str] = set()
        self._commits: list[tuple[str, Attempt]] = []
        #: how often each attempt's script was really run, whatever was forgotten since
        self.executions: Counter[str] = Counter()

    def start(self, launch: Launch) -> None:
        if launch.run_id in self._attempts or launch.run_id in self._void:
            return
        self.executions[launch.run_id] += 1
        first_line = self._machine.physical + self._chance.choice((0.0, 0.3, 2.0))
        end = first_line + self._chance.lognormvariate(4.0, 1.2)
        is_lost = self._chance.random() < 0.05
        self._attempts[launch.run_id] = Attempt(
            token=launch.token,
            began=self._machine.physical,
            first_line=first_line,
            end=end,
            code=0 if self._chance.random() < 0.7 else 1,
            is_lost=is_lost,
            commit=end + 50.0 if is_lost else end - 0.001,
        )
        self._commits.append((launch.run_id, self._attempts[launch.run_id]))

    def observe(self, run_id: str) -> Observation:
        attempt = self._attempts.get(run_id)
        if attempt is None:
            return NotStarted()
        now = self._machine.physical
        if now >= attempt.first_line and attempt.started_at is None:
            attempt.started_at = self._machine.now() - (now - attempt.first_line)
        if now >= attempt.end:
            return Lost() if attempt.is_lost else Exited(record=self._record(attempt))
        if attempt.started_at is None:
            return Starting(since=attempt.began)
        return Running(started_at=attempt.started_at, since=attempt.first_line)

    def stop(self, run_id: str) -> None:
        attempt = self._attempts.get(run_id)
        if attempt is None:
            self._void.add(run_id)
        elif self._machine.physical < attempt.end and not attempt.stopped:
            attempt.stopped = True
            grace = self._chance.uniform(0.0, self._grace_seconds)
            attempt.end = min(attempt.end, self._machine.physical + grace)

    def sweep(self, live_run_ids: set[str]) -> None:
        for run_id in self._attempts.keys() - live_run_ids:
            self.clean(run_id)

    def clean(self, run_id: str) -> None:
        self._attempts.pop(run_id, None)
        self._void.discard(run_id)

    def alive(self) -> set[str]:
        """Name the attempts that have processes."""
        now = self._machine.physical
        return {run_id for run_id, attempt in self._attempts.items() if now < attempt.end}

    def seconds_of(self, run_id: str) -> float | None:
        """Return how long an attempt's processes have lived; None where there are none any more."""
        attempt = self._attempts.get(run_id)
        if attempt is None:
            return None
        return min(self._machine.physical, attempt.end) - attempt.began

    def commits(self) -> list[tuple[str, str]]:
        """Return run id and token of the scripts that commit their bookmark now."""
        now = self._machine.physical
        ripe = [(run_id, attempt) for run_id, attempt in self._commits if attempt.commit <= now]
        self._commits = [one for one in self._commits if one[1].commit > now]
        return [(run_id, attempt.token) for run_id, attempt in ripe if not attempt.stopped]

    def next_event(self) -> float | None:
        """Return the seconds until something happens to a process; None where none lives."""
        now = self._machine.physical
        moments = [
            moment - now
            for attempt in self._attempts.values()
            for moment in (attempt.first_line, attempt.end)
            if moment > now
        ]
        return min(moments, default=None)

    def _record(self, attempt: Attempt) -> ExitRecord:
        if attempt.record is None:
            ago = self._machine.physical - attempt.end
            attempt.record = ExitRecord(
                code=None if attempt.stopped else attempt.code,
                signal=15 if attempt.stopped else None,
                time=self._machine.now() - ago,
                seconds=max(0.0, attempt.end - attempt.first_line),
                stopped=attempt.stopped,
                error_message=None,
                started_at=attempt.started_at,
                failure=None,
            )
        return attempt.record
