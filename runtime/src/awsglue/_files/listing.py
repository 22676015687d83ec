"""Which files a source reads: paths, recursion, exclusions, compression, bookmarks, partitions.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-s3-home.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pyspark.sql import SparkSession

from awsglue._errors import PathNotFoundError
from awsglue._files import sampling
from awsglue._jvm import FileStatus, FileSystem, require_inside
from awsglue._options import flag
from awsglue._paths import as_list
from glueball_runtime import bookmarks

_SUFFIXES = {"gzip": ".gz", "gz": ".gz", "bzip2": ".bz2", "bzip": ".bz2"}
_GLOB = re.compile(r"[*?\[{]")
_TOKEN = re.compile(r"\*\*/?|\*|\?|\[[^\]]*\]|\{[^}]*\}|[^*?\[{]+|.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where files are looked for."""

    path: str  #: as it was asked for
    base: str  #: the directory below which `name=value` directories are partitions
    listed: tuple[FileStatus, ...]  #: every file there
    files: tuple[FileStatus, ...]  #: those to read

    def keep(self, files: Iterable[FileStatus]) -> Source:
        """Return the source with these of its files to read."""
        return replace(self, files=tuple(files))

    def whole_directories(self) -> set[str]:
        """Return the directories without others inside, all of whose files are to be read."""
        read = {file.path for file in self.files}
        directories = {_directory(file.path) for file in self.listed}
        parents = {_directory(directory) for directory in directories}
        partial = {_directory(file.path) for file in self.listed if file.path not in read}
        return directories - parents - partial


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Files that one reader can take together."""

    base: str  #: as in `Source`
    partitions: tuple[str, ...]  #: the names of the partition columns, outermost first
    files: tuple[FileStatus, ...]
    paths: tuple[str, ...]  #: of the files, or of directories that hold nothing else

    def options(self) -> dict[str, str]:
        """Return what Spark's readers must know to find the partition columns."""
        return {"basePath": self.base} if self.partitions else {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """What a source has to read now."""

    sources: tuple[Source, ...]
    #: whether all that is there is to be read, and Spark may list a directory for itself. With a
    #: bookmark it must not: it would perhaps see one more file than the bookmark remembers.
    everything: bool

    def groups(self) -> list[Group]:
        """Return the files as the groups that readers take."""
        return _grouped(self.sources, by_directory=self.everything)


def list_groups(
    spark: SparkSession, options: Mapping[str, Any], transformation_ctx: str
) -> list[Group]:
    """List what a source has to read now, as the groups that readers take: see `list_sources`."""
    return list_sources(spark, options, transformation_ctx).groups()


def list_sources(
    spark: SparkSession,
    options: Mapping[str, Any],
    transformation_ctx: str,
    *,
    may_be_absent: bool = False,
) -> Listing:
    """List what a source has to read now.

    Args:
        spark: the session whose file systems are used.
        options: the connection options of the source: `paths` or `path`, `recurse`, `exclusions`,
            `compressionType`, `maxBand` (milliseconds), `boundedFiles`, `boundedSize` (bytes),
            `maxFilesInBand`. There are no storage classes here, so none is excluded.
        transformation_ctx: the source's name in the job bookmark; "" reads everything.
        may_be_absent: a path at which there is nothing has no files, and is no error.

    Raises:
        PathNotFoundError: there is nothing at one of the paths.
        ValueError: an option has no meaning.
    """
    files = FileSystem(spark)
    paths = paths_of(options)
    excluded = exclusion(options.get("exclusions"), paths)
    recurse = flag(options.get("recurse"))
    sources = [
        source.keep(_wanted(source, excluded, recurse))
        for path in paths
        for source in _find(files, path, may_be_absent)
    ]
    active = bookmarks.active() if transformation_ctx else None
    bounds = bounds_of(options)
    if active is not None:
        sources = _unread(sources, active, transformation_ctx, options, bounds)
    elif bounds != bookmarks.UNBOUNDED:
        sources = _oldest(sources, bounds)
    sample = sampling.bounds_of(options)
    if sample is not None:
        sources = sampling.thinned(sources, sample)
    check_compression(sources, options.get("compressionType"))
    everything = active is None and bounds == bookmarks.UNBOUNDED and sample is None
    return Listing(sources=tuple(sources), everything=everything)


def paths_of(options: Mapping[str, Any]) -> list[str]:
    """Return the paths that connection options ask for.

    Raises:
        ValueError: there are none, or one is no path.
    """
    given: Any = options.get("paths") or options.get("path") or ()
    several = isinstance(given, Iterable) and not isinstance(given, str)
    paths = list(given) if several else [given]
    if not paths:
        raise ValueError('connection_options needs "paths": a list of S3 paths.')
    for path in paths:
        require_inside(path)
    return paths


def _find(files: FileSystem, path: str, may_be_absent: bool) -> Iterator[Source]:
    found = files.status(path)
    matches = [found] if found else files.glob(path) if _GLOB.search(path) else []
    if not matches and not may_be_absent:
        raise PathNotFoundError(path)
    for match in matches:
        if match.is_directory:
            found_inside = tuple(files.walk(match.path))
            yield Source(path=path, base=match.path, listed=found_inside, files=found_inside)
        else:
            # One file of a directory of which we know nothing else is never a whole directory.
            yield Source(path=path, base=_directory(match.path), listed=(), files=(match,))


def _directory(path: str) -> str:
    return path.rsplit("/", 1)[0]


def _wanted(source: Source, excluded: re.Pattern[str], recurse: bool) -> Iterator[FileStatus]:
    """Yield the files that count. An empty file has no records, and some formats refuse it."""
    for file in source.files:
        directories = file.path[len(source.base) :].strip("/").split("/")[:-1]
        reachable = recurse or all("=" in name for name in directories)
        if reachable and file.size > 0 and not excluded.search(file.path):
            yield file


def exclusion(value: Any, paths: Iterable[str]) -> re.Pattern[str]:
    """Return what matches the paths to leave out.

    Args:
        value: the option `exclusions`: a text that holds a JSON list of globs, or a list. `*` stays
            within a directory, `**` crosses them.
        paths: the source's paths; a glob may also be written relative to any of them.
    """
    globs = json.loads(value) if isinstance(value, str) and value.strip() else value or []
    bases = ["", *(re.escape(path.rstrip("/")) + "/" for path in paths)]
    whole = [_glob_pattern(one) for one in as_list(globs)]
    alternatives = [f"{base}{pattern}" for pattern in whole for base in bases]
    return re.compile(f"^(?:{'|'.join(alternatives)})$") if whole else re.compile(r"(?!)")


def _glob_pattern(glob: str) -> str:
    return "".join(_glob_token(token) for token in _TOKEN.findall(glob))


def _glob_token(token: str) -> str:
    if token.startswith("**"):
        return "(?:.*/)?" if token.endswith("/") else ".*"
    if token.startswith("[") and token.endswith("]"):
        return token.replace("[!", "[^", 1)
    if token.startswith("{") and token.endswith("}"):
        return f"(?:{'|'.join(_glob_pattern(part) for part in token[1:-1].split(','))})"
    return {"*": "[^/]*", "?": "[^/]"}.get(token, re.escape(token))


def _unread(
    sources: list[Source],
    active: bookmarks.Bookmarks,
    transformation_ctx: str,
    options: Mapping[str, Any],
    bounds: bookmarks.Bounds,
) -> list[Source]:
    """Leave what the job's bookmark says was read before."""
    selected = active.select_files(
        transformation_ctx,
        _source_files(sources),
        max_band_ms=int(options.get("maxBand", bookmarks.DEFAULT_MAX_BAND_MS)),
        bounds=bounds,
    )
    return _keep(sources, selected)


def _oldest(sources: list[Source], bounds: bookmarks.Bounds) -> list[Source]:
    """Keep the oldest files, as far as the bounds go."""
    return _keep(sources, bookmarks.oldest(_source_files(sources), bounds))


def _source_files(sources: Iterable[Source]) -> list[bookmarks.SourceFile]:
    listing = {file.path: file for source in sources for file in source.files}
    return [
        bookmarks.SourceFile(path=file.path, modified_ms=file.modified_ms, size=file.size)
        for file in listing.values()
    ]


def _keep(sources: Iterable[Source], files: Iterable[bookmarks.SourceFile]) -> list[Source]:
    paths = {file.path for file in files}
    return [source.keep(file for file in source.files if file.path in paths) for source in sources]


def bounds_of(options: Mapping[str, Any]) -> bookmarks.Bounds:
    """Read how much one run may read.

    https://docs.aws.amazon.com/glue/latest/dg/bounded-execution.html

    Raises:
        ValueError: files and bytes are both bounded, or a bound is no number from 0 on.
    """
    names = ("boundedFiles", "boundedSize", "maxFilesInBand")
    given = {
        name: _amount(name, options[name]) for name in names if options.get(name) not in (None, "")
    }
    if "boundedFiles" in given and "boundedSize" in given:
        raise ValueError("boundedFiles and boundedSize are both given; choose one.")
    return bookmarks.Bounds(
        files=given.get("boundedFiles"),
        size=given.get("boundedSize"),
        in_band=given.get("maxFilesInBand"),
    )


def _amount(name: str, value: Any) -> int:
    text = str(value).strip()
    if not text.isdecimal():
        raise ValueError(f"{name} is {value!r}; it must be a whole number from 0 on.")
    return int(text)


def check_compression(sources: Iterable[Source], compression: Any) -> None:
    """Refuse packed files that Spark, which goes by their names, would read as plain ones.

    Raises:
        ValueError: `compressionType` is unknown, or a file's name does not end as it demands.
    """
    if not compression or str(compression).lower() == "none":
        return
    suffix = _SUFFIXES.get(str(compression).lower())
    if suffix is None:
        raise ValueError(f"compressionType {compression!r} is neither gzip nor bzip2.")
    for source in sources:
        for file in source.files:
            if not file.path.endswith(suffix):
                raise ValueError(
                    f"{file.path} is to be read as {compression}, but its name does not end in "
                    f"{suffix}. Rename it, or leave compressionType out."
                )


def _grouped(sources: Iterable[Source], by_directory: bool) -> list[Group]:
    """Put files together that have the same partition columns below the same directory."""
    files: dict[tuple[str, tuple[str, ...]], dict[str, FileStatus]] = {}
    paths: dict[tuple[str, tuple[str, ...]], dict[str, None]] = {}  # an ordered set
    for source in sources:
        whole = source.whole_directories() if by_directory else set()
        for file in source.files:
            names = partition_names(source.base, file.path)
            key = (source.base if names else "", names)
            directory = _directory(file.path)
            files.setdefault(key, {})[file.path] = file
            paths.setdefault(key, {})[directory if directory in whole else file.path] = None
    return [
        Group(base=key[0], partitions=key[1], files=tuple(found.values()), paths=tuple(paths[key]))
        for key, found in files.items()
    ]


def partition_names(base: str, path: str) -> tuple[str, ...]:
    """Return the names in the `name=value` directories of a path, as Spark finds them.

    Directories of other names may follow them, and end them when they precede.
    """
    names: list[str] = []
    for directory in reversed(path[len(base) :].strip("/").split("/")[:-1]):
        name, separator, _ = directory.partition("=")
        if separator and name:
            names.append(name)
        elif names:
            break
    return tuple(reversed(names))
