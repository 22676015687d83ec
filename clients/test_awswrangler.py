"""awswrangler (AWS SDK for pandas): data sets in S3 with their tables in the Data Catalog."""

from __future__ import annotations

import awswrangler as wr
import pandas as pd
import pytest

_PLACE = "s3://lake/orders/"


def _orders() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [1, 2, 3],
            "Customer": ["ada", "bob", None],
            "amount": [1.5, 2.5, 3.5],
            "at": pd.to_datetime(["2026-01-01", "2026-01-01", "2026-01-02"]),
            "day": ["2026-01-01", "2026-01-01", "2026-01-02"],
        }
    )


@pytest.fixture(scope="module", autouse=True)
def database(bucket: str) -> str:
    wr.catalog.create_database("sales", exist_ok=True)
    return "sales"


@pytest.fixture
def orders(database: str) -> str:
    """A partitioned table that is written anew for each test."""
    wr.s3.to_parquet(
        _orders(),
        path=_PLACE,
        dataset=True,
        database=database,
        table="orders",
        partition_cols=["day"],
        mode="overwrite",
    )
    return "orders"


def _write(frame: pd.DataFrame, mode: str) -> None:
    wr.s3.to_parquet(
        frame,
        path=_PLACE,
        dataset=True,
        database="sales",
        table="orders",
        partition_cols=["day"],
        mode=mode,
        schema_evolution=True,
    )


def test_a_data_set_becomes_a_table_with_its_partitions(orders: str) -> None:
    assert wr.catalog.get_table_types("sales", orders) == {
        "id": "bigint",
        "customer": "string",
        "amount": "double",
        "at": "timestamp",
        "day": "string",
    }
    assert wr.catalog.get_partitions("sales", orders) == {
        f"{_PLACE}day=2026-01-01/": ["2026-01-01"],
        f"{_PLACE}day=2026-01-02/": ["2026-01-02"],
    }
    assert wr.catalog.get_table_location("sales", orders) == _PLACE


def test_the_table_is_read_whole_and_by_partition(orders: str) -> None:
    frame = wr.s3.read_parquet_table(database="sales", table=orders)
    assert sorted(frame["id"]) == [1, 2, 3]
    late = wr.s3.read_parquet_table(
        database="sales", table=orders, partition_filter=lambda keys: keys["day"] == "2026-01-02"
    )
    assert list(late["id"]) == [3]


@pytest.mark.parametrize(
    ("mode", "rows"),
    [
        ("append", 6),  # beside the rows that are there
        ("overwrite_partitions", 3),  # the partitions of the new rows are replaced
        ("overwrite", 3),
    ],
)
def test_each_way_of_writing_again(orders: str, mode: str, rows: int) -> None:
    _write(_orders(), mode)
    assert len(wr.s3.read_parquet_table(database="sales", table=orders)) == rows


def test_a_new_column_is_added_to_the_table(orders: str) -> None:
    _write(_orders().assign(extra=1), "append")
    assert wr.catalog.get_table_types("sales", orders)["extra"] == "bigint"


def test_partitions_are_chosen_added_and_deleted(orders: str) -> None:
    place = f"{_PLACE}day=2026-02-01/"
    wr.catalog.add_parquet_partitions("sales", orders, partitions_values={place: ["2026-02-01"]})
    later = wr.catalog.get_parquet_partitions("sales", orders, expression="day > '2026-01-15'")
    assert later == {place: ["2026-02-01"]}
    wr.catalog.delete_partitions(database="sales", table=orders, partitions_values=[["2026-02-01"]])
    assert len(wr.catalog.get_partitions("sales", orders)) == 2
    assert len(wr.catalog.delete_all_partitions(database="sales", table=orders)) == 2


@pytest.mark.parametrize(
    "names",
    [
        {"name_prefix": "ord"},
        {"name_contains": "rde"},
        {"name_suffix": "ers"},
    ],
    ids=lambda names: next(iter(names)),
)
def test_tables_are_listed_by_parts_of_their_names(orders: str, names: dict[str, str]) -> None:
    tables = wr.catalog.get_tables(database="sales", **names)
    assert [table["Name"] for table in tables] == ["orders"]


def test_tables_are_searched_by_text(orders: str) -> None:
    assert [table["Name"] for table in wr.catalog.search_tables(text="orders")] == ["orders"]


def test_parameters_and_comments_are_kept(orders: str) -> None:
    wr.catalog.upsert_table_parameters({"owner": "ada"}, database="sales", table=orders)
    assert wr.catalog.get_table_parameters("sales", orders)["owner"] == "ada"


@pytest.mark.parametrize(
    ("write", "options"),
    [
        (wr.s3.to_csv, {"index": False}),
        (wr.s3.to_json, {"index": False, "orient": "records", "lines": True}),
    ],
    ids=["csv", "json"],
)
def test_texts_become_tables_too(database: str, write: object, options: dict[str, object]) -> None:
    frame = _orders().drop(columns=["at"])
    result = write(  # type: ignore[operator]
        frame, path="s3://lake/texts/", dataset=True, database=database, table="texts",
        mode="overwrite", **options,
    )  # fmt: skip
    assert len(result["paths"]) == 1
    assert wr.catalog.get_table_types(database, "texts")["amount"] == "double"


def test_files_of_a_table_are_described_afterwards(orders: str) -> None:
    columns, partition_keys, partitions = wr.s3.store_parquet_metadata(
        path=_PLACE, database="sales", table="described", dataset=True
    )
    assert partition_keys == {"day": "string"}
    assert "customer" in {name.lower() for name in columns}
    assert partitions is not None and len(partitions) == 2
    assert wr.catalog.delete_table_if_exists("sales", "described")


def test_objects_are_copied_merged_and_deleted(orders: str) -> None:
    paths = wr.s3.list_objects(_PLACE)
    copies = wr.s3.copy_objects(paths, source_path=_PLACE, target_path="s3://lake/copies/")
    assert len(copies) == len(paths) == 2
    wr.s3.merge_datasets("s3://lake/copies/", "s3://lake/merged/", mode="overwrite")
    assert sum(wr.s3.size_objects("s3://lake/merged/").values()) > 0
    wr.s3.delete_objects("s3://lake/copies/")
    assert wr.s3.list_objects("s3://lake/copies/") == []


def test_the_account_is_known() -> None:
    assert wr.sts.get_account_id() == "123456789012"
