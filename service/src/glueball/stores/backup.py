"""A consistent copy of a home while its service works.

The database is copied first, at one moment; objects, logs and the files of runs after it. So what
the copy's bookmarks say was read has been written; a file may be newer than what the database says
of it, which the object store notices by itself.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from glueball.core.errors import ConfigurationError

DATABASE = "glueball.db"
_FILES = ("credentials", "glueball.toml")
_FOLDERS = ("objects", "logs", "runs")
#: what unfinished requests and running scripts work with
_TRANSIENT = frozenset({".incoming", "work", "tmp"})
#: says which process supervises a run: in a copy it would be somebody else's
_NOT_COPIED = frozenset({"supervisor.json", "family.json"})
_ARCHIVES = {".tar": "w", ".tar.gz": "w:gz", ".tgz": "w:gz"}


def back_up(home: Path, target: Path) -> int:
    """Copy a home.

    Args:
        home: whose database is in order; a service may work with it.
        target: a new directory, or a new file `….tar`, `….tar.gz` or `….tgz`.

    Returns:
        How many bytes the copied files have.

    Raises:
        ConfigurationError: there is no home, or the target exists.
        OSError: the disk is full, say; nothing is left of the copy then.
    """
    if not (home / DATABASE).is_file():
        raise ConfigurationError(f"There is no Glueball home at {home}.")
    if target.exists():
        raise ConfigurationError(f"{target} exists. Name a directory or file that does not.")
    incoming = target.with_name(f".{target.name}.incoming")
    shutil.rmtree(incoming, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        size = _copy_home(home, incoming)
        mode = next((mode for end, mode in _ARCHIVES.items() if target.name.endswith(end)), None)
        if mode is None:
            os.sync()
            incoming.rename(target)
        else:
            _pack(incoming, target, mode)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    return size


def _copy_home(home: Path, place: Path) -> int:
    place.mkdir(mode=0o700)
    _copy_database(home / DATABASE, place / DATABASE)
    size = (place / DATABASE).stat().st_size
    for name in _FILES:
        if (home / name).is_file():
            size += _copy_file(home / name, place / name)
            (place / name).chmod(0o600)
    for folder in _FOLDERS:
        for source in _walk(home / folder):
            copy = place / source.relative_to(home)
            if source.is_dir():
                copy.mkdir(mode=0o700, parents=True, exist_ok=True)
            else:
                size += _copy_file(source, copy, whole_lines=folder == "logs")
    return size


def _copy_database(source: Path, copy: Path) -> None:
    """Copy a database as it is at one moment; writers go on."""
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    uri = f"{source.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")  # nothing lies beside the copy


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the directories and regular files below a folder, and the folder."""
    for parent, directories, files in os.walk(folder):
        directories[:] = [name for name in directories if name not in _TRANSIENT]
        yield Path(parent)
        for name in files:
            path = Path(parent) / name
            if name not in _NOT_COPIED and _is_regular(path):
                yield path


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:  # deleted meanwhile
        return False


def _copy_file(source: Path, copy: Path, *, whole_lines: bool = False) -> int:
    """Copy a file with its times, which objects are recognised by; return its size."""
    try:
        shutil.copy2(source, copy, follow_symlinks=False)
    except FileNotFoundError:
        if source.exists():
            raise
        return 0  # deleted meanwhile
    if whole_lines:
        _cut_unfinished_line(copy)
    return copy.stat().st_size


def _cut_unfinished_line(path: Path) -> None:
    """A line that was being appended while a log was copied goes."""
    with path.open("r+b") as file:
        text = file.read()
        end = text.rfind(b"\n") + 1
        if 0 < end < len(text):
            file.truncate(end)


def _with_exact_time(place: Path) -> Callable[[tarfile.TarInfo], tarfile.TarInfo]:
    """Objects are recognised by their times, of which `tarfile` keeps too few digits."""

    def stamp(member: tarfile.TarInfo) -> tarfile.TarInfo:
        times = (place / Path(member.name).relative_to("home")).stat().st_mtime_ns
        member.pax_headers = {"mtime": f"{times // 10**9}.{times % 10**9:09}"}
        return member

    return stamp


def _pack(place: Path, target: Path, mode: str) -> None:
    archive = target.with_name(f".{target.name}.packing")
    os.close(os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        with tarfile.open(archive, mode, format=tarfile.PAX_FORMAT) as packed:  # type: ignore[call-overload]
            packed.add(place, arcname="home", filter=_with_exact_time(place))
        os.sync()
        archive.rename(target)
    except BaseException:
        archive.unlink(missing_ok=True)
        raise
