"""The supervisor: a small process that owns one attempt of a run, from claim to exit record.

Started by `LocalLauncher` as `python -m glueball.launchers.supervisor <run directory>` in a
session of its own, it outlives the service. It runs with one thread; the loop is `_turn`.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil

from glueball.core.clock import Instant, SystemClock
from glueball.core.secret_names import MASK, texts_to_mask
from glueball.launchers import control_groups, families, processes, rundir
from glueball.launchers.events import IDLE_SECONDS, EventFile, Lines
from glueball.launchers.families import Family
from glueball.launchers.launch import Order, Secrets
from glueball.launchers.rundir import RunDirectory

#: the file descriptor on which a script's process tells what is not the script's own output
ERROR_DESCRIPTOR = "GLUEBALL_ERROR_FD"
#: the one from which it reads, once, the arguments that launch.json masks, as a JSON object
SECRETS_DESCRIPTOR = "GLUEBALL_SECRETS_FD"

#: how often is noted who belongs to the run, where no control group tells
_NOTE_SECONDS = 10.0
_CHUNK = 1 << 16
#: room kept for the exit record, so that a full disk cannot lose it
_RESERVED_BYTES = 4096
#: how long processes may resist SIGKILL (they are stuck in the kernel) before we go on
_STUCK_SECONDS = 30.0
#: how long the exit record is tried to be written
_PATIENCE_SECONDS = 60.0


@dataclass(slots=True)
class _Stream:
    """One of the run's two logs, and what of it is still on its way."""

    file: EventFile
    lines: Lines
    last_byte: float = 0.0  #: monotonic seconds
    last_line: str = ""  #: the last that was not empty
    secrets: Sequence[str] = ()  #: what no line may show

    def take(self, lines: list[str]) -> None:
        for secret in self.secrets:
            lines = [line.replace(secret, MASK) for line in lines]
        self.file.append(lines)
        for line in reversed(lines):
            if line.strip():
                self.last_line = line.strip()
                break


class _Death(NamedTuple):
    """How and when a process ended."""

    status: int  #: as `waitpid` tells it
    moment: Instant


