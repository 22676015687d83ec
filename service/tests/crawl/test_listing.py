from __future__ import annotations

import pytest

from crawl.memory_objects import MemoryObjects
from glueball.core.s3_uri import parse_s3_uri
from glueball.crawl.crawler import S3Target
from glueball.crawl.errors import InvalidTarget, MissingBucket
from glueball.crawl.listing import LeftOut, Listing, list_target

KEYS = (
    "sales/a.csv",
    "sales/year=2024/b.csv",
    "sales/year=2024/month=1/c.csv",
    "sales2/d.csv",
    "top.csv",
)


def listed(path: str, *keys: str, patterns: tuple[str, ...] = (), size: int = 1) -> Listing:
    objects = MemoryObjects({"data": dict.fromkeys(keys or KEYS, b"x" * size)})
    return list_target(objects, S3Target(place=parse_s3_uri(path), patterns=patterns))


def keys_of(listing: Listing) -> list[str]:
    return [one.object.key for one in listing.files]


@pytest.mark.parametrize(
    ("path", "base", "keys"),
    [
        pytest.param("s3://data", "s3://data/", sorted(KEYS), id="a bucket"),
        pytest.param("s3://data/", "s3://data/", sorted(KEYS), id="a bucket with a slash"),
        pytest.param("s3://data/sales", "s3://data/sales/", KEYS[:3], id="not what begins so"),
        pytest.param("s3://data/sales/", "s3://data/sales/", KEYS[:3], id="a folder"),
        pytest.param(
            "s3://data/sales/year=2024/", "s3://data/sales/year=2024/", KEYS[1:3], id="deeper"
        ),
        pytest.param("s3://data/none/", "s3://data/none/", [], id="a folder that is not there"),
        pytest.param("s3://data/none", "s3://data/none/", [], id="nothing that is called so"),
    ],
)
def test_folders(path: str, base: str, keys: list[str]) -> None:
    listing = listed(path)
    assert listing.base == base
    assert not listing.is_object
    assert keys_of(listing) == sorted(keys)
    assert listing.notes() == []


def test_files_tell_their_folders() -> None:
    listing = listed("s3://data/sales")
    assert [(one.folders, one.name) for one in listing.files] == [
        ((), "a.csv"),
        (("year=2024",), "b.csv"),
        (("year=2024", "month=1"), "c.csv"),
    ]


@pytest.mark.parametrize(
    ("path", "base"),
    [("s3://data/top.csv", "s3://data/"), ("s3://data/sales/a.csv", "s3://data/sales/")],
)
def test_one_object(path: str, base: str) -> None:
    listing = listed(path)
    assert (listing.base, listing.is_object) == (base, True)
    assert [str(one.object.location) for one in listing.files] == [path]
    (file,) = listing.files
    assert (file.folders, file.name) == ((), path.rpartition("/")[2])


def test_an_object_that_is_named_may_be_hidden() -> None:
    assert keys_of(listed("s3://data/_a.csv", "_a.csv")) == ["_a.csv"]


def test_an_object_that_is_named_is_not_what_others_begin_with() -> None:
    listing = listed("s3://data/a", "a.csv")
    assert keys_of(listing) == []
    assert (listing.base, listing.is_object) == ("s3://data/a/", False)


def test_an_empty_object_that_is_named_is_left_out() -> None:
    listing = listed("s3://data/a.csv", "a.csv", size=0)
    assert list(listing.files) == []
    assert listing.notes() == ["Left out 1 object below s3://data/ that are empty: s3://data/a.csv"]


def test_a_folder_and_an_object_of_one_name_are_the_folder() -> None:
    assert keys_of(listed("s3://data/a", "a", "a/b")) == ["a/b"]


def test_a_folder_of_nothing_but_hidden_files_is_no_object() -> None:
    listing = listed("s3://data/a", "a", "a/_b")
    assert (keys_of(listing), listing.is_object) == ([], False)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        pytest.param("a/_SUCCESS", "begin with _ or .", id="a file that begins with _"),
        pytest.param("a/.part.crc", "begin with _ or .", id="a file that begins with a dot"),
        pytest.param("a/_temporary/0/b", "begin with _ or .", id="a folder"),
        pytest.param("a/_x=1/b", "begin with _ or .", id="a partition"),
        pytest.param("a/old/b", "exclude patterns", id="a pattern"),
        pytest.param("a/b.tmp", "exclude patterns", id="another pattern"),
    ],
)
def test_what_is_left_out(key: str, reason: str) -> None:
    listing = listed("s3://data/a/", key, "a/kept", patterns=("old/**", "*.tmp"))
    assert keys_of(listing) == ["a/kept"]
    [note] = listing.notes()
    assert note.startswith("Left out 1 object below s3://data/a/ ")
    assert reason in note
    assert note.endswith(f": s3://data/{key}")


def test_what_hides_the_include_path_does_not_matter() -> None:
    assert keys_of(listed("s3://data/_a/", "_a/b")) == ["_a/b"]


def test_empty_objects_are_left_out_and_those_for_folders_not_told() -> None:
    contents = {"a/": b"", "a/b": b"", "a/c": b"x", "a/d/": b"x"}
    target = S3Target(place=parse_s3_uri("s3://data/a"))
    listing = list_target(MemoryObjects({"data": contents}), target)
    assert keys_of(listing) == ["a/c"]
    assert listing.notes() == ["Left out 1 object below s3://data/a/ that are empty: s3://data/a/b"]


def test_all_objects_with_anything_in_them_are_there_whatever_is_left_out() -> None:
    contents = {
        "a/": b"", "a/_b": b"x", "a/c": b"x", "a/d/": b"x", "a/e": b"", "a/f.tmp": b"x", "ab": b"x",
    }  # fmt: skip
    target = S3Target(place=parse_s3_uri("s3://data/a"), patterns=("*.tmp",))
    listing = list_target(MemoryObjects({"data": contents}), target)
    assert (listing.bucket, list(listing.keys)) == ("data", ["a/_b", "a/c", "a/d/", "a/f.tmp"])
    assert listed("s3://data/a.csv", "a.csv").keys == ["a.csv"]
    assert listed("s3://data/a.csv", "a.csv", size=0).keys == []


def test_notes_have_three_examples() -> None:
    left = LeftOut()
    for number in range(4):
        left.add(f"s3://data/{number}")
    assert (left.count, str(left)) == (4, "s3://data/0, s3://data/1, s3://data/2, …")
    listing = Listing(base="s3://data/", files=[], left_out={"that are empty": left})
    assert listing.notes()[0].startswith("Left out 4 objects below s3://data/ that are empty: ")


def test_a_bucket_that_is_not_there() -> None:
    with pytest.raises(MissingBucket, match="There is no bucket other"):
        listed("s3://other/a")


def test_a_pattern_that_cannot_be_read_lists_nothing() -> None:
    objects = MemoryObjects({"data": {}})
    target = S3Target(place=parse_s3_uri("s3://data/"), patterns=("[",))
    with pytest.raises(InvalidTarget):
        list_target(objects, target)
    assert objects.lists == []
