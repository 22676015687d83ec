from __future__ import annotations

import pytest

from crawl.found_files import CSV, JSON, looked_at, not_opened, schema
from glueball.crawl.kinds import Kind
from glueball.crawl.tables import Contents, FoundTable, contents_of, key_names, merge_contents


def test_contents_are_the_columns_and_the_sums_of_files() -> None:
    contents = contents_of(
        [
            looked_at("a.json", "id:int", size=100, records=10),
            looked_at("b.json", "id:bigint name:string", size=300, records=10),
        ]
    )
    assert contents.schema == schema("id:bigint name:string")
    assert (contents.objects, contents.size, contents.records) == (2, 400, 20)
    assert contents.record_bytes == 20


def test_files_that_were_not_opened_hold_as_much_as_the_others() -> None:
    contents = contents_of([looked_at("a.json", size=100, records=10), not_opened("b", size=900)])
    assert (contents.objects, contents.size, contents.records) == (2, 1000, 100)


def test_nothing_holds_nothing() -> None:
    assert contents_of([]) == Contents() == merge_contents([])


def test_the_avro_schema_with_the_most_text_stands_for_all() -> None:
    parts = [Contents(avro_schema=text) for text in ("[]", "[12]", "[1]")]
    assert merge_contents(parts).avro_schema == merge_contents(parts[::-1]).avro_schema == "[12]"


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ((), ()),
        (("year", "month"), ("year", "month")),
        (("", ""), ("partition_0", "partition_1")),
        # only levels without a name are counted
        (("", "year", ""), ("partition_0", "year", "partition_1")),
        # a name stands once in a table
        (("year", "year"), ("year", "year_1")),
        # what no column may be called
        (("a\x01b",), ("a_b",)),
    ],
)
def test_partition_keys_are_called_as_folders_tell(
    told: tuple[str, ...], names: tuple[str, ...]
) -> None:
    assert key_names(told) == names


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        # found by name: the key takes its place
        (JSON, ["id", "name"]),
        # found by order: it must stay where it is
        (CSV, ["id", "year_1", "name"]),
        (Kind(classification="parquet"), ["id", "name"]),
    ],
)
def test_no_column_is_called_as_a_partition_key(kind: Kind, columns: list[str]) -> None:
    contents = Contents(schema=schema("id:int year:int name:string"))
    table = FoundTable(stem="t", location="s3://b/t/", kind=kind, contents=contents, keys=("year",))
    assert [column.name for column in table.columns_of(contents)] == columns
