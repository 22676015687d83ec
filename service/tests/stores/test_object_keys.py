"""Keys with empty parts: as objects, in listings, and as files that nothing else is taken for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueball.stores.object_errors import KeyCollision
from glueball.stores.object_keys import directories_of, name_of, parse_key, part_of, prefix_of
from glueball.stores.objects import ObjectStore
from support.object_stores import exists, keys, object_store, put_text, text_of


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ObjectStore]:
    with object_store(tmp_path) as opened:
        opened.create_bucket("data", region="us-east-1", now=0.0)
        yield opened


def _files(store: ObjectStore) -> list[str]:
    root = store.root / "data"
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("key", "file"),
    [
        ("a/b.csv", "a/b.csv"),  # ordinary keys are ordinary paths
        ("day=1%2F2/x", "day=1%2F2/x"),  # as Hive escapes values of partitions
        ("100%", "100%"),
        ("/a", "%2F/a"),
        ("//a", "%2F/%2F/a"),
        ("a//b", "a/%2F/b"),
        ("a/%2F/b", "a/%252F/b"),  # what looks like an empty part is another key
        ("a/%252F/b", "a/%25252F/b"),
        ("a/%2F", "a/%252F"),
    ],
)
def test_a_key_and_its_file(store: ObjectStore, key: str, file: str) -> None:
    put_text(store, "data", key, "content")
    assert _files(store) == [file]
    assert text_of(store, "data", key) == "content"
    assert keys(store, "data") == [key]
    store.delete("data", key)
    assert list((store.root / "data").iterdir()) == []


def test_keys_that_differ_in_slashes_alone_are_different_objects(store: ObjectStore) -> None:
    every = ["/a/b", "//a/b", "a/b", "a//b", "a///b", "a/%2F/b"]
    for key in every:
        put_text(store, "data", key, key)
    assert [text_of(store, "data", key) for key in every] == every
    assert keys(store, "data") == sorted(every)


@pytest.mark.parametrize(
    ("prefix", "delimiter", "in_order"),
    [
        ("", "", ["!x", "/a", "/b/c", "a", "d!", "d//e", "d//f/g", "d/h", "d0"]),
        ("/", "", ["/a", "/b/c"]),
        ("d//", "", ["d//e", "d//f/g"]),
        ("d/", "", ["d//e", "d//f/g", "d/h"]),
        ("", "/", ["!x", "a", "d!", "d0", "/", "d/"]),
        ("/", "/", ["/a", "/b/"]),
        ("d/", "/", ["d/h", "d//"]),
        ("d//", "/", ["d//e", "d//f/"]),
    ],
)
def test_listings_are_in_the_order_of_keys(
    store: ObjectStore, prefix: str, delimiter: str, in_order: list[str]
) -> None:
    for key in ("!x", "/a", "/b/c", "a", "d!", "d//e", "d//f/g", "d/h", "d0"):
        put_text(store, "data", key, "x")
    page = store.page("data", prefix=prefix, delimiter=delimiter)
    assert [*(stored.key for stored in page.objects), *page.prefixes] == in_order
    singly: list[str] = []
    after: str | None = ""
    while after is not None:
        page = store.page("data", prefix=prefix, delimiter=delimiter, after=after, limit=1)
        singly += [*(stored.key for stored in page.objects), *page.prefixes]
        after = page.next_after
    assert sorted(singly) == sorted(in_order)


@pytest.mark.parametrize("key", ["/", "a//", "//"])
def test_folder_markers_with_empty_parts(store: ObjectStore, key: str) -> None:
    put_text(store, "data", key)
    put_text(store, "data", f"{key}x", "x")
    assert keys(store, "data") == [key, f"{key}x"]
    store.delete("data", f"{key}x")
    assert exists(store, "data", key)  # the marker keeps its directory
    store.delete("data", key)
    assert list((store.root / "data").iterdir()) == []


def test_a_file_in_the_way_is_named_by_its_key(store: ObjectStore) -> None:
    put_text(store, "data", "a//b", "x")
    with pytest.raises(KeyCollision) as raised:
        put_text(store, "data", "a//b/c", "x")
    assert raised.value.fields["Key"] == "a//b"


def test_deleting_many(store: ObjectStore) -> None:
    for key in ("/a", "b//c"):
        put_text(store, "data", key, "x")
    store.delete_all("data", ["/a", "b//c", "//"])
    assert keys(store, "data") == []


_PARTS = st.one_of(
    st.sampled_from(["", "%2F", "%252F", "%25252F", "%25", "%2f", "a"]),
    st.text(st.characters(exclude_characters="/\0", codec="utf-8"), max_size=5),
)


@given(_PARTS)
def test_a_name_stands_for_its_part_alone(part: str) -> None:
    name = name_of(part)
    assert name
    assert part_of(name) == part


@given(st.lists(_PARTS.filter(lambda part: part not in (".", "..")), min_size=1, max_size=4))
def test_the_directories_of_a_key_say_what_it_begins_with(parts: list[str]) -> None:
    key = "/".join([*parts, "x"])
    assert prefix_of(directories_of(key)) + "x" == key
    assert list(parse_key(key).parents) == directories_of(key)
