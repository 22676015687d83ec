"""Runs on this machine: each attempt is a process tree under a supervisor of its own."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

import glueball
from glueball import failpoints
from glueball.core.glue_versions import DEFAULT_GLUE_VERSION
from glueball.core.secret_names import MASK, is_secret
from glueball.launchers import control_groups, families, processes, rundir, runtimes
from glueball.launchers.choice import DEFAULT, choose
from glueball.launchers.launch import (
    Exited,
    ExitRecord,
    FailureRecord,
    Launch,
    Lost,
    NotStarted,
    Observation,
    Order,
    Running,
    Secrets,
    Starting,
)
from glueball.launchers.rundir import RunDirectory
from glueball.launchers.runtimes import Runtimes

NO_SECRETS = Secrets()

#: seconds that a supervisor may take from its launch to its claim
CLAIM_SECONDS = 10.0

#: variables of the service that a job may see: how to reach the network and its registries, where
#: the machine keeps things. The service's own AWS credentials and settings are not among them.
_INHERITED = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "JAVA_HOME")
_INHERITED_NETWORK = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
_INHERITED_PREFIXES = ("PIP_", "REQUESTS_CA_", "CURL_CA_", "XDG_CONFIG_", "XDG_CACHE_")


class LocalLauncher:
    """Starts, watches and stops attempts on this machine.

    It keeps nothing in memory that matters: all it tells, it reads from the run directories, so a
    restarted service knows of every attempt what the killed one knew.
    """

    def __init__(self, home: Path, runtimes: Runtimes, grace_seconds: float = 10.0) -> None:
        """Takes the home directory, its runtimes, and the seconds from TERM to KILL at a stop."""
        self._home = home.resolve()
        self._runtimes = runtimes
        self._grace_seconds = grace_seconds

    def start(self, launch: Launch) -> None:
        """Start an attempt and return at once; calling it again for the same attempt is harmless.

        A runtime that is not installed yet is installed in the background before the script.

        Raises:
            ConfigurationError: no runtime can run it (unknown GlueVersion, say).
            OSError: the home directory is gone or full; nothing was started.
        """
        directory = self._directory(launch.run_id)
        secrets = Secrets(environment=launch.environment, arguments=_secret(launch.arguments))
        if launch.crawler is not None:
            order, specification = self._crawl_order(launch, directory), self._crawl(launch)
        else:
            choice = choose(launch.command, launch.glue_version, launch.python_version)
            order = self._order(launch, choice.name, directory)
            specification = self._specification(launch, choice.name)
        self.submit(directory, launch.token, order, specification, secrets)

    def submit(
        self,
        directory: RunDirectory,
        token: str,
        order: Order,
        specification: Mapping[str, Any],
        secrets: Secrets = NO_SECRETS,
    ) -> None:
        """Write launch.json and start a supervisor for it, unless one has the attempt.

        Secrets go to the supervisor in a file without a name.

        Raises:
            OSError: the home directory is gone or full; nothing was started.
        """
        if directory.claim.exists():
            return
        directory.create()
        launch = {
            "run_id": directory.run_id,
            "token": token,
            "supervise": _jsonable(asdict(order)),
            "run": specification,
        }
        rundir.write_json(directory.launch, launch)
        failpoints.reach("launcher.ordered")
        self._spawn(directory, secrets)
        failpoints.reach("launcher.spawned")

    def observe(self, run_id: str) -> Observation:
        """Tell how an attempt stands, from its run directory alone.

        Raises:
            OSError: the directory is there but cannot be read.
        """
        directory = self._directory(run_id)
        if over := _exited(directory):
            return over
        if not directory.claim.exists():
            return _unclaimed(directory)
        supervisor = rundir.read_json(directory.supervisor)
        if _supervisor_alive(directory, supervisor) or _is_sweeping(directory, supervisor):
            return _alive(directory, _steady(supervisor))
        # it may have ended between the two looks
        return _exited(directory) or Lost(everything_dead=_is_everything_dead(directory))

    def stop(self, run_id: str) -> None:
        """Ask an attempt to end: TERM, the grace, KILL, its whole tree; returns at once.

        One that was not started yet will never run. Calling it again changes nothing.

        Raises:
            OSError: the home directory is gone or full.
        """
        directory = self._directory(run_id)
        if directory.exit.exists():
            return
        directory.create()
        directory.stop.touch(mode=0o600)
        supervisor = rundir.read_json(directory.supervisor)
        if supervisor is None:
            return  # it will look for the file before it starts anything
        if _is(supervisor):
            with contextlib.suppress(psutil.NoSuchProcess):  # it ended just now
                processes.send([psutil.Process(int(supervisor["pid"]))], signal.SIGTERM)
        else:
            self._end_remains(directory)

    def sweep(self, live_run_ids: set[str] | frozenset[str]) -> None:
        """Kill every process of a run of this home directory that is not among the live ones.

        The files that such a run worked with go too: a service that was killed right after the
        run's end could not remove them.
        """
        self._kill(lambda found: found not in live_run_ids)
        for directory in map(RunDirectory, (self._home / "runs").glob("*")):
            ended = directory.exit.exists() or directory.swept.exists()
            if directory.run_id not in live_run_ids and directory.family.exists() and not ended:
                self._end_remains(directory)
                directory.family.unlink(missing_ok=True)
        rundir.forget_old_secrets(self._home / "runs", live_run_ids)
        for path in (self._home / "runs").glob("*"):
            left = RunDirectory(path)
            if left.run_id not in live_run_ids and (left.work.exists() or left.tmp.exists()):
                with contextlib.suppress(OSError):  # what a script made unremovable stays
                    self.clean(left.run_id)

    def clean(self, run_id: str) -> None:
        """Remove the working and temporary files of an ended run; its records stay.

        Raises:
            OSError: something in it could not be removed.
        """
        directory = self._directory(run_id)
        rundir.remove_tree(directory.work)
        rundir.remove_tree(directory.tmp)

    def _directory(self, run_id: str) -> RunDirectory:
        if not run_id or run_id.startswith(".") or "/" in run_id or "\0" in run_id:
            raise ValueError(f"not a run id: {run_id!r}")
        return RunDirectory(self._home / "runs" / run_id)

    def _order(self, launch: Launch, runtime: str, directory: RunDirectory) -> Order:
        python = str(self._runtimes.python(runtime))
        install = [sys.executable, "-s", "-P", "-m", runtimes.__name__, "install"]
        ready = self._runtimes.ready(runtime)
        return Order(
            argv=(python, "-s", "-P", "-m", "glueball_runtime", str(directory.launch)),
            env={
                **self._environment(launch, directory),
                "PYTHONHASHSEED": "0",  # Spark demands that hashes agree between its processes
                "PYSPARK_PYTHON": python,
                "PYSPARK_DRIVER_PYTHON": python,
            },
            cwd=directory.work,
            output_path=launch.output_path,
            error_path=launch.error_path,
            notify_fifo=self._home / "engine.fifo",
            grace_seconds=self._grace_seconds,
            prepare=() if ready else (*install, runtime, str(self._runtimes.directory)),
        )

    def _crawl_order(self, launch: Launch, directory: RunDirectory) -> Order:
        """Return how a crawl is run: a program of the service itself, in a process of its own."""
        return Order(
            argv=(sys.executable, "-s", "-P", "-m", "glueball.crawl", str(directory.launch)),
            env={**self._environment(launch, directory), "PYTHONPATH": _package_root()},
            cwd=directory.work,
            output_path=launch.output_path,
            error_path=launch.error_path,
            notify_fifo=self._home / "engine.fifo",
            grace_seconds=self._grace_seconds,
        )

    def _environment(self, launch: Launch, directory: RunDirectory) -> dict[str, str]:
        """Return what a run's process finds in its environment, whatever it runs."""
        return {
            **_inherited(),
            **_marks(directory),
            "AWS_ENDPOINT_URL": launch.endpoint_url,
            "AWS_REGION": launch.region,
            "AWS_DEFAULT_REGION": launch.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            # the operator's own profiles must not leak into a job that runs under a role
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "TMPDIR": str(directory.tmp),
            "TZ": "UTC",  # as on AWS
            "PYTHONUTF8": "1",
        }

    def _crawl(self, launch: Launch) -> dict[str, Any]:
        """Return the `run` part of launch.json of a crawl."""
        return {
            "run_id": launch.run_id,
            "token": launch.token,
            "region": launch.region,
            "account_id": launch.account_id,
            "endpoint_url": launch.endpoint_url,
            "notify_fifo": str(self._home / "engine.fifo"),
            "crawler": launch.crawler,
        }

    def _specification(self, launch: Launch, runtime: str) -> dict[str, Any]:
        """Return the `run` part of launch.json: what the bootstrap has to know."""
        found = self._runtimes.java(runtime)
        return {
            "run_id": launch.run_id,
            "token": launch.token,
            "job_name": launch.job_name,
            "job_id": launch.job_id,
            "command": launch.command,
            "script_location": launch.script_location,
            "arguments": {**launch.arguments, **dict.fromkeys(_secret(launch.arguments), MASK)},
            "glue_version": (
                DEFAULT_GLUE_VERSION if launch.glue_version in DEFAULT else launch.glue_version
            ),
            "cores": launch.cores,
            "memory_mb": launch.memory_mb,
            "worker_type": launch.worker_type,
            "number_of_workers": launch.number_of_workers,
            "region": launch.region,
            "account_id": launch.account_id,
            "endpoint_url": launch.endpoint_url,
            "objects_root": str(launch.objects_root.resolve()),
            "modules_root": str(self._home / "modules"),
            "notify_fifo": str(self._home / "engine.fifo"),
            "java": str(found) if found else None,
            "notes": list(launch.notes),
            "allow_unsafe_connections": launch.allow_unsafe_connections,
        }

    def _spawn(self, directory: RunDirectory, secrets: Secrets) -> None:
        command = [sys.executable, "-s", "-P", "-m", "glueball.launchers.supervisor"]
        with directory.diary.open("ab") as diary, rundir.unnamed_file(asdict(secrets)) as given:
            child = subprocess.Popen(
                [*command, str(directory.path)],
                cwd=directory.path,
                env={**_inherited(), **_marks(directory), "PYTHONPATH": _package_root()},
                stdin=given,
                stdout=diary,
                stderr=diary,
                start_new_session=True,
                close_fds=True,
            )
        # so that it does not linger as a zombie of ours
        threading.Thread(target=child.wait, name=directory.run_id, daemon=True).start()

    def _end_remains(self, directory: RunDirectory) -> None:
        """End what a supervisor has left that was killed."""
        family = families.read(directory)

        def remains() -> list[psutil.Process]:
            marked = processes.marked(self._home, lambda found: found == directory.run_id)
            return marked if family is None else [*marked, *families.survivors(family)]

        processes.kill_all(remains, limit_seconds=5.0)

    def _kill(self, belongs: Callable[[str], bool]) -> None:
        processes.kill_all(lambda: processes.marked(self._home, belongs), limit_seconds=5.0)


