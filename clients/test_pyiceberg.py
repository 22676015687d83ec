"""PyIceberg's Glue catalog: Iceberg tables whose pointers are tables of the Data Catalog."""

from __future__ import annotations

import boto3
import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.exceptions import (
    CommitFailedException,
    NamespaceNotEmptyError,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from pyiceberg.expressions import EqualTo
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import LongType, NestedField, StringType

_SCHEMA = Schema(
    NestedField(1, "id", LongType(), required=False),
    NestedField(2, "day", StringType(), required=False),
)
_BY_DAY = PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "day"))


def _rows(*days: str) -> pa.Table:
    return pa.table({"id": pa.array(range(len(days)), pa.int64()), "day": list(days)})


@pytest.fixture(scope="module")
def catalog(service: str, bucket: str) -> Catalog:
    # its reader of files is Arrow's, which does not look at AWS_ENDPOINT_URL
    catalog = load_catalog(
        "glue", type="glue", warehouse=f"s3://{bucket}/iceberg", **{"s3.endpoint": service}
    )
    catalog.create_namespace("flights")
    return catalog


@pytest.fixture
def table(catalog: Catalog) -> Table:
    """A table of three rows on two days, of its own for each test."""
    if catalog.table_exists("flights.legs"):
        catalog.drop_table("flights.legs")
    table = catalog.create_table("flights.legs", _SCHEMA, partition_spec=_BY_DAY)
    table.append(_rows("mon", "mon", "tue"))
    return table


def test_rows_are_appended_and_read_through_the_catalog(catalog: Catalog, table: Table) -> None:
    catalog.load_table("flights.legs").append(_rows("wed"))
    days = catalog.load_table("flights.legs").scan().to_arrow()["day"].to_pylist()
    assert sorted(days) == ["mon", "mon", "tue", "wed"]


def test_a_scan_reads_chosen_rows_only(table: Table) -> None:
    assert table.scan(row_filter=EqualTo("day", "tue")).to_arrow().num_rows == 1


def test_rows_are_deleted_and_an_older_snapshot_still_has_them(table: Table) -> None:
    before = table.current_snapshot()
    assert before is not None
    table.delete(EqualTo("day", "mon"))
    assert table.scan().to_arrow().num_rows == 1
    assert table.scan(snapshot_id=before.snapshot_id).to_arrow().num_rows == 3


def test_columns_are_added_and_shown_by_the_glue_api(table: Table) -> None:
    with table.update_schema() as update:
        update.add_column("carrier", StringType())
    glue_table = boto3.client("glue").get_table(DatabaseName="flights", Name="legs")["Table"]
    names = [column["Name"] for column in glue_table["StorageDescriptor"]["Columns"]]
    assert names == ["id", "day", "carrier"]
    assert glue_table["Parameters"]["table_type"] == "ICEBERG"
    assert glue_table["Parameters"]["metadata_location"] == table.metadata_location


def test_of_two_writers_with_one_base_the_second_fails(catalog: Catalog, table: Table) -> None:
    first, second = catalog.load_table("flights.legs"), catalog.load_table("flights.legs")
    with first.update_schema() as update:
        update.add_column("first", StringType())
    with pytest.raises(CommitFailedException), second.update_schema() as update:
        update.add_column("second", StringType())


def test_a_table_is_renamed_and_dropped(catalog: Catalog, table: Table) -> None:
    catalog.rename_table("flights.legs", "flights.trips")
    assert catalog.list_tables("flights") == [("flights", "trips")]
    catalog.drop_table("flights.trips")
    with pytest.raises(NoSuchTableError):
        catalog.load_table("flights.trips")


def test_what_is_there_is_not_made_again_and_not_dropped_with_tables(
    catalog: Catalog, table: Table
) -> None:
    with pytest.raises(TableAlreadyExistsError):
        catalog.create_table("flights.legs", _SCHEMA)
    with pytest.raises(NamespaceNotEmptyError):
        catalog.drop_namespace("flights")


def test_properties_of_a_namespace_are_changed(catalog: Catalog) -> None:
    catalog.update_namespace_properties("flights", updates={"owner": "ada"})
    assert catalog.load_namespace_properties("flights")["owner"] == "ada"
