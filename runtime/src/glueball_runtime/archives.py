"""Zip files from outside: checked before anything in them is used.

https://security.snyk.io/research/zip-slip-vulnerability names the attack by paths; the limits are
against archives that are small only while they are packed.
"""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path, PurePosixPath

from glueball_runtime.launch_error import LaunchError

MOST_ENTRIES = 100_000
MOST_BYTES = 2 << 30  #: unpacked, of all entries together
#: a directory of so many bytes holds more entries than we take
_MOST_DIRECTORY_BYTES = 32 << 20

_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")


def check(archive: Path, location: str) -> None:
    """Refuse an archive that could write outside its folder or fill the disk.

    Args:
        archive: the file.
        location: how to name it in an error.

    Raises:
        LaunchError: it is not a zip file, or is one that nobody needs.
    """
    try:
        if _directory_bytes(archive) > _MOST_DIRECTORY_BYTES:
            raise _refused(location, f"it has more than {MOST_ENTRIES} entries")
        with zipfile.ZipFile(archive) as file:
            _check_entries(file.infolist(), location)
    except (zipfile.BadZipFile, struct.error, NotImplementedError) as error:
        raise _refused(location, f"it is not a zip file ({error})") from error


def extract(archive: Path, folder: Path, location: str) -> None:
    """Unpack an archive into a folder, after checking it.

    Raises:
        LaunchError: as `check`, or it is damaged.
    """
    check(archive, location)
    try:
        with zipfile.ZipFile(archive) as file:
            file.extractall(folder)
    except (zipfile.BadZipFile, EOFError, RuntimeError) as error:
        raise _refused(location, f"it is damaged ({error})") from error


def _check_entries(entries: list[zipfile.ZipInfo], location: str) -> None:
    if len(entries) > MOST_ENTRIES:
        raise _refused(location, f"it has more than {MOST_ENTRIES} entries")
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise _refused(location, f"it unpacks to more than {MOST_BYTES >> 30} GiB")
    for entry in entries:
        if reason := _fault(entry):
            raise _refused(location, f"its entry {entry.orig_filename[:200]!r} {reason}")


def _fault(entry: zipfile.ZipInfo) -> str | None:
    name = entry.orig_filename
    path = PurePosixPath(name)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or ":" in name.partition("/")[0]:
        return "leads out of the archive"
    if "\\" in name or "\0" in name:
        return "has a name that is not portable"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or a device"
    if entry.flag_bits & 1:
        return "is encrypted"
    return None


def _directory_bytes(archive: Path) -> int:
    """Return the size of the table of contents, without reading it."""
    with archive.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END.size - _LOCATOR_64.size - 65535))
        tail = file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0:
            return 0  # zipfile says what is wrong with it
        found: int = _END.unpack_from(tail, at)[5]
        if at < _LOCATOR_64.size or tail[at - _LOCATOR_64.size :][:4] != b"PK\x06\x07":
            return found
        file.seek(_LOCATOR_64.unpack_from(tail, at - _LOCATOR_64.size)[2])
        large: int = _END_64.unpack(file.read(_END_64.size))[8]
        return max(found, large)


def _refused(location: str, reason: str) -> LaunchError:
    return LaunchError(f"{location} is refused: {reason}.", "INVALID_ARGUMENT_ERROR")