def _package_root() -> str:
    return str(Path(glueball.__file__).resolve().parents[1])


def _secret(arguments: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in arguments.items() if is_secret(name, value)}


def _inherited() -> dict[str, str]:
    kept = {*_INHERITED, *_INHERITED_NETWORK, *(name.lower() for name in _INHERITED_NETWORK)}
    return {
        name: value
        for name, value in os.environ.items()
        if name in kept or name.startswith(_INHERITED_PREFIXES)
    }


def _marks(directory: RunDirectory) -> dict[str, str]:
    return {"GLUEBALL_RUN_ID": directory.run_id, processes.MARKER: str(directory.launch)}


def _jsonable(order: Mapping[str, Any]) -> dict[str, Any]:
    return {key: str(value) if isinstance(value, Path) else value for key, value in order.items()}


def _unclaimed(directory: RunDirectory) -> Observation:
    try:
        launched = directory.launch.stat().st_mtime
    except FileNotFoundError:
        return NotStarted()
    return Starting() if time.time() - launched < CLAIM_SECONDS else NotStarted()


def _alive(directory: RunDirectory, begun: float | None) -> Observation:
    """Tell how an attempt stands whose supervisor began at a moment of the steady clock."""
    started = rundir.read_json(directory.started)
    started_at = _started_at(started)
    if started_at is None:
        return Starting(since=begun)
    return Running(started_at=started_at, since=_since(started, begun, time.monotonic()))


