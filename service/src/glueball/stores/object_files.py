"""Files and directories beneath a bucket, reached without ever following a symbolic link.

Every path is walked one name at a time with directory descriptors and O_NOFOLLOW, so that a link
planted in a bucket, or swapped in while we look, leads nowhere. (Linux's openat2 would do it in
one call; this works on macOS too.)

Durability: bytes are fsynced before a file gets its name, and the directory after; so a name never
leads to half a file, and what was answered survives a power cut.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from glueball.core.errors import ServiceUnavailable
from glueball.stores.object_errors import KeyCollision
from glueball.stores.object_keys import KeyPath, is_side_file, prefix_of, side_file_of
from glueball.stores.object_metadata import Identity

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
#: not to hang on a FIFO that somebody put there
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
#: how often a write begins anew when a directory is pruned from under it
_ATTEMPTS = 20


@contextmanager
def opened(directory: Path, segments: Sequence[str] = ()) -> Iterator[int]:
    """Open a directory below another, as a descriptor.

    Raises:
        FileNotFoundError: there is no such directory; a symbolic link on the way is none.
    """
    descriptor = _open_directory(os.fspath(directory), None)
    try:
        for segment in segments:
            descriptor = _step(descriptor, _open_directory(segment, descriptor))
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def made(directory: Path, segments: Sequence[str]) -> Iterator[int]:
    """Open a directory below another, making what is missing of it.

    Raises:
        KeyCollision: an object, or something that is none, stands where a directory must be.
    """
    descriptor = _make_way(directory, segments)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def identify(directory: Path, path: KeyPath) -> Identity | None:
    """Return the identity of the file under a key; None where there is no regular file."""
    try:
        with opened(directory, path.parents) as parent:
            status = os.stat(path.name, dir_fd=parent, follow_symlinks=False)
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise
    return _identity(status) if stat.S_ISREG(status.st_mode) else None


def open_file(directory: Path, path: KeyPath) -> tuple[BinaryIO, Identity] | None:
    """Open the file under a key for reading; None where there is no regular file."""
    try:
        with opened(directory, path.parents) as parent:
            descriptor = open_in(parent, path.name)
    except FileNotFoundError:
        return None
    if descriptor is None:
        return None
    return os.fdopen(descriptor, "rb"), _identity(os.fstat(descriptor))


def open_in(directory: int, name: str) -> int | None:
    """Open a regular file for reading, as a descriptor; None where there is none.

    Args:
        directory: the open directory that it lies in.
        name: its name there.
    """
    try:
        descriptor = os.open(name, _FILE, dir_fd=directory)
    except OSError as error:
        # a socket gives ENXIO
        if error.errno in _ABSENT or error.errno == errno.ENXIO:
            return None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    return descriptor


def read_up_to(descriptor: int, length: int) -> bytes:
    """Read the next bytes of a file: as many as asked for, or all that there are."""
    content = os.read(descriptor, length)
    while len(content) < length and (more := os.read(descriptor, length - len(content))):
        content += more
    return content


def is_directory(directory: Path, path: KeyPath) -> bool:
    """Whether there is a directory under a key."""
    try:
        with opened(directory, path.segments):
            return True
    except FileNotFoundError:
        return False


def seal(source: Path, *, unlike: Identity | None = None) -> Identity:
    """Make a finished file durable, with a modification time of its own.

    The kernel's clock may give two files that are written within milliseconds the same time;
    then one could be taken for the other.

    Args:
        source: the file; nobody writes to it any more.
        unlike: the identity that it must not have.
    """
    with source.open("rb") as file:
        now = time.time_ns()
        os.utime(file.fileno(), ns=(now, now))
        if unlike is not None and _identity(os.fstat(file.fileno())) == unlike:
            os.utime(file.fileno(), ns=(now, unlike.mtime_ns + 1))
        os.fsync(file.fileno())
        return _identity(os.fstat(file.fileno()))


def place(source: Path, directory: Path, path: KeyPath) -> None:
    """Rename a sealed file to its key, instead of what was there.

    Raises:
        KeyCollision: the key is that of a directory with objects in it, or an object stands where
            one of its directories must be.
    """
    for _ in range(_ATTEMPTS):
        with made(directory, path.parents) as parent:
            _unlink(side_file_of(path.name), parent)
            try:
                os.replace(source, path.name, dst_dir_fd=parent)
            except FileNotFoundError:
                source.lstat()
                continue
            except IsADirectoryError as error:
                raise KeyCollision(
                    f"Glueball stores an object as a file under its own key, and '{path.key}' is "
                    f"a directory here: there are objects below '{path.key}/'. Delete those "
                    "first, or choose another key.",
                    Key=path.key,
                ) from error
            os.fsync(parent)
            return
    raise _pruned_too_often()


def remove(directory: Path, path: KeyPath) -> Identity | None:
    """Delete the file under a key and Hadoop's checksum of it; return what it was."""
    try:
        with opened(directory, path.parents) as parent:
            status = os.stat(path.name, dir_fd=parent, follow_symlinks=False)
            if not stat.S_ISREG(status.st_mode):
                return None
            _unlink(side_file_of(path.name), parent)
            os.unlink(path.name, dir_fd=parent)
            return _identity(status)
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise


def make_directory(directory: Path, path: KeyPath) -> None:
    """Make the directory of a folder marker durable.

    Raises:
        KeyCollision: an object stands where it, or one above it, must be.
    """
    with made(directory, path.segments) as descriptor:
        os.fsync(descriptor)


def remove_empty_directory(directory: Path, segments: Sequence[str]) -> bool:
    """Delete a directory that nothing is in; return whether it is gone."""
    with opened(directory, segments[:-1]) as parent:
        try:
            os.rmdir(segments[-1], dir_fd=parent)
        except FileNotFoundError:
            return True
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                return False
            raise
    return True


def is_empty(directory: Path, segments: Sequence[str]) -> bool:
    """Whether nothing at all is in a directory, not even a hidden file."""
    with opened(directory, segments) as descriptor, os.scandir(descriptor) as entries:
        return next(entries, None) is None


def remove_hollow_directory(directory: Path, segments: Sequence[str]) -> bool:
    """Delete a directory in which there are only directories, links and orphaned checksums.

    Nothing else is deleted, and a file that appears meanwhile stays: rmdir refuses then.

    Returns:
        Whether the directory is gone.
    """
    with opened(directory, segments[:-1]) as parent:
        return _remove_hollow(segments[-1], parent)


def sync_directory(directory: Path, segments: Sequence[str]) -> None:
    """Make the names in a directory durable; one that is gone needs nothing."""
    with suppress(FileNotFoundError), opened(directory, segments) as descriptor:
        os.fsync(descriptor)


def delete_tree(path: Path) -> None:
    """Delete a file, a link, or a directory with all that is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


#: what the kernel says where a name on the way is missing, no directory, or a symbolic link
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EILSEQ})


def _identity(status: os.stat_result) -> Identity:
    return Identity(size=status.st_size, mtime_ns=status.st_mtime_ns)


def _open_directory(name: str, parent: int | None) -> int:
    try:
        return os.open(name, _DIRECTORY, dir_fd=parent)
    except OSError as error:
        if error.errno in _ABSENT:
            raise FileNotFoundError(errno.ENOENT, "no such directory", name) from error
        raise


def _step(parent: int, child: int) -> int:
    os.close(parent)
    return child


def _make_way(directory: Path, segments: Sequence[str]) -> int:
    """Open a directory below another, made if need be; begin anew where one is pruned meanwhile."""
    for _ in range(_ATTEMPTS):
        descriptor = _open_directory(os.fspath(directory), None)
        try:
            for depth, segment in enumerate(segments, start=1):
                try:
                    descriptor = _step(descriptor, _make_directory(segment, descriptor))
                except NotADirectoryError as error:
                    raise _standing_in_the_way(prefix_of(segments[:depth])[:-1]) from error
        except FileNotFoundError:
            os.close(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        else:
            return descriptor
    raise _pruned_too_often()


def _make_directory(name: str, parent: int) -> int:
    """Open a directory, made if it is missing.

    Raises:
        NotADirectoryError: something else has its name.
        FileNotFoundError: the parent was deleted, or the directory again.
    """
    with suppress(FileNotFoundError):
        return _open_directory(name, parent)
    try:
        os.mkdir(name, dir_fd=parent)
        os.fsync(parent)
    except FileExistsError:
        status = _status(name, parent)
        if status is not None and not stat.S_ISDIR(status.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "not a directory", name) from None
    return _open_directory(name, parent)


def _pruned_too_often() -> ServiceUnavailable:
    return ServiceUnavailable(
        "The directory of this key is being deleted again and again, so nothing was stored. Try "
        "again."
    )


def _status(name: str, parent: int) -> os.stat_result | None:
    with suppress(FileNotFoundError):
        return os.stat(name, dir_fd=parent, follow_symlinks=False)
    return None


def _standing_in_the_way(key: str) -> KeyCollision:
    return KeyCollision(
        f"Glueball stores an object as a file under its own key, and '{key}' is a file (or a "
        f"link) here, so nothing can lie below '{key}/'. Delete '{key}' first, or choose another "
        "key.",
        Key=key,
    )


def _unlink(name: str, parent: int) -> None:
    """Delete a file if it is there and its name is a possible one."""
    try:
        os.unlink(name, dir_fd=parent)
    except OSError as error:
        # EISDIR and EPERM: Linux's and macOS's word for a directory of that name
        if error.errno not in _ABSENT | {errno.EISDIR, errno.EPERM}:
            raise


def _remove_hollow(name: str, parent: int) -> bool:
    try:
        descriptor = _open_directory(name, parent)
    except FileNotFoundError:
        return _status(name, parent) is None
    try:
        with os.scandir(descriptor) as entries:
            found = list(entries)
        if any(_is_precious(entry) for entry in found):
            return False
        for entry in found:
            if not entry.is_dir(follow_symlinks=False):
                _unlink(entry.name, descriptor)
            elif not _remove_hollow(entry.name, descriptor):
                return False
    finally:
        os.close(descriptor)
    try:
        os.rmdir(name, dir_fd=parent)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        raise
    return True


def _is_precious(entry: os.DirEntry[str]) -> bool:
    if entry.is_dir(follow_symlinks=False) or entry.is_symlink():
        return False
    return not is_side_file(entry.name)
