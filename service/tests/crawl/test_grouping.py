from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawl.found_files import (
    BASE,
    CSV,
    JSON,
    PARQUET,
    listing_of,
    looked_at,
    not_opened,
    schema,
)
from glueball.crawl.grouping import Grouped, group, group_as
from glueball.crawl.kinds import Kind
from glueball.crawl.listing import Listing
from glueball.crawl.tables import Contents, FoundTable, LookedAt

_ORDERS = "id:int price:double at:string"
_PEOPLE = "name:string city:string age:int"


def _group(files: Sequence[LookedAt], **options: Any) -> Grouped:
    return group(listing_of(files), files, **options)


def _outline(grouped: Grouped) -> dict[str, tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Return each table's keys and values, by its location below s3://lake/shop."""
    return {
        table.location.removeprefix(BASE): (
            table.keys,
            sorted(partition.values for partition in table.partitions),
        )
        for table in grouped.tables
    }


_NOTHING: tuple[tuple[str, ...], list[tuple[str, ...]]] = ((), [])


@pytest.mark.parametrize(
    ("files", "outline"),
    [
        pytest.param([], {}, id="no files, no tables"),
        pytest.param(
            [looked_at("a.json"), looked_at("b.json")],
            {"": _NOTHING},
            id="the include path itself is the table if its files are alike",
        ),
        pytest.param(
            [
                looked_at(f"year=2019/month={month}/day={day}/a.json")
                for month in ("Jan", "Feb")
                for day in (1, 2)
            ],
            {
                "": (
                    ("year", "month", "day"),
                    [
                        ("2019", "Feb", "1"),
                        ("2019", "Feb", "2"),
                        ("2019", "Jan", "1"),
                        ("2019", "Jan", "2"),
                    ],
                )
            },
            id="the first example of crawler-s3-folder-table-partition.html",
        ),
        pytest.param(
            [looked_at(f"table1/partition{n}/file.txt") for n in (1, 2, 3)]
            + [looked_at(f"table2/partition{n}/file.txt") for n in (4, 5)],
            {
                "": (
                    ("partition_0", "partition_1"),
                    [
                        ("table1", "partition1"),
                        ("table1", "partition2"),
                        ("table1", "partition3"),
                        ("table2", "partition4"),
                        ("table2", "partition5"),
                    ],
                )
            },
            id="the second example of that page",
        ),
        pytest.param(
            [looked_at("orders/a.json", _ORDERS), looked_at("people/a.json", _PEOPLE)],
            {"orders/": _NOTHING, "people/": _NOTHING},
            id="folders that are not alike are tables of their own",
        ),
        pytest.param(
            [looked_at("year=2017/data1.json", "a b"), looked_at("year=2018/data2.json", "c d")],
            {"year=2017/": _NOTHING, "year=2018/": _NOTHING},
            id="the example of crawler-grouping-policy.html",
        ),
        pytest.param(
            [
                looked_at("orders/day=1/a.json", _ORDERS),
                looked_at("orders/day=2/a.json", _ORDERS),
                looked_at("people/a.json", _PEOPLE),
            ],
            {"orders/": (("day",), [("1",), ("2",)]), "people/": _NOTHING},
            id="partitions below a folder that is not like its neighbour",
        ),
        pytest.param(
            [looked_at("a.json", _ORDERS), looked_at("b.json", _PEOPLE)],
            {"a.json": _NOTHING, "b.json": _NOTHING},
            id="files of a folder that are not alike are tables, as us-legislators/all shows",
        ),
        pytest.param(
            [looked_at("a.json", _ORDERS), looked_at("b.csv", _ORDERS, CSV)],
            {"a.json": _NOTHING, "b.csv": _NOTHING},
            id="so are files of different formats",
        ),
        pytest.param(
            [
                looked_at("a.json", _ORDERS),
                looked_at("b.gz", _ORDERS, Kind(classification="json", compression="gzip")),
            ],
            {"a.json": _NOTHING, "b.gz": _NOTHING},
            id="and of different compressions",
        ),
        pytest.param(
            [looked_at("2024/01/a.json"), looked_at("2024/02/a.json")],
            {"": (("partition_0", "partition_1"), [("2024", "01"), ("2024", "02")])},
            id="names without keys",
        ),
        pytest.param(
            [looked_at("at=10%3A30/a.json"), looked_at("at=__HIVE_DEFAULT_PARTITION__/a.json")],
            {"": (("at",), [("10:30",), ("__HIVE_DEFAULT_PARTITION__",)])},
            id="values are unescaped, as jobs write them",
        ),
        pytest.param(
            [looked_at(f"day={n}/a.json") for n in range(9)] + [looked_at("tmp/a.json")],
            {"": (("day",), [(str(n),) for n in range(9)]), "tmp/": _NOTHING},
            id="a folder without the key of the others",
        ),
        pytest.param(
            [looked_at("day=1/a.json"), looked_at("day=2/hour=3/a.json")],
            {"day=1/": _NOTHING, "day=2/": (("hour",), [("3",)])},
            id="levels that differ",
        ),
        pytest.param(
            [looked_at("a.json"), looked_at("b.json"), looked_at("archive/old.json")],
            {"": _NOTHING},
            id="files beside folders that are alike: a table without partitions",
        ),
        pytest.param(
            [looked_at("stray.json"), looked_at("day=1/a.json"), looked_at("day=2/a.json")],
            {"": (("day",), [("1",), ("2",)]), "stray.json": _NOTHING},
            id="files beside partitions are tables of their own",
        ),
        pytest.param(
            [looked_at("readme.csv", _PEOPLE, CSV), looked_at("x/a.json"), looked_at("y/a.json")],
            {"": (("partition_0",), [("x",), ("y",)]), "readme.csv": _NOTHING},
            id="and so are files that are not like the folders",
        ),
        pytest.param(
            [looked_at("//a.json"), looked_at("/x/a.json")],
            {
                "": (
                    ("partition_0", "partition_1"),
                    [
                        ("__HIVE_DEFAULT_PARTITION__", "__HIVE_DEFAULT_PARTITION__"),
                        ("__HIVE_DEFAULT_PARTITION__", "x"),
                    ],
                )
            },
            id="folders without names: no value may be empty",
        ),
    ],
)
def test_folders_become_tables_and_partitions(
    files: list[LookedAt], outline: dict[str, Any]
) -> None:
    grouped = _group(files)
    assert _outline(grouped) == outline
    assert grouped.misfits == ()


@pytest.mark.parametrize(
    ("unlike", "tables"),
    [
        (3, [""]),  # seven of ten folders are alike
        (4, [*(f"{n}/" for n in range(10))]),
    ],
)
def test_seventy_percent_of_the_folders_decide(unlike: int, tables: list[str]) -> None:
    files = [looked_at(f"{n}/a.json", _PEOPLE if n < unlike else _ORDERS) for n in range(10)]
    grouped = _group(files)
    assert sorted(_outline(grouped)) == tables
    if unlike == 3:
        (table,) = grouped.tables
        assert len(table.partitions) == 10, "of the same format, the others are partitions, too"
        assert len(table.contents.schema) == 6


def test_files_that_do_not_fit_into_their_folder_are_left_out() -> None:
    files = [looked_at(f"{n}.json") for n in range(9)] + [looked_at("m.csv", _PEOPLE, CSV)]
    grouped = _group(files)
    assert _outline(grouped) == {"": _NOTHING}
    assert [one.file.name for one in grouped.misfits] == ["m.csv"]
    assert grouped.tables[0].contents.objects == 9


def test_files_that_were_not_opened_belong_to_their_folder() -> None:
    (table,) = _group([looked_at("x/a.json"), not_opened("x/b.json"), looked_at("y/c.json")]).tables
    assert [(one.values, one.contents.objects) for one in table.partitions] == [
        (("x",), 2), (("y",), 1),
    ]  # fmt: skip


def test_folders_in_which_nothing_could_be_opened_are_left_out() -> None:
    grouped = _group([looked_at("x/a.json"), not_opened("y/b.json")])
    assert [one.location for one in grouped.misfits] == [f"{BASE}y/b.json"]


def test_two_folders_of_the_same_values_are_one_partition() -> None:
    grouped = _group([looked_at("day=1/a.json"), looked_at("day=%31/a.json")])
    assert _outline(grouped) == {"": (("day",), [("1",)])}
    assert [one.location for one in grouped.doubled] == [f"{BASE}day=1/"]


def test_a_table_is_called_as_its_folder() -> None:
    files = [looked_at("a.json")]
    stems = {
        base: group(Listing(base=base, files=[]), files).tables[0].stem
        for base in ("s3://lake/shop/", "s3://lake/")
    }
    assert stems == {"s3://lake/shop/": "shop", "s3://lake/": "lake"}


def test_a_target_that_is_one_object_is_a_table() -> None:
    files = [looked_at("a.json")]
    listing = Listing(base=BASE, files=[], is_object=True)
    (table,) = group(listing, files).tables
    assert (table.stem, table.location) == ("a.json", f"{BASE}a.json")
    assert group(listing, [not_opened("a.json", known=True)]).tables == ()


class TestCombining:
    """https://docs.aws.amazon.com/glue/latest/dg/crawler-grouping-policy.html"""

    def test_the_example_of_the_documentation(self) -> None:
        files = [looked_at("year=2017/data1.json", "A:int B:int")]
        files += [looked_at("year=2018/data2.json", "C:int D:int")]
        (table,) = _group(files, combine=True).tables
        assert table.keys == ("year",)
        assert [column.name for column in table.contents.schema] == ["a", "b", "c", "d"]

    def test_files_of_other_formats_are_other_tables(self) -> None:
        files = [looked_at(f"{n}/a.json", _ORDERS if n else _PEOPLE) for n in range(3)]
        files += [looked_at(f"p{n}/a.parquet", _ORDERS, PARQUET) for n in range(2)]
        files += [looked_at("c/a.csv", _ORDERS, CSV)]
        grouped = _group(files, combine=True)
        found = [
            (one.location.removeprefix(BASE), one.kind, len(one.partitions))
            for one in grouped.tables
        ]
        assert found == [("", JSON, 3), ("", PARQUET, 2), ("c/", CSV, 0)]

    def test_files_of_a_folder_are_one_table_whatever_their_columns_are(self) -> None:
        files = [looked_at("a.json", _ORDERS), looked_at("b.json", _PEOPLE)]
        assert _outline(_group(files, combine=True)) == {"": _NOTHING}

    def test_files_of_different_formats_in_a_folder_are_none(self) -> None:
        files = [looked_at("a.json", _ORDERS), looked_at("b.csv", _ORDERS, CSV)]
        assert set(_outline(_group(files, combine=True))) == {"a.json", "b.csv"}


class TestTableLevel:
    """https://docs.aws.amazon.com/glue/latest/dg/crawler-table-level.html; the bucket is 1."""

    @pytest.mark.parametrize(
        ("level", "tables"),
        [
            (1, [""]),  # above the include path: that is as high as a table can lie
            (2, [""]),
            (3, ["eu/", "us/"]),
            (4, ["eu/1/", "eu/2/", "us/1/"]),
            (9, ["eu/1/", "eu/2/", "us/1/"]),  # deeper than the files: nothing is put together
        ],
    )
    def test_tables_lie_at_the_level(self, level: int, tables: list[str]) -> None:
        files = [looked_at(f"{path}/a.json") for path in ("eu/1", "eu/2", "us/1")]
        assert sorted(_outline(_group(files, table_level=level))) == tables

    def test_folders_that_are_not_alike_at_it_are_tables_that_lie_deeper(self) -> None:
        files = [looked_at("eu/1/a.json", _ORDERS), looked_at("eu/2/a.json", _PEOPLE)]
        assert set(_outline(_group(files, table_level=3))) == {"eu/1/", "eu/2/"}
        combined = _outline(_group(files, table_level=3, combine=True))
        assert combined == {"eu/": (("partition_0",), [("1",), ("2",)])}

    def test_files_above_it_are_tables(self) -> None:
        files = [looked_at("eu/1/a.json"), looked_at("b.json")]
        assert set(_outline(_group(files, table_level=3))) == {"eu/", "b.json"}


class TestKnownFolders:
    """What the catalog knows was not opened, and no table is rooted above it."""

    def test_a_new_folder_beside_known_ones_is_a_table(self) -> None:
        files = [not_opened("orders/a.json", known=True), looked_at("returns/a.json", _ORDERS)]
        assert _outline(_group(files)) == {"returns/": _NOTHING}

    def test_new_folders_of_a_new_folder_are_its_partitions(self) -> None:
        files = [not_opened("orders/a.json", known=True)]
        files += [looked_at(f"returns/day={n}/a.json") for n in range(2)]
        assert _outline(_group(files)) == {"returns/": (("day",), [("0",), ("1",)])}

    def test_nothing_new_is_nothing(self) -> None:
        grouped = _group([not_opened("orders/a.json", known=True)])
        assert grouped == Grouped(tables=())

    def test_files_beside_known_folders_are_tables(self) -> None:
        files = [not_opened("orders/a.json", known=True), looked_at("b.json")]
        assert _outline(_group(files)) == {"b.json": _NOTHING}


class TestOfAKnownTable:
    def _table(self, *keys: str, classification: str = "json") -> FoundTable:
        kind = Kind(classification=classification)
        return FoundTable(stem="t", location=BASE, kind=kind, contents=Contents(), keys=keys)

    def test_its_files_are_its_own(self) -> None:
        files = [looked_at("a.json", _ORDERS), looked_at("x/b.json", _PEOPLE)]
        table, misfits = group_as(self._table(), listing_of(files), files)
        assert (table.contents.objects, table.partitions, misfits) == (2, (), [])
        assert len(table.contents.schema) == 6

    def test_folders_as_deep_as_its_keys_are_partitions(self) -> None:
        files = [looked_at(path) for path in ("day=1/a.json", "2/x/b.json", "stray.json")]
        files += [looked_at("month=1/c.json")]
        table, misfits = group_as(self._table("day"), listing_of(files), files)
        assert [one.values for one in table.partitions] == [("2",), ("1",)]
        assert [one.location for one in table.partitions] == [f"{BASE}2/", f"{BASE}day=1/"]
        assert [one.file.name for one in misfits] == ["c.json", "stray.json"]

    def test_files_of_another_kind_do_not_fit(self) -> None:
        files = [looked_at("a.csv", _ORDERS, CSV), looked_at("b.csv", _ORDERS, CSV)]
        files += [looked_at("c.json", _PEOPLE)]
        table, misfits = group_as(self._table(), listing_of(files), files)
        assert table.contents.schema == schema(_PEOPLE)
        assert [one.file.name for one in misfits] == ["a.csv", "b.csv"]

    def test_a_table_that_does_not_say_its_kind_is_what_most_files_are(self) -> None:
        files = [looked_at("a.csv", _ORDERS, CSV), looked_at("b.csv", _ORDERS, CSV)]
        files += [looked_at("c.json", _PEOPLE)]
        table, _ = group_as(self._table(classification=""), listing_of(files), files)
        assert table.kind == CSV

    def test_without_files_of_its_kind_it_holds_nothing(self) -> None:
        files = [looked_at("a.csv", _ORDERS, CSV)]
        table, misfits = group_as(self._table(), listing_of(files), files)
        assert (table.contents, misfits) == (Contents(), files)


_NAMES = st.sampled_from(("a", "b", "k=1", "k=2", "j=1"))
_FILES = st.lists(
    st.tuples(
        st.lists(_NAMES, max_size=3),
        st.sampled_from((_ORDERS, _PEOPLE, "id:int")),
        st.sampled_from((JSON, CSV, PARQUET)),
        st.sampled_from(("opened", "opened", "not opened", "known")),
    ),
    max_size=8,
)


@st.composite
def _file_sets(draw: st.DrawFn) -> list[LookedAt]:
    files = []
    for number, (folders, columns, kind, how) in enumerate(draw(_FILES)):
        path = "/".join((*folders, f"{number}.dat"))
        if how == "opened":
            files.append(looked_at(path, columns, kind))
        else:
            files.append(not_opened(path, known=how == "known"))
    return files


_OPTIONS = st.fixed_dictionaries(
    {"combine": st.booleans(), "table_level": st.none() | st.integers(1, 5)}
)


@given(files=_file_sets(), options=_OPTIONS, randomness=st.randoms(use_true_random=False))
def test_the_order_of_files_does_not_matter(
    files: list[LookedAt], options: dict[str, Any], randomness: Any
) -> None:
    shuffled = list(files)
    randomness.shuffle(shuffled)
    there, here = _group(files, **options), _group(shuffled, **options)
    assert there.tables == here.tables
    assert {one.location for one in there.misfits} == {one.location for one in here.misfits}


@given(files=_file_sets(), options=_OPTIONS)
def test_each_file_is_in_one_table_or_fits_nowhere(
    files: list[LookedAt], options: dict[str, Any]
) -> None:
    grouped = _group(files, **options)
    counted = sum(table.contents.objects for table in grouped.tables)
    fresh = [one for one in files if not one.known]
    assert counted + len(grouped.misfits) == len(fresh)
    for table in grouped.tables:
        assert all(len(one.values) == len(table.keys) for one in table.partitions)
        assert bool(table.keys) == bool(table.partitions)
        values = [one.values for one in table.partitions]
        assert len(set(values)) == len(values)
        if table.keys:
            in_partitions = sum(one.contents.objects for one in table.partitions)
            assert in_partitions == table.contents.objects


@given(files=_file_sets(), options=_OPTIONS)
def test_tables_of_one_folder_differ_in_their_kind(
    files: list[LookedAt], options: dict[str, Any]
) -> None:
    places = [(one.location, one.kind, one.keys) for one in _group(files, **options).tables]
    assert len(set(places)) == len(places)