def _supervisor_alive(directory: RunDirectory, supervisor: Mapping[str, Any] | None) -> bool:
    if supervisor is not None:
        return _is(supervisor)
    # between its claim and its first word
    return time.time() - directory.claim.stat().st_mtime < CLAIM_SECONDS


def _is_sweeping(directory: RunDirectory, supervisor: Mapping[str, Any] | None) -> bool:
    """Whether the guard of a supervisor that was killed is still ending what it has left."""
    guard = (supervisor or {}).get("guard")
    return isinstance(guard, dict) and not directory.swept.exists() and _is(guard)


def _is_everything_dead(directory: RunDirectory) -> bool:
    """Whether the guard, or the run's control group, tells that nothing is left of an attempt."""
    if (rundir.read_json(directory.swept) or {}).get("everything_dead") is True:
        return True
    family = families.read(directory)
    return bool(
        family is not None
        and family.control_group
        and control_groups.remove(Path(family.control_group), attempts=5)
    )


def _is(supervisor: Mapping[str, Any]) -> bool:
    """Whether the very process that wrote supervisor.json lives: pids are used again."""
    return processes.identity(int(supervisor["pid"])) == str(supervisor["identity"])


def _exited(directory: RunDirectory) -> Exited | None:
    record = rundir.read_json(directory.exit)
    if record is None:
        return None
    started, ended = rundir.read_json(directory.started), _steady(record)
    since = _since(started, _steady(rundir.read_json(directory.supervisor)), ended)
    return Exited(
        record=ExitRecord(
            code=record["code"],
            signal=record["signal"],
            time=record["time"],
            seconds=None if started is None or since is None or ended is None else ended - since,
            stopped=record["stopped"],
            error_message=_encodable(record["error_message"]),
            started_at=_started_at(started),
            failure=_failure(directory),
        )
    )


