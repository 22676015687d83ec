from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from awsglue._errors import PathNotFoundError
from awsglue._files.listing import bounds_of, exclusion, list_groups, partition_names
from glueball_runtime import bookmarks
from glueball_runtime.bookmarks import SourceFile


def touch(folder: Path, *names: str, modified: float | None = None) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n")
        if modified is not None:
            os.utime(path, (modified, modified))


def names_of(spark: SparkSession, uri: str, ctx: str = "", **options: Any) -> list[str]:
    groups = list_groups(spark, {"paths": [uri], **options}, ctx)
    return sorted(file.path.removeprefix(uri + "/") for g in groups for file in g.files)


LISTED = ["a.csv", "sub/b.csv", "sub/day=1/c.csv", "year=2024/d.csv"]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, ["a.csv", "year=2024/d.csv"]),  # partitions are always entered
        ({"recurse": True}, LISTED),
        ({"recurse": "true"}, LISTED),
        ({"recurse": True, "exclusions": '["**/sub/**"]'}, ["a.csv", "year=2024/d.csv"]),
        ({"recurse": True, "exclusions": ["*.csv"]}, LISTED[1:]),  # relative to the path
        ({"recurse": True, "exclusions": '["**.csv"]'}, []),
        ({"groupFiles": "inPartition", "groupSize": "1048576"}, ["a.csv", "year=2024/d.csv"]),
    ],
)
def test_which_files_are_read(
    spark: SparkSession, folder: Path, uri: str, options: dict[str, Any], found: list[str]
) -> None:
    touch(folder, *LISTED, "_SUCCESS", ".hidden", "_temporary/0/e.csv", "f_$folder$")
    (folder / "empty.csv").touch()
    assert names_of(spark, uri, **options) == found


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([None], "None is not a path"),
        ([5], "5 is not a path"),
        (5, "5 is not a path"),
        ([""], "'' is not a path"),
        (None, 'needs "paths"'),
        ([], 'needs "paths"'),
        (["gs://lake/x"], "gs://lake/x cannot be reached: Spark knows no file system 'gs'"),
    ],
)
def test_what_is_no_path(spark: SparkSession, given: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        list_groups(spark, {"paths": given}, "")


def test_paths_may_be_files_and_patterns(spark: SparkSession, folder: Path, uri: str) -> None:
    touch(folder, "a.csv", "b.csv", "with space;{x}.csv")
    found = list_groups(spark, {"paths": [f"{uri}/[ab].csv", f"{uri}/with space;{{x}}.csv"]}, "")
    assert [path.rsplit("/", 1)[1] for path in found[0].paths] == [
        *("a.csv", "b.csv", "with space;{x}.csv")
    ]


@pytest.mark.parametrize(
    "path", ["s3://lake/nothing-here", "s3://no-such-bucket/x", "s3://lake/none-*"]
)
def test_a_missing_path_is_named(spark: SparkSession, path: str) -> None:
    with pytest.raises(PathNotFoundError, match="Path does not exist: ") as caught:
        list_groups(spark, {"paths": [path]}, "")
    assert path in str(caught.value)


def test_a_path_cannot_leave_its_bucket(spark: SparkSession) -> None:
    with pytest.raises(ValueError, match=r"must not contain '\.\.'"):
        list_groups(spark, {"paths": ["s3://lake/../other"]}, "")


def test_no_paths_are_refused(spark: SparkSession) -> None:
    with pytest.raises(ValueError, match='"paths"'):
        list_groups(spark, {}, "")


def test_files_are_grouped_by_their_partitions(spark: SparkSession, folder: Path, uri: str) -> None:
    touch(folder, "a.csv", "y=1/b.csv", "y=1/c.csv", "y=2/d.csv", "y=1/m=2/e.csv")
    groups = list_groups(spark, {"paths": [uri], "recurse": True}, "")
    assert {group.partitions: len(group.files) for group in groups} == {
        (): 1,
        ("y",): 3,
        ("y", "m"): 1,
    }
    one = next(group for group in groups if group.partitions == ("y",))
    # y=2 holds nothing else, so Spark gets the directory; y=1 has another one inside.
    assert one.paths == (f"{uri}/y=1/b.csv", f"{uri}/y=1/c.csv", f"{uri}/y=2")


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("s3://b/t/f", ()),
        ("s3://b/t/y=1/m=2/f", ("y", "m")),
        ("s3://b/t/y=1/part/f", ("y",)),  # other directories may follow
        ("s3://b/t/x/y=1/f", ("y",)),
        ("s3://b/t/y=1/x/m=2/f", ("m",)),  # and end the search upwards
    ],
)
def test_partition_names(path: str, names: tuple[str, ...]) -> None:
    assert partition_names("s3://b/t", path) == names


