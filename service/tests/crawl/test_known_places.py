from __future__ import annotations

from typing import Any

import pytest

from crawl.found_files import BASE, CSV, listing_of, looked_at
from glueball.crawl.known_places import KnownPlaces, as_found, new_folders, rebased
from glueball.crawl.listing import Listing


@pytest.mark.parametrize(
    ("location", "known"),
    [
        ("s3://lake/orders/day=1/a.json", True),
        ("s3://lake/orders/day=1/deeper/a.json", True),
        ("s3://lake/orders/day=12/a.json", False),  # no more than the beginning of its name
        ("s3://lake/orders/a.json", False),
        ("s3://lake/one.json", True),  # a table that is one file
        ("s3://lake/one.json.old", False),
        ("s3://bucket/anything", True),  # a table that is a bucket
    ],
)
def test_what_lies_at_a_place_of_the_catalog_is_known(location: str, known: bool) -> None:
    places = KnownPlaces(["s3://lake/orders/day=1/", "s3://lake/one.json", "s3://bucket/", ""])
    assert places.have(location) is known


def _table(*keys: str) -> dict[str, Any]:
    return {
        "Name": "orders",
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
        "Parameters": {"classification": "json"},
        "StorageDescriptor": {
            "Location": BASE,
            "Columns": [{"Name": "id", "Type": "int"}, {"Name": "name", "Type": "string"}],
        },
    }


def test_a_table_of_the_catalog_is_read() -> None:
    found = as_found(_table("Day"))
    assert (found.stem, found.location, found.keys) == ("orders", BASE, ("day",))
    assert found.kind.classification == "json"
    assert as_found({"Name": "bare"}).location == ""


def test_new_folders_with_the_schema_of_the_table_are_partitions() -> None:
    files = [
        looked_at("day=1/a.json"),
        looked_at("day=2/a.json", "other:int columns:int"),
        looked_at("day=3/a.csv", kind=CSV),
        looked_at("hour=4/a.json"),
    ]
    new = new_folders(_table("day"), listing_of(files), files)
    assert [one.values for one in new.table.partitions] == [("1",)]
    assert new.skipped == (
        f"Its schema is not that of the table, skipped: {BASE}day=2/",
        "Folder partition keys or format do not match those of the table, skipped folder: "
        f"{BASE}day=3/",
        "Folder partition keys or format do not match those of the table, skipped folder: "
        f"{BASE}hour=4/",
    )
    assert len(new.misfits) == 2


@pytest.mark.parametrize(
    ("location", "folders"),
    [
        (f"{BASE}orders", [("day=1",)]),  # the table lies in the target
        ("s3://lake/", [("shop", "orders", "day=1"), ("shop", "people")]),  # and around it
        ("s3://lake/shop/ord", []),
    ],
)
def test_files_are_listed_from_the_location_of_a_table(
    location: str, folders: list[tuple[str, ...]]
) -> None:
    files = [looked_at("orders/day=1/a.json"), looked_at("people/a.json")]
    listing, below = rebased(Listing(base=BASE, files=[]), location, files)
    assert [one.file.folders for one in below] == folders
    assert listing.base == f"{location.rstrip('/')}/"
