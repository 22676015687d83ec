"""Who belongs to a run although nothing in its environment says so.

A supervisor notes what it sees below it: processes, their sessions and process groups, and the
control group of the run where there is one. Whoever comes after its death finds them by that.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from glueball.launchers import control_groups, processes, rundir
from glueball.launchers.rundir import RunDirectory


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """What a supervisor has seen."""

    #: identities by pid, as texts: JSON has no other keys
    processes: dict[str, str]
    sessions: tuple[int, ...]
    groups: tuple[int, ...]
    control_group: str  #: its directory; "" where there is none
    boot: str  #: of the machine: numbers of another one mean nothing


def observed(below: Iterable[psutil.Process], control_group: Path | None) -> Family:
    """Return the family that consists of some processes, and of this one's session."""
    identities, sessions, groups = {}, {os.getsid(0)}, {os.getpgid(0)}
    for process in below:
        with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
            sessions.add(os.getsid(process.pid))
            groups.add(os.getpgid(process.pid))
            identity = processes.identity(process.pid)
            if identity is not None:
                identities[str(process.pid)] = identity
    return Family(
        processes=identities,
        sessions=tuple(sorted(sessions)),
        groups=tuple(sorted(groups)),
        control_group="" if control_group is None else str(control_group),
        boot=processes.boot_id(),
    )


def write(directory: RunDirectory, family: Family) -> None:
    """Keep what was seen.

    Raises:
        OSError: it could not be written.
    """
    rundir.write_json(directory.family, asdict(family))


def read(directory: RunDirectory) -> Family | None:
    """Return what was kept; None where there is nothing, or a script has spoiled it."""
    values: dict[str, Any] | None = rundir.read_json(directory.family)
    try:
        return None if values is None else Family(**values)
    except TypeError:
        return None


def survivors(family: Family) -> list[psutil.Process]:
    """Return the living processes of a family whose supervisor is dead.

    A pid that is used again is not taken for the old one. The number of a session or group is not
    given to a new process as long as somebody is in it; where its leader lives, it must be the one
    that was seen.
    """
    if family.boot != processes.boot_id():
        return []
    found = []
    own = os.getsid(0), os.getpgid(0)
    inside = set(control_groups.members(Path(family.control_group))) if family.control_group else ()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            pid = process.pid
            session, group = os.getsid(pid), os.getpgid(pid)
            belongs = pid in inside or _is_known(family, pid)
            if (session, group) != own and process.uids().real == os.getuid():
                belongs |= session in family.sessions and _leads_as_seen(family, session)
                belongs |= group in family.groups and _leads_as_seen(family, group)
            if belongs and pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _is_known(family: Family, pid: int) -> bool:
    identity = family.processes.get(str(pid))
    return identity is not None and processes.identity(pid) == identity


def _leads_as_seen(family: Family, leader: int) -> bool:
    return not psutil.pid_exists(leader) or _is_known(family, leader)
