"""Real attempts for tests: short Python programs under real supervisors."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import TypeVar

import psutil

from glueball.launchers import processes
from glueball.launchers.launch import Exited, ExitRecord, Observation, Order, Running
from glueball.launchers.local import LocalLauncher
from glueball.launchers.rundir import RunDirectory
from glueball.launchers.runtimes import Runtimes

_Found = TypeVar("_Found")

#: put before a program that plays the bootstrap: it tells that the script began
_STARTED = """
import json, os, pathlib, time
pathlib.Path(os.environ["GLUEBALL_RUN_SPEC"]).with_name("started.json").write_text(
    json.dumps({"time": time.time(), "steady": time.monotonic()})
)
"""


class Stage:
    """A home directory and a launcher for it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.launcher = LocalLauncher(home, Runtimes(home / "runtimes", {}), grace_seconds=5.0)

    def directory(self, run_id: str) -> RunDirectory:
        return RunDirectory(self.home / "runs" / run_id)

    def order(self, run_id: str, program: str) -> Order:
        """Return the order to run a program; its logs are <home>/<run id>.output and .error."""
        directory = self.directory(run_id)
        return Order(
            argv=(sys.executable, "-u", "-c", _STARTED + dedent(program)),
            env={
                **os.environ,
                "GLUEBALL_RUN_ID": run_id,
                processes.MARKER: str(directory.launch),
            },
            cwd=directory.work,
            output_path=self.home / f"{run_id}.output",
            error_path=self.home / f"{run_id}.error",
            notify_fifo=self.home / "engine.fifo",
            grace_seconds=5.0,
        )

    def submit(self, run_id: str, program: str, **changes: object) -> None:
        order = replace(self.order(run_id, program), **changes)  # type: ignore[arg-type]
        self.launcher.submit(self.directory(run_id), "token", order, {})

    def lines(self, run_id: str, log: str = "output") -> list[str]:
        """Return the messages that a log holds now."""
        path = self.home / f"{run_id}.{log}"
        complete = path.read_text(encoding="utf-8").split("\n")[:-1]
        return [json.loads(line)[2] for line in complete]

    def running(self, run_id: str) -> Running:
        return wait_for(lambda: _is(self.launcher.observe(run_id), Running))

    def exited(self, run_id: str, seconds: float = 20.0) -> ExitRecord:
        return wait_for(lambda: _is(self.launcher.observe(run_id), Exited), seconds).record

    def pids(self) -> list[int]:
        """Return the living processes that carry the mark of any run here."""
        return [process.pid for process in processes.marked(self.home, lambda run_id: True)]

    def close(self) -> None:
        self.launcher.sweep(frozenset())


def wait_for(look: Callable[[], _Found | None], seconds: float = 20.0) -> _Found:
    """Return what `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.01)
    raise AssertionError(f"nothing came within {seconds} s")


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def _is(seen: Observation, kind: type[_Found]) -> _Found | None:
    return seen if isinstance(seen, kind) else None
