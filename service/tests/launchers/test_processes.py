from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil

from glueball.launchers import processes

_SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_an_identity_is_of_one_process_only() -> None:
    mine = processes.identity(os.getpid())
    assert mine is not None
    assert mine == processes.identity(os.getpid())
    child = subprocess.Popen(_SLEEP)
    other = processes.identity(child.pid)
    child.kill()
    child.wait()
    assert other not in (None, mine)
    assert processes.identity(child.pid) is None


def test_a_zombie_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert processes.identity(child.pid) is None
    child.wait()


def test_marked_processes_are_those_of_this_home(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    children = [
        subprocess.Popen(_SLEEP, env={processes.MARKER: str(home / "runs" / run / "launch.json")})
        for home, run in ((here, "jr_1"), (here, "jr_2"), (there, "jr_1"))
    ]
    try:
        found = processes.marked(here, lambda run_id: run_id == "jr_1")
        assert [process.pid for process in found] == [children[0].pid]
    finally:
        for child in children:
            child.kill()
            child.wait()


def test_what_cannot_be_killed_is_given_up_in_time() -> None:
    immortal = psutil.Process()

    class Immortal(psutil.Process):
        def send_signal(self, sig: int) -> None:
            """Take no notice, as a process stuck in the kernel."""

    assert not processes.kill_all(lambda: [Immortal(immortal.pid)], limit_seconds=0.05)
