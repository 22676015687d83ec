"""Process trees: who belongs to a run, who is alive, how all of it ends."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import psutil

#: every process of a run carries it in its environment: the path of the run's launch.json
MARKER = "GLUEBALL_RUN_SPEC"

#: whether a process can become the parent of all orphans among its descendants
ADOPTS_ORPHANS: bool = sys.platform == "linux"

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def prctl(option: int, value: int) -> None:
    """Call Linux's prctl(2) with one number.

    Raises:
        OSError: the kernel refused.
    """
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies (Linux; elsewhere nothing)."""
    if ADOPTS_ORPHANS:
        prctl(_PR_SET_CHILD_SUBREAPER, 1)


def dies_with_parent(parent: int) -> Callable[[], None]:
    """Return what a fresh child calls so that the kernel kills it when `parent` dies (Linux)."""

    def tie() -> None:
        if ADOPTS_ORPHANS:
            prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we were tied
            os._exit(1)

    return tie


def identity(pid: int) -> str | None:
    """Return what no other process ever has: which start of which boot; None when it is dead.

    The kernel's ticks are used instead of a time of day: those move when the clock is set.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        if sys.platform != "linux":
            return str(process.create_time())
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        ticks = fields.rpartition(")")[2].split()[19]
        boot = boot_id()
    except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
        return None
    return f"{boot}:{ticks}"


def boot_id() -> str:
    """Return what no other start of this machine has."""
    if sys.platform != "linux":
        return str(psutil.boot_time())
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def marked(home: Path, belongs: Callable[[str], bool]) -> list[psutil.Process]:
    """Return the living processes of runs under `home` whose run id satisfies `belongs`."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            spec = process.environ().get(MARKER, "")
            folder = Path(spec).parent
            if spec and folder.parent == home / "runs" and belongs(folder.name):
                found.append(process)
    return [process for process in found if process.pid != os.getpid() and _alive(process)]


def descendants() -> list[psutil.Process]:
    """Return every process below this one."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process().children(recursive=True)
    return []


def living(pids: Iterable[int]) -> list[psutil.Process]:
    """Return the processes of these pids that are alive."""
    found = []
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if _alive(process):
                found.append(process)
    return found


def send(processes: Iterable[psutil.Process], number: int) -> None:
    """Send a signal to each; those that are gone meanwhile do not matter."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            process.send_signal(number)


def reap() -> Iterator[tuple[int, int]]:
    """Yield (pid, wait status) of every child that ended, ours by birth or by adoption."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, status


def kill_all(find: Callable[[], list[psutil.Process]], limit_seconds: float) -> bool:
    """Kill what `find` finds until it finds nothing.

    Each round first freezes, then kills: a process that forks without end cannot outrun it.

    Returns:
        False when something was still there after `limit_seconds` (stuck in the kernel).
    """
    deadline = time.monotonic() + limit_seconds
    while victims := find():
        if time.monotonic() > deadline:
            return False
        send(victims, signal.SIGSTOP)
        send(victims, signal.SIGKILL)
        time.sleep(0.01)
    return True


def _alive(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False