# started.json and failure.json are within the script's reach: they may hold anything


def _started_at(started: Mapping[str, Any] | None) -> float | None:
    return _finite((started or {}).get("time"))


def _since(
    started: Mapping[str, Any] | None, begun: float | None, until: float | None
) -> float | None:
    """Return when a script began, by the steady clock; None where nobody measured it.

    A script that says it began before its supervisor, or later than now, is not believed: it could
    escape its timeout.
    """
    since = _steady(started)
    if begun is None or until is None or since is None:
        return begun
    return since if begun <= since <= until else begun


def _steady(record: Mapping[str, Any] | None) -> float | None:
    """Return a moment of the steady clock; a record of an older Glueball has none."""
    return _finite((record or {}).get("steady"))


def _finite(value: object) -> float | None:
    return value if isinstance(value, float) and math.isfinite(value) else None


def _failure(directory: RunDirectory) -> FailureRecord | None:
    failure = rundir.read_json(directory.failure) or {}
    message, line = _encodable(failure.get("message")), failure.get("line")
    if message is None:
        return None
    return FailureRecord(
        message=message,
        category=_encodable(failure.get("category")) or "",
        line=line if isinstance(line, int) else None,
    )


def _encodable(text: object) -> str | None:
    """Return a text without halves of surrogate pairs, which neither a database nor an answer
    can hold: a script may raise a file name that is not UTF-8."""
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else None
