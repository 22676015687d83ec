"""Control groups of runs, where the service may make them: nobody leaves one by forking.

https://docs.kernel.org/admin-guide/cgroup-v2.html. No controller is used, so nothing is limited:
a group only remembers who belongs to it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from pathlib import Path

_PREFIX = "glueball-"


def make_group(run_id: str) -> Path | None:
    """Make the group of a run below our own; None where there are none, or we may not."""
    parent = _own_group()
    if parent is None:
        return None
    # a copy of the home may have a run of the same id
    group = parent / f"{_PREFIX}{run_id}-{secrets.token_hex(4)}"
    with contextlib.suppress(OSError):
        group.mkdir()
        if os.access(group / "cgroup.procs", os.W_OK):
            return group
    return None


def join(group: Path) -> None:
    """Put the calling process into a group; its descendants are in it by birth.

    Raises:
        OSError: the kernel refused.
    """
    descriptor = os.open(group / "cgroup.procs", os.O_WRONLY)
    try:
        os.write(descriptor, b"0")
    finally:
        os.close(descriptor)


def members(group: Path) -> list[int]:
    """Return the pids in a group, none where it is gone."""
    try:
        return [int(line) for line in (group / "cgroup.procs").read_text().split()]
    except OSError:
        return []


def remove(group: Path, attempts: int = 50) -> bool:
    """Remove a group; False when somebody is still in it after so many attempts, 10 ms apart."""
    for _ in range(attempts):
        try:
            group.rmdir()
        except FileNotFoundError:
            return True
        except OSError:  # who was killed just now is still counted
            time.sleep(0.01)
        else:
            return True
    return False


def _own_group() -> Path | None:
    """Return the directory of the group that this process is in."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
        mounts = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return None
    places = [line.split()[1] for line in mounts if line.split()[2] == "cgroup2"]
    names = [line[3:] for line in lines if line.startswith("0::")]
    if not places or not names:
        return None
    group = Path(places[0] + names[0])
    # a supervisor that some run's script has started is in that run's group
    return group.parent if group.name.startswith(_PREFIX) else group
