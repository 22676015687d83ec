"""Keys as the file system sees them.

A key is stored literally, under its own name: `a/b.csv` is the file `b.csv` in the directory `a`.
An empty part, which no directory can have as its name, is the directory `%2F`: `a//b.csv` is the
file `b.csv` in `a/%2F`. What would be mistaken for that name gets a `25` more, as percent signs are
escaped in URLs, so each key has a path of its own. A key that no directory tree can hold is refused
with a sentence that says why; none can name anything outside its bucket.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from glueball.core.errors import AwsError
from glueball.core.s3_names import bucket_name_problem
from glueball.stores.object_errors import InvalidArgument, InvalidBucketName, KeyTooLong, NoSuchKey

#: bytes; S3's own limit: docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
LONGEST_KEY = 1024
#: bytes; NAME_MAX of every file system that Linux and macOS commonly use
LONGEST_NAME = 255


#: the name of the directory of an empty part
_EMPTY = "%2F"
#: names that are not the parts of keys themselves
_ESCAPED = re.compile(r"%(?:25)*2F")


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyPath:
    """A key that can be stored, taken apart."""

    key: str
    parents: tuple[str, ...]  #: the names of the directories above, outermost first
    name: str  #: of the file, or of the directory that a folder marker marks
    folder: bool  #: the key ends with a slash: it marks a folder and holds no bytes

    @property
    def segments(self) -> tuple[str, ...]:
        """All names on the way, the last one included."""
        return (*self.parents, self.name)


def parse_key(key: str) -> KeyPath:
    """Take a key apart.

    Raises:
        KeyTooLong: it is longer than S3 allows, or a name in it is longer than a file's may be.
        InvalidArgument: no file can have it as its name.
    """
    if problem := _problem(key):
        raise problem
    folder = key.endswith("/")
    *parents, name = map(name_of, (key[:-1] if folder else key).split("/"))
    return KeyPath(key=key, parents=tuple(parents), name=name, folder=folder)


def parse_readable(key: str) -> KeyPath:
    """Take a key apart that is to be read: one that cannot be stored is not there."""
    try:
        return parse_key(key)
    except (InvalidArgument, KeyTooLong) as error:
        raise NoSuchKey(key) from error


def name_of(part: str) -> str:
    """Return the name of the file or directory that a part of a key has."""
    if not part:
        return _EMPTY
    if part[0] == "%" and _ESCAPED.fullmatch(part):
        return f"%25{part[1:]}"
    return part


def part_of(name: str) -> str:
    """Return the part of a key that the name of a file or directory stands for."""
    if name[0] != "%" or not _ESCAPED.fullmatch(name):
        return name
    return "" if name == _EMPTY else f"%{name[3:]}"


def directories_of(key: str) -> list[str]:
    """Return the names of the directories on the way to a key, or those of a key's prefix."""
    return [name_of(part) for part in key.split("/")[:-1]]


def prefix_of(directories: Sequence[str]) -> str:
    """Return what the keys in a directory begin with."""
    return "".join(f"{part_of(name)}/" for name in directories)


def is_storable(key: str) -> bool:
    """Whether an object could have this key."""
    return _problem(key) is None


def check_bucket_name(name: str) -> None:
    """Raise InvalidBucketName unless S3 allows a bucket of this name."""
    if problem := bucket_name_problem(name):
        raise InvalidBucketName(name, problem)


def is_side_file(name: str) -> bool:
    """Whether a file is a checksum that Hadoop keeps beside NAME as `.NAME.crc`.

    Such files are never listed, and they go when the file beside them is replaced or deleted.
    """
    return name.startswith(".") and name.endswith(".crc") and len(name) > len("..crc")


def side_file_of(name: str) -> str:
    """Return the name of Hadoop's checksum file for a file."""
    return f".{name}.crc"


def _problem(key: str) -> AwsError | None:
    try:
        encoded = key.encode()
    except UnicodeEncodeError:
        return InvalidArgument("The key is not valid Unicode text.")
    if not key or "\0" in key:
        return InvalidArgument("A key must have at least one character, and none may be NUL.")
    if len(encoded) > LONGEST_KEY:
        return KeyTooLong(
            "Your key is too long", Size=str(len(encoded)), MaxSizeAllowed=str(LONGEST_KEY)
        )
    for segment in encoded.removesuffix(b"/").split(b"/"):
        if segment in (b".", b".."):
            return InvalidArgument(
                "Glueball stores an object as a file under its own key, so no part of a key "
                "between slashes may be '.' or '..'.",
                ArgumentName="key",
                ArgumentValue=key,
            )
        if len(segment) > LONGEST_NAME:
            return KeyTooLong(
                "Glueball stores an object as a file under its own key, so each part of a key "
                f"between slashes may have at most {LONGEST_NAME} bytes.",
                Size=str(len(segment)),
                MaxSizeAllowed=str(LONGEST_NAME),
            )
    return None
