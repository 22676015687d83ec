"""Log groups and streams on disk: names, descriptions, and writes that leave nothing half done."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

from glueball.core.errors import ServiceUnavailable
from glueball.stores.log_streams import read_header

GROUP_FILE = "group.json"
STREAM_SUFFIX = ".jsonl"
#: beside a stream's file: the stream has events that came late
_UNORDERED_SUFFIX = ".unordered"

_LONGEST_NAME = 180
_KEPT_OF_NAME = 100
_HASHED_NAME = _KEPT_OF_NAME + 1 + 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A log group."""

    name: str
    created: int  #: milliseconds since the epoch
    retention: int | None = None  #: days; None keeps events for ever
    tags: Mapping[str, str] = field(default_factory=dict)


def quoted(name: str) -> str:
    """Return the file name that stands for a group's or a stream's name.

    It never begins with a full stop and has no slash, so it stays in its directory.

    >>> quoted("/aws-glue/jobs/output"), quoted("..")
    ('%2Faws-glue%2Fjobs%2Foutput', '%2E.')
    """
    text = quote(name, safe="", errors="replace")
    if text.startswith("."):
        text = f"%2E{text[1:]}"
    if len(text) <= _LONGEST_NAME:
        return text
    digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
    return f"{text[:_KEPT_OF_NAME]}-{digest}"


def stream_name(path: Path) -> str:
    """Return the name of the stream whose file this is."""
    text = path.name.removesuffix(STREAM_SUFFIX)
    if len(text) == _HASHED_NAME:
        return read_header(path).name or unquote(text)
    return unquote(text)


def unordered_marker(path: Path) -> Path:
    """Return the file that says that a stream's lines are not in order of time."""
    return path.with_name(path.name + _UNORDERED_SUFFIX)


def entries(directory: Path) -> list[Path]:
    """Return what is in a directory; nothing where it is gone."""
    try:
        return list(directory.iterdir())
    except FileNotFoundError:
        return []


def read_group(directory: Path) -> Group:
    """Read the description of a group.

    Raises:
        FileNotFoundError: the directory is no group.
    """
    found = json.loads((directory / GROUP_FILE).read_bytes())
    return Group(
        name=found["name"],
        created=found["created"],
        retention=found["retention"],
        tags=found["tags"],
    )


def write_group(directory: Path, group: Group) -> None:
    """Write the description of a group."""
    members = {
        "name": group.name,
        "created": group.created,
        "retention": group.retention,
        "tags": dict(group.tags),
    }
    write_whole(directory / GROUP_FILE, json.dumps(members).encode())


def write_whole(path: Path, content: bytes) -> None:
    """Put a file into its place at once: nobody ever sees half of it."""
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(content)
    unfinished.rename(path)


def append_lines(path: Path, text: bytes) -> None:
    """Append whole lines, or nothing.

    Raises:
        OSError: the disk does not take them.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    try:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            text = b"\n" + text  # a writer died in the middle of a line: let that stand alone
        _write_all(descriptor, text, size)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, text: bytes, size: int) -> None:
    written = 0
    try:
        while written < len(text):
            written += os.write(descriptor, text[written:])
    except OSError:
        if os.fstat(descriptor).st_size == size + written:
            os.ftruncate(descriptor, size)
        raise


@contextmanager
def writing() -> Iterator[None]:
    """Say in a client's words that the disk takes nothing."""
    try:
        yield
    except OSError as error:
        raise ServiceUnavailable(
            f"The log could not be written ({error.strerror}). Free some space on the disk, or "
            "check that the home directory exists and can be written, and try again."
        ) from error
