"""Which files a target has, and which of its objects are left out.

https://docs.aws.amazon.com/glue/latest/dg/define-crawler-choose-data-sources.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from glueball.crawl.crawler import S3Target
from glueball.crawl.objects import FoundObject, Objects
from glueball.crawl.spools import SortedTexts, Spool

_EXAMPLES: Final = 3
_HIDDEN: Final = "whose names, or those of their folders, begin with _ or ."
_EMPTY: Final = "that are empty"
_EXCLUDED: Final = "that the exclude patterns name"


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundFile:
    """A file below an include path."""

    object: FoundObject
    folders: tuple[str, ...]  #: the names of the folders between the include path and the file
    name: str


def file_of(found: FoundObject, prefix: str) -> FoundFile:
    """Return an object as a file below a folder.

    Args:
        found: the object.
        prefix: what its key begins with: the folder, with a slash at its end, or nothing.
    """
    *folders, name = found.key[len(prefix) :].split("/")
    return FoundFile(object=found, folders=tuple(folders), name=name)


class ListedFiles:
    """Files of a listing, in order of their keys: a list on the disk.

    Args:
        base: the folder that all of them lie below: "s3://bucket/folder/".
        directory: where the list lies; None: among the system's temporary files.
    """

    def __init__(self, base: str, directory: Path | None = None) -> None:
        _, _, self._bucket, self._prefix = base.split("/", 3)
        self._rows = Spool[list[Any]](directory)

    def __len__(self) -> int:
        return len(self._rows)

    def append(self, file: FoundFile) -> None:
        """Add a file."""
        self._rows.append([file.object.key, file.object.size, file.object.etag])

    def __iter__(self) -> Iterator[FoundFile]:
        for key, size, etag in self._rows:
            found = FoundObject(bucket=self._bucket, key=key, size=size, etag=etag)
            yield file_of(found, self._prefix)


#: files in order of their keys
Files: TypeAlias = list[FoundFile] | ListedFiles


@dataclass(slots=True)
class LeftOut:
    """Objects that are left out for one reason."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, location: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(location)

    def __str__(self) -> str:
        more = ", …" if self.count > len(self.examples) else ""
        return f"{', '.join(self.examples)}{more}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """What there is at a target."""

    base: str  #: the folder that all files lie below: "s3://bucket/folder/"
    files: Files
    is_object: bool = False  #: the target is one object, not a folder
    left_out: dict[str, LeftOut] = field(default_factory=dict)  #: by the reason
    #: of all objects with anything in them, the excluded and the hidden ones too, in order
    keys: list[str] | SortedTexts = field(default_factory=list)

    @property
    def bucket(self) -> str:
        """Where it all lies."""
        return self.base.split("/", 3)[2]

    def notes(self) -> list[str]:
        """Say what was left out, and why."""
        return [
            f"Left out {left.count} {'object' if left.count == 1 else 'objects'} below {self.base} "
            f"{reason}: {left}"
            for reason, left in self.left_out.items()
        ]


def list_target(objects: Objects, target: S3Target, directory: Path | None = None) -> Listing:
    """List a target: a bucket, a folder, or one object.

    Args:
        objects: the objects that there are.
        target: where to look. A path without a slash at its end is a folder if anything is in it.
        directory: where lists may lie; None: among the system's temporary files.

    Returns:
        The files in order of their keys, without those that are hidden as Hive has it (a name that
        begins with _ or ., a folder's too, and `_x=1` is no exception), excluded or empty, and
        without the empty objects that stand for folders.

    Raises:
        InvalidTarget: an exclude pattern cannot be read.
        MissingBucket: there is no such bucket.
    """
    prefix = target.base.split("/", 3)[3]
    files = ListedFiles(target.base, directory)
    listing = Listing(base=target.base, files=files, keys=SortedTexts(directory))
    is_excluded = target.exclusions.match
    for one in objects.list(target.place.bucket, prefix):
        if one.size:
            listing.keys.append(one.key)
        path = one.key[len(prefix) :]
        *folders, name = path.split("/")
        if not name:
            continue  # it stands for a folder
        reason = _why_not(one, (*folders, name)) or (_EXCLUDED if is_excluded(path) else None)
        if reason is not None:
            listing.left_out.setdefault(reason, LeftOut()).add(one.location)
        else:
            listing.files.append(FoundFile(object=one, folders=tuple(folders), name=name))
    if not listing.files and not listing.left_out and target.place.key not in ("", prefix):
        return _single(objects, target) or listing
    return listing


def _single(objects: Objects, target: S3Target) -> Listing | None:
    """Look for an object that is called exactly as the target; it may be hidden, but not empty."""
    place = target.place
    found = next(objects.list(place.bucket, place.key, most=1), None)
    if found is None or found.key != place.key:
        return None
    folder, _, name = found.key.rpartition("/")
    base = f"s3://{place.bucket}/{folder}/" if folder else f"s3://{place.bucket}/"
    listing = Listing(base=base, files=[], is_object=True)
    if found.size:
        listing.keys.append(found.key)
        listing.files.append(FoundFile(object=found, folders=(), name=name))
    else:
        listing.left_out.setdefault(_EMPTY, LeftOut()).add(found.location)
    return listing


def _why_not(found: FoundObject, parts: Sequence[str]) -> str | None:
    """Return why an object is no file of a table's, whatever the exclude patterns are."""
    if any(part.startswith(("_", ".")) for part in parts):
        return _HIDDEN
    return None if found.size else _EMPTY