class Supervisor:
    """Runs what an order says and records how it ended."""

    def __init__(self, directory: RunDirectory, order: Order, secrets: Secrets) -> None:
        """Raises OSError when a log file can be neither opened nor made."""
        self._directory = directory
        self._order = order
        self._secrets = secrets
        masks = texts_to_mask(secrets.arguments)
        self._output = _Stream(EventFile(order.output_path), Lines(), secrets=masks)
        self._error = _Stream(EventFile(order.error_path), Lines(), secrets=masks)
        self._selector = selectors.DefaultSelector()
        self._wake, self._waker = os.pipe()
        self._stopping = False
        self._kill_at: float | None = None  # monotonic seconds; None before TERM was sent
        self._ended: dict[int, _Death] = {}  # by pid
        self._control_group = control_groups.make_group(directory.run_id)
        self._noted: Family | None = None
        self._note_at = 0.0  # monotonic seconds

    def run(self) -> None:
        """Run the order; returns when everything is dead, logged and recorded."""
        self._listen()
        rundir.write_json(self._directory.supervisor, _self())
        self._reserve()
        if self._directory.stop.exists():
            self._stopping = True
        record = self._execute()
        self._output.file.close()
        self._error.file.close()
        if self._control_group is not None:
            control_groups.remove(self._control_group)
        self._record(record)
        rundir.notify(self._order.notify_fifo, self._directory.run_id)

    def _execute(self) -> dict[str, object]:
        if self._order.prepare:
            ended = self._stage(self._order.prepare, _own_environment(), preparing=True)
            if ended.get("code") != 0 or self._stopping:
                if not self._stopping:
                    reason = self._error.last_line or "it printed no reason"
                    ended["error_message"] = f"The runtime could not be prepared: {reason}"
                return ended
        if self._stopping:
            return self._ending(None, _now(), stopped=True)
        env = {**self._order.env, **self._secrets.environment}
        return self._stage(self._order.argv, env, preparing=False)

    def _stage(
        self, argv: Sequence[str], env: Mapping[str, str], *, preparing: bool
    ) -> dict[str, object]:
        """Run one program to its end, and everything that it started."""
        try:
            child = self._spawn(argv, env, preparing=preparing)
        except (OSError, subprocess.SubprocessError) as error:
            ending = self._ending(None, _now(), stopped=False)
            ending["error_message"] = f"The process could not be started: {error}"
            return ending
        self._note_family()
        while child.pid not in self._ended:
            self._turn(1.0)
            if time.monotonic() >= self._note_at:
                self._note_family()
            self._enforce_stop()
        stopped = self._stopping
        death = self._ended.pop(child.pid)
        child.returncode = os.waitstatus_to_exitcode(death.status)
        everything_dead = processes.kill_all(self._family, _STUCK_SECONDS)
        self._drain()
        ending = self._ending(child.returncode, death.moment, stopped=stopped)
        if not everything_dead:
            ending["error_message"] = "Some processes of the run could not be killed."
        return ending

    def _spawn(
        self, argv: Sequence[str], env: Mapping[str, str], *, preparing: bool
    ) -> subprocess.Popen[bytes]:
        """Start a program between two pipes; while preparing, all of its output is error log."""
        self._ended.clear()  # an orphan that ended before may have had the pid that comes now
        output_read, output_write = os.pipe()
        error_read, error_write = os.pipe()
        arguments = {} if preparing else self._secrets.arguments
        try:
            with rundir.unnamed_file(arguments) as secrets:
                child = subprocess.Popen(
                    argv,
                    cwd=self._order.cwd,
                    env={
                        **env,
                        ERROR_DESCRIPTOR: str(error_write),
                        SECRETS_DESCRIPTOR: str(secrets.fileno()),
                    },
                    stdin=subprocess.DEVNULL,
                    stdout=error_write if preparing else output_write,
                    stderr=subprocess.STDOUT,
                    pass_fds=(error_write, secrets.fileno()),
                    preexec_fn=self._before_the_program(),
                )
        except (OSError, subprocess.SubprocessError):
            os.close(output_read)
            os.close(error_read)
            raise
        finally:
            os.close(output_write)
            os.close(error_write)
        self._selector.register(output_read, selectors.EVENT_READ, self._output)
        self._selector.register(error_read, selectors.EVENT_READ, self._error)
        return child

    def _before_the_program(self) -> Callable[[], None]:
        """Return what a fresh child does first: it joins the run's control group."""
        tie, group = processes.dies_with_parent(os.getpid()), self._control_group

        def prepare() -> None:
            tie()
            if group is not None:
                with contextlib.suppress(OSError):
                    control_groups.join(group)

        return prepare

    def _note_family(self) -> None:
        """Keep who belongs to the run, for whoever comes after a violent end of this process."""
        self._note_at = time.monotonic() + _NOTE_SECONDS
        family = families.observed(processes.descendants(), self._control_group)
        if family != self._noted:
            self._noted = family
            with contextlib.suppress(OSError):  # a full disk: the guard is there, too
                families.write(self._directory, family)

    def _turn(self, timeout: float) -> bool:
        """Wait for something to happen and deal with it; return whether a byte of log came."""
        came = False
        for key, _ in self._selector.select(self._patience(timeout)):
            if key.data is None:
                os.read(self._wake, _CHUNK)
                continue
            data = os.read(key.fd, _CHUNK)
            if data:
                came = True
                key.data.last_byte = time.monotonic()
                key.data.take(key.data.lines.feed(data))
            else:
                self._close(key)
        self._flush_idle()
        self._collect()
        return came

    def _patience(self, timeout: float) -> float:
        """Return how long to sleep: not beyond the end of the grace, nor with a line half told."""
        if self._kill_at is not None and self._kill_at > time.monotonic():
            timeout = min(timeout, self._kill_at - time.monotonic())
        if self._output.lines.pending or self._error.lines.pending:
            timeout = min(timeout, IDLE_SECONDS)
        return timeout

    def _flush_idle(self) -> None:
        now = time.monotonic()
        for stream in (self._output, self._error):
            if stream.lines.pending and now - stream.last_byte >= IDLE_SECONDS:
                stream.last_byte = now
                stream.take(stream.lines.flush())

    def _drain(self) -> None:
        """Read what is left in the pipes. All writers are dead, so the end of file must come."""
        deadline = time.monotonic() + _STUCK_SECONDS
        while len(self._selector.get_map()) > 1:
            if not self._turn(0.1) and time.monotonic() > deadline:
                break
        for key in [key for key in self._selector.get_map().values() if key.data is not None]:
            self._close(key)
        for stream in (self._output, self._error):
            stream.take(stream.lines.flush(end=True))

    def _close(self, key: selectors.SelectorKey) -> None:
        self._selector.unregister(key.fd)
        os.close(key.fd)

    def _collect(self) -> None:
        now = _now()
        for pid, status in processes.reap():
            self._ended[pid] = _Death(status, now)

    def _family(self) -> list[psutil.Process]:
        """Return every process of the run that is left, each once: a second signal may kill."""
        self._collect()
        if processes.ADOPTS_ORPHANS:
            further = self._in_control_group()
        else:
            home, run_id = self._directory.path.parent.parent, self._directory.run_id
            further = processes.marked(home, lambda marked_id: marked_id == run_id)
        return list(dict.fromkeys([*processes.descendants(), *further]))

    def _in_control_group(self) -> list[psutil.Process]:
        if self._control_group is None:
            return []
        return processes.living(control_groups.members(self._control_group))

    def _listen(self) -> None:
        """Let signals wake the loop: SIGTERM asks for the end, SIGCHLD tells of one."""
        os.set_blocking(self._waker, False)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        self._selector.register(self._wake, selectors.EVENT_READ, None)
        signal.signal(signal.SIGTERM, self._on_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _on_stop(self, *_: object) -> None:
        self._stopping = True

    def _enforce_stop(self) -> None:
        if not self._stopping:
            return
        if self._kill_at is None:
            self._kill_at = time.monotonic() + self._order.grace_seconds
            processes.send(self._family(), signal.SIGTERM)
        elif time.monotonic() >= self._kill_at:
            processes.kill_all(self._family, _STUCK_SECONDS)

    def _ending(
        self, returncode: int | None, ended: Instant, *, stopped: bool
    ) -> dict[str, object]:
        number = -returncode if returncode is not None and returncode < 0 else None
        message = None
        if number == signal.SIGKILL and not stopped:
            message = (
                "The process was killed by the system (SIGKILL); most often memory ran out. "
                "Give the job a larger worker type, or the machine more memory."
            )
        elif number is not None and not stopped:
            message = f"The process was ended by {_name_of(number)}."
        return {
            "code": returncode if number is None else None,
            "signal": number,
            "time": ended.wall,
            "steady": ended.steady,
            "stopped": stopped,
            "error_message": message,
        }

    def _reserve(self) -> None:
        """Take the room that the exit record will need, while there is some."""
        with _reserved(self._directory).open("wb") as file:
            file.write(b" " * _RESERVED_BYTES)
            file.flush()
            os.fsync(file.fileno())

    def _record(self, record: dict[str, object]) -> None:
        """Write exit.json: temporary file, fsync, rename."""
        if message := record["error_message"]:
            record["error_message"] = str(message)[:500]
        data = json.dumps(record).encode("ascii").ljust(_RESERVED_BYTES)
        for last in _attempts(_PATIENCE_SECONDS):
            try:
                return self._write_record(data)
            except OSError as error:
                if last or error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
                    raise

    def _write_record(self, data: bytes) -> None:
        temporary = _reserved(self._directory)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(descriptor, data, 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, self._directory.exit)
        folder = os.open(self._directory.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _attempts(seconds: float) -> Iterator[bool]:
    """Yield twice a second until the time is over; the last is True."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield False
        time.sleep(0.5)
    yield True


def _name_of(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # most of the real-time signals have no name
        return f"signal {number}"


def _reserved(directory: RunDirectory) -> Path:
    return directory.path / ".exit.json"


def _now() -> Instant:
    return Instant.of(SystemClock())


def _self() -> dict[str, object]:
    return {
        "steady": _now().steady,
        "pid": os.getpid(),
        "start_time": psutil.Process().create_time(),
        "identity": processes.identity(os.getpid()),
        "guard": {"pid": os.getppid(), "identity": processes.identity(os.getppid())},
    }


def take_secrets(descriptor: int) -> Secrets:
    """Return what the service has put into the standard input, and let go of it.

    Raises:
        ValueError: it is something else.
    """
    with os.fdopen(os.dup(descriptor), "rb") as file:
        text = file.read()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, descriptor)
    os.close(nothing)
    return Secrets(**json.loads(text)) if text else Secrets()


def _own_environment() -> dict[str, str]:
    return dict(os.environ)


def claim(directory: RunDirectory) -> bool:
    """Take the attempt; False when another supervisor has it already. Only one ever gets True."""
    try:
        os.close(os.open(directory.claim, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return False
    return True


def read_order(directory: RunDirectory) -> Order:
    """Return what launch.json asks for.

    Raises:
        ValueError: there is no such file or it is malformed.
    """
    launch = rundir.read_json(directory.launch)
    if launch is None:
        raise ValueError(f"{directory.launch} is missing or is not a JSON object")
    try:
        supervise = launch["supervise"]
        return Order(
            argv=tuple(supervise["argv"]),
            env=dict(supervise["env"]),
            cwd=Path(supervise["cwd"]),
            output_path=Path(supervise["output_path"]),
            error_path=Path(supervise["error_path"]),
            notify_fifo=Path(supervise["notify_fifo"]),
            grace_seconds=float(supervise["grace_seconds"]),
            prepare=tuple(supervise.get("prepare", ())),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{directory.launch} lacks or spoils a member: {error}") from error


def main(arguments: Sequence[str]) -> int:
    """Supervise the attempt whose run directory is named; return the exit status."""
    directory = RunDirectory(Path(arguments[0]))
    order, secrets = read_order(directory), take_secrets(sys.stdin.fileno())
    if not claim(directory):
        return 0
    processes.adopt_orphans()
    supervisor = os.fork()
    if supervisor != 0:
        return _guard(directory, order, supervisor)
    processes.adopt_orphans()  # a fork does not inherit it
    Supervisor(directory, order, secrets).run()
    return 0


def _guard(directory: RunDirectory, order: Order, supervisor: int) -> int:
    """Wait for a supervisor; if it is killed, what it has left becomes ours, and is ended."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while os.waitpid(-1, 0)[0] != supervisor:
        pass  # an orphan
    if directory.exit.exists():  # and so the supervisor has ended everything
        return 0

    def left() -> list[psutil.Process]:
        for _ in processes.reap():
            pass  # so that it is no zombie
        family = families.read(directory)
        return [*processes.descendants(), *([] if family is None else families.survivors(family))]

    everything_dead = processes.kill_all(left, _STUCK_SECONDS)
    # without the kernel's help an orphan is nobody's descendant
    certain = everything_dead and processes.ADOPTS_ORPHANS
    family = families.read(directory)
    if family is not None and family.control_group:
        control_groups.remove(Path(family.control_group))
    rundir.write_json(directory.swept, {"everything_dead": certain})
    rundir.notify(order.notify_fifo, directory.run_id)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