@pytest.mark.parametrize(
    ("glob", "path", "excluded"),
    [
        ("**.pdf", "s3://b/x/y.pdf", True),
        ("*.pdf", "s3://b/x/z/y.pdf", False),  # `*` stays in its directory
        ("s3://b/x/*.pdf", "s3://b/x/y.pdf", True),
        ("y.p?f", "s3://b/x/y.pdf", True),  # relative to the source's path
        ("{a,y}.pdf", "s3://b/x/y.pdf", True),
        ("[!y].pdf", "s3://b/x/y.pdf", False),
        ("**/tmp/**", "s3://b/x/tmp/y.pdf", True),
    ],
)
def test_exclusions_are_globs(glob: str, path: str, excluded: bool) -> None:
    assert bool(exclusion([glob], ["s3://b/x"]).search(path)) is excluded


def test_packed_files_need_their_suffix(spark: SparkSession, folder: Path, uri: str) -> None:
    (folder / "a.csv.gz").write_bytes(gzip.compress(b"x"))
    assert names_of(spark, uri, compressionType="gzip") == ["a.csv.gz"]
    with pytest.raises(ValueError, match=r"a\.csv\.gz is to be read as bzip2"):
        names_of(spark, uri, compressionType="bzip2")
    with pytest.raises(ValueError, match="neither gzip nor bzip2"):
        names_of(spark, uri, compressionType="lzo")


class Remembered:
    """Bookmarks that have read some files, as the listing sees them."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.asked: list[tuple[str, int, int | None]] = []

    def select_files(
        self,
        transformation_ctx: str,
        files: list[SourceFile],
        max_band_ms: int,
        bounds: bookmarks.Bounds,
    ) -> list[SourceFile]:
        self.asked.append((transformation_ctx, max_band_ms, bounds.files))
        assert all(file.modified_ms == 1_700_000_000_000 and file.size == 2 for file in files)
        return [file for file in files if not file.path.endswith(self.names)]


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> Iterator[Remembered]:
    known = Remembered("old.csv")
    monkeypatch.setattr(bookmarks, "active", lambda: known)
    yield known


def test_a_bookmark_leaves_what_was_read(
    spark: SparkSession, folder: Path, uri: str, remembered: Remembered
) -> None:
    touch(folder, "old.csv", "new.csv", modified=1_700_000_000)
    options = {"maxBand": "5000", "boundedFiles": "7"}
    assert names_of(spark, uri, "source", **options) == ["new.csv"]
    assert remembered.asked == [("source", 5000, 7)]
    # Without a context there is no bookmark for the source.
    assert names_of(spark, uri) == ["new.csv", "old.csv"]
    assert len(remembered.asked) == 1
    # Spark gets the files, not their directory, which may have grown meanwhile.
    touch(folder, "old.csv", modified=1_700_000_000)
    remembered.names = ("nothing",)
    (group,) = list_groups(spark, {"paths": [uri]}, "source")
    assert len(group.paths) == 2


def test_bounded_sources_read_their_oldest_files(
    spark: SparkSession, folder: Path, uri: str
) -> None:
    for number, name in enumerate("cab"):
        touch(folder, name, modified=1_700_000_000 + number)
    assert names_of(spark, uri, boundedFiles="2") == ["a", "c"]
    assert names_of(spark, uri, boundedSize=4) == ["a", "c"]
    assert names_of(spark, uri, boundedSize="1") == ["c"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"boundedFiles": "1", "boundedSize": "1"}, "choose one"),
        ({"boundedFiles": "many"}, "boundedFiles is 'many'"),
        ({"boundedSize": -1}, "boundedSize is -1"),
        ({"maxFilesInBand": "1.5"}, "maxFilesInBand is '1.5'"),
    ],
)
def test_bounds_that_mean_nothing(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bounds_of(options)
