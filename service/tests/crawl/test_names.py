from __future__ import annotations

import hashlib
from typing import Any

import pytest

from crawl.found_files import CSV, JSON
from glueball.crawl.kinds import Kind
from glueball.crawl.names import named, table_name
from glueball.crawl.tables import Contents, FoundTable


def _found(stem: str, location: str, kind: Kind = JSON) -> FoundTable:
    return FoundTable(stem=stem, location=location, kind=kind, contents=Contents())


def _known(location: str, classification: str = "json") -> dict[str, Any]:
    return {
        "StorageDescriptor": {"Location": location},
        "Parameters": {"classification": classification},
    }


def _hash(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("stem", "prefix", "name"),
    [
        ("orders", "", "orders"),
        ("Orders", "Raw_", "raw_orders"),  # names are in lower case
        ("my-data.2024 (1)", "", "my_data_2024__1_"),
        ("year=2017", "", "year_2017"),  # as in crawler-grouping-policy.html
        ("größe", "", "gr__e"),  # letters are a to z
        ("", "", "_"),  # a folder without a name: s3://bucket//file
        ("x" * 200, "p", "p" + "x" * 127),  # 128 characters at most
    ],
)
def test_a_table_is_called_as_its_folder(stem: str, prefix: str, name: str) -> None:
    assert table_name(stem, prefix) == name


def test_names_that_are_free_are_taken() -> None:
    found = [_found("a", "s3://b/a/"), _found("b", "s3://b/b/")]
    assert named(found, "p_", {}) == ["p_a", "p_b"]


def test_the_second_table_of_a_name_gets_a_hash_of_its_place() -> None:
    found = [_found("a", "s3://b/x/a/"), _found("a", "s3://b/y/a/")]
    assert named(found, "", {}) == ["a", f"a_{_hash('s3://b/y/a/')}"]


def test_a_table_that_lies_elsewhere_keeps_its_name() -> None:
    found = [_found("a", "s3://b/a/")]
    catalog = {"a": _known("s3://other/a/")}
    suffixed = f"a_{_hash('s3://b/a/')}"
    assert named(found, "", catalog) == [suffixed]
    # and the second crawl finds its own
    assert named(found, "", {**catalog, suffixed: _known("s3://b/a/")}) == [suffixed]


def test_the_table_at_the_place_is_the_one_with_or_without_a_slash() -> None:
    assert named([_found("a", "s3://b/a/")], "", {"a": _known("s3://b/a")}) == ["a"]


def test_a_view_of_the_name_keeps_it() -> None:
    found = [_found("a", "s3://b/a/")]
    assert named(found, "", {"a": {"TableType": "VIRTUAL_VIEW"}}) != ["a"]


def test_two_tables_of_one_folder_keep_their_names() -> None:
    """A kind that sorts before the others comes in: it gets the name that is free."""
    json_table = _found("a", "s3://b/a/", JSON)
    csv_table = _found("a", "s3://b/a/", CSV)
    catalog = {"a": _known("s3://b/a/", "json")}
    names = named([csv_table, json_table], "", catalog)
    assert names == [f"a_{_hash('s3://b/a/')}", "a"]


def test_data_of_another_kind_at_the_place_is_the_same_table() -> None:
    assert named([_found("a", "s3://b/a/", CSV)], "", {"a": _known("s3://b/a/", "json")}) == ["a"]


def test_where_even_the_hashes_are_taken_a_number_makes_the_name() -> None:
    found = _found("a", "s3://b/a/")
    hashes = (_hash("s3://b/a/"), _hash(f"s3://b/a/ {JSON} "))
    catalog = {name: _known("s3://other/") for name in ("a", *(f"a_{one}" for one in hashes))}
    assert named([found], "", catalog) == ["a_1"]


def test_long_names_keep_their_hash() -> None:
    found = [_found("x" * 200, "s3://b/1/"), _found("x" * 200, "s3://b/2/")]
    _, second = named(found, "", {})
    assert len(second) == 128
    assert second.endswith(_hash("s3://b/2/"))
