"""The files by which service, supervisor and script tell each other how an attempt stands."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from glueball.core.secret_names import MASK, is_secret


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """`<home>/runs/<run id>`: private to the owner, written by one party per file."""

    path: Path

    @property
    def run_id(self) -> str:
        return self.path.name

    @property
    def launch(self) -> Path:
        """Written by the service: the order and the script's specification (0600)."""
        return self.path / "launch.json"

    @property
    def claim(self) -> Path:
        """Created once, by the supervisor that may run the attempt."""
        return self.path / "claim"

    @property
    def supervisor(self) -> Path:
        """Written by the supervisor: which process it is."""
        return self.path / "supervisor.json"

    @property
    def family(self) -> Path:
        """Written by the supervisor: who else belongs to the attempt."""
        return self.path / "family.json"

    @property
    def swept(self) -> Path:
        """Written by the supervisor's guard when the supervisor was killed and all is dead."""
        return self.path / "swept.json"

    @property
    def stop(self) -> Path:
        """Created by the service: the attempt has to end, or must never begin."""
        return self.path / "stop"

    @property
    def started(self) -> Path:
        """Written by the bootstrap right before the script's first line."""
        return self.path / "started.json"

    @property
    def failure(self) -> Path:
        """Written by the bootstrap when the script raised."""
        return self.path / "failure.json"

    @property
    def exit(self) -> Path:
        """Written by the supervisor when everything of the attempt is over."""
        return self.path / "exit.json"

    @property
    def diary(self) -> Path:
        """What the supervisor itself had to complain about; empty on every good day."""
        return self.path / "supervisor.log"

    @property
    def work(self) -> Path:
        """The script's working directory."""
        return self.path / "work"

    @property
    def tmp(self) -> Path:
        """The script's TMPDIR."""
        return self.path / "tmp"

    def create(self) -> None:
        """Make the directory and its two folders.

        Raises:
            OSError: the home directory is gone, full or not ours to write.
        """
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        for folder in (self.path, self.work, self.tmp):
            folder.mkdir(mode=0o700, exist_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Replace `path` by the JSON of `value`: whole or not at all, durable, readable by us only.

    Raises:
        OSError: it could not be written; what stood there before still stands.
    """
    text = json.dumps(value)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def unnamed_file(value: Any) -> Iterator[IO[bytes]]:
    """Give a file that holds the JSON of `value` and has no name; it goes with its last reader.

    Raises:
        OSError: there is no room for it.
    """
    if hasattr(os, "memfd_create"):
        file: IO[bytes] = os.fdopen(os.memfd_create("glueball"), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed below
    with file:
        file.write(json.dumps(value).encode())
        file.seek(0)
        yield file


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the object in `path`; None when there is no file or it holds something else."""
    try:
        value = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def forget_old_secrets(runs: Path, live_run_ids: Collection[str]) -> None:
    """Take out of launch files what an earlier Glueball wrote there in clear; done once.

    Args:
        runs: the directory of all run directories.
        live_run_ids: runs that may still read theirs.

    Raises:
        OSError: a file cannot be written.
    """
    marker = runs / ".launch-files-hold-no-secrets"
    if marker.exists() or not runs.is_dir():
        return
    for path in runs.glob("*/launch.json"):
        launch = read_json(path)
        if launch is None or path.parent.name in live_run_ids:
            continue
        write_json(path, {**launch, "supervise": {}, "run": _without_secrets(launch)})
    if not live_run_ids:
        marker.touch(mode=0o600)


def _without_secrets(launch: Mapping[str, Any]) -> dict[str, Any]:
    run = dict(launch.get("run") or {})
    arguments: Mapping[str, Any] = run.get("arguments") or {}
    run["arguments"] = {
        name: MASK if is_secret(name, str(value)) else value for name, value in arguments.items()
    }
    return run


def notify(fifo: Path, run_id: str) -> None:
    """Tell a listening engine that the run changed; nobody may be listening, and that is fine."""
    with contextlib.suppress(OSError):
        descriptor = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(descriptor, f"{run_id}\n".encode())
        finally:
            os.close(descriptor)


def remove_tree(path: Path) -> None:
    """Remove a folder and all in it, also what a script left unwritable.

    Raises:
        OSError: something in it could not be removed.
    """

    def unlock(function: Callable[[str], object], name: str, _: object) -> None:
        if not os.path.lexists(name):
            return
        os.chmod(os.path.dirname(name), stat.S_IRWXU)
        if os.path.isdir(name) and not os.path.islink(name):
            os.chmod(name, stat.S_IRWXU)
            shutil.rmtree(name)
        else:
            function(name)

    if path.is_symlink():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path, onerror=unlock)
