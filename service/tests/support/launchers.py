"""A launcher whose processes end when the test says so: a fake of chance, nothing else."""

from __future__ import annotations

from glueball.launchers.launch import (
    Exited,
    ExitRecord,
    Launch,
    Lost,
    NotStarted,
    Observation,
    Running,
)


class ScriptedLauncher:
    """Remembers what was asked of it; shows what the test put into `seen`."""

    def __init__(self) -> None:
        self.seen: dict[str, Observation] = {}
        self.started: list[str] = []
        self.stopped: list[str] = []
        self.cleaned: list[str] = []
        self.swept: list[set[str]] = []
        #: runs whose directory the system will not read or write
        self.broken: set[str] = set()

    def start(self, launch: Launch) -> None:
        self._check(launch.run_id)
        self.started.append(launch.run_id)

    def observe(self, run_id: str) -> Observation:
        self._check(run_id)
        return self.seen.get(run_id, NotStarted())

    def stop(self, run_id: str) -> None:
        self.stopped.append(run_id)

    def sweep(self, live_run_ids: set[str]) -> None:
        self.swept.append(live_run_ids)

    def clean(self, run_id: str) -> None:
        self.cleaned.append(run_id)

    def _check(self, run_id: str) -> None:
        if run_id in self.broken:
            raise RuntimeError(f"{run_id} is in trouble")

    def runs(self, run_id: str, at: float, since: float | None = None) -> None:
        """Let a script's first line run; `since` is the same moment by the steady clock."""
        self.seen[run_id] = Running(started_at=at, since=since)

    def ends(
        self,
        run_id: str,
        at: float,
        code: int | None = 0,
        *,
        stopped: bool = False,
        seconds: float | None = None,
    ) -> None:
        """Let a script end; `code` None means that a signal ended it."""
        seen = self.seen.get(run_id)
        self.seen[run_id] = Exited(
            record=ExitRecord(
                code=code,
                signal=None if code is not None else 15,
                time=at,
                seconds=seconds,
                stopped=stopped,
                error_message=None,
                started_at=seen.started_at if isinstance(seen, Running) else None,
                failure=None,
            )
        )

    def loses(self, run_id: str) -> None:
        """Let a supervisor die without a word."""
        self.seen[run_id] = Lost()
