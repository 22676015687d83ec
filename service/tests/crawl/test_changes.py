from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from crawl.found_files import JSON, schema
from glueball.crawl.changes import (
    PartitionChanges,
    TableChange,
    deprecated,
    has_other_keys,
    is_deprecated,
    is_of_another_kind,
    partition_changes,
    table_change,
)
from glueball.crawl.crawler import DELETE, LOG, Policy
from glueball.crawl.places import Fate
from glueball.crawl.table_inputs import Stamp, partition_input, table_input
from glueball.crawl.tables import Contents, FoundPartition, FoundTable

_UPDATE = Policy()
_LOGGING = Policy(updates=LOG, deletions=LOG)
_MERGING = Policy(merge_columns=True)


def _found(columns: str, *keys: str, run_id: str = "run-2", records: int = 5) -> dict[str, Any]:
    found = FoundTable(
        stem="orders",
        location="s3://lake/orders/",
        kind=JSON,
        contents=Contents(schema=schema(columns), objects=1, records=records),
        keys=keys,
    )
    return table_input("orders", found, Stamp(crawler="nightly", run_id=run_id))


def _known(columns: str = "id:int name:string", *keys: str) -> dict[str, Any]:
    """Return a table as the service shows it."""
    return {
        **_found(columns, *keys, run_id="run-1"),
        "DatabaseName": "lake",
        "CreateTime": 1.0,
        "VersionId": "3",
        "CatalogId": "123456789012",
    }


def _columns(document: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    assert document is not None
    return [(one["Name"], one["Type"]) for one in document["StorageDescriptor"]["Columns"]]


def test_what_has_not_changed_is_not_written() -> None:
    change = table_change(_known(), _found("id:int name:string"), _UPDATE)
    assert (change.document, change.differences) == (None, ())


@pytest.mark.parametrize(
    ("policy", "columns", "differences"),
    [
        pytest.param(
            _UPDATE,
            [("id", "bigint"), ("city", "string")],
            ("new column city string", "no column name any more", "column id is bigint, not int"),
            id="AWS adds new columns, removes missing ones and changes types",
        ),
        pytest.param(
            _MERGING,
            [("id", "int"), ("name", "string"), ("city", "string")],
            ("new column city string",),
            id="with MergeNewColumns it only adds",
        ),
        pytest.param(
            _LOGGING,
            None,
            ("new column city string", "no column name any more", "column id is bigint, not int"),
            id="and with LOG it only tells",
        ),
    ],
)
def test_columns_follow_the_policy(
    policy: Policy, columns: list[tuple[str, str]] | None, differences: tuple[str, ...]
) -> None:
    change = table_change(_known(), _found("id:bigint city:string"), policy)
    assert change.differences == differences
    if columns is None:
        assert change.document is None
    else:
        assert _columns(change.document) == columns
        assert change.archive


_OTHERS: Final[Mapping[str, str]] = {"UPDATED_BY_CRAWLER": "weekly"}


@pytest.mark.parametrize("policy", [_UPDATE, _MERGING], ids=["replaced", "widened"])
@pytest.mark.parametrize(
    ("of_table", "of_descriptor"),
    [
        pytest.param(_OTHERS, _OTHERS, id="what another crawler has made stays its own"),
        pytest.param({}, {}, id="what people have made is nobody's, though a crawl updates it"),
        pytest.param(_OTHERS, {}, id="each of the two places is kept as it is"),
        pytest.param({}, _OTHERS, id="and so the other way round"),
    ],
)
def test_an_update_leaves_the_owner(
    of_table: Mapping[str, str], of_descriptor: Mapping[str, str], policy: Policy
) -> None:
    known = _owned(_known(), of_table, of_descriptor)
    document = table_change(known, _found("id:int name:string", records=9), policy).document
    assert document is not None
    assert _owners(document) == (of_table, of_descriptor)
    assert document["Parameters"]["CRAWL_RUN_ID"] == "run-2"


@pytest.mark.parametrize("policy", [_UPDATE, _MERGING, _LOGGING])
@pytest.mark.parametrize("owner", [_OTHERS, {}], ids=["another crawler", "a person"])
def test_an_owner_that_differs_is_no_change(owner: Mapping[str, str], policy: Policy) -> None:
    table = _owned(_known(), owner, owner)
    assert table_change(table, _found("id:int name:string"), policy) == TableChange()
    partition = _owned(_partition("1", run_id="run-1"), owner, owner)
    changes = _changed([partition], [_partition("1")], policy)
    assert changes == PartitionChanges()


@pytest.mark.parametrize("owner", [_OTHERS, {}], ids=["another crawler", "a person"])
def test_an_update_leaves_the_owner_of_a_partition(owner: Mapping[str, str]) -> None:
    known = _owned(_partition("1"), owner, owner)
    (updated,) = _changed([known], [_partition("1", "id:bigint")]).updated
    assert _owners(updated) == (owner, owner)


def _owned(
    document: dict[str, Any], of_table: Mapping[str, str], of_descriptor: Mapping[str, str]
) -> dict[str, Any]:
    """Return a table or a partition with the owners given, and no other."""
    for part, owner in ((document, of_table), (document["StorageDescriptor"], of_descriptor)):
        del part["Parameters"]["UPDATED_BY_CRAWLER"]
        part["Parameters"] |= owner
    return document


def _owners(document: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    parts = (document["Parameters"], document["StorageDescriptor"]["Parameters"])
    name = "UPDATED_BY_CRAWLER"
    return tuple({name: part[name]} if name in part else {} for part in parts)


@pytest.mark.parametrize(
    ("policy", "written"), [(_UPDATE, True), (_MERGING, True), (_LOGGING, False)]
)
def test_statistics_are_refreshed_without_a_version(policy: Policy, written: bool) -> None:
    change = table_change(_known(), _found("id:int name:string", records=9), policy)
    assert (change.archive, change.differences) == (False, ())
    if written:
        assert change.document is not None
        assert change.document["Parameters"]["recordCount"] == "9"
        assert change.document["Parameters"]["CRAWL_RUN_ID"] == "run-2"
    else:
        assert change.document is None


def test_what_people_have_written_stays() -> None:
    known = _known("id:int name:string", "partition_0")
    known |= {"Description": "of the shop", "Owner": "ann", "Retention": 7}
    known["PartitionKeys"] = [{"Name": "year", "Type": "int", "Comment": "of the order"}]
    known["Parameters"]["team"] = "sales"
    known["StorageDescriptor"]["Columns"][0]["Comment"] = "the number"
    change = table_change(known, _found("id:bigint name:string", "partition_0"), _UPDATE)
    document = change.document
    assert document is not None
    kept = ("Description", "Owner", "Retention", "PartitionKeys")
    assert {name: document[name] for name in kept} == {name: known[name] for name in kept}
    assert document["Parameters"]["team"] == "sales"
    assert document["StorageDescriptor"]["Columns"][0] == {
        "Name": "id", "Type": "bigint", "Comment": "the number",
    }  # fmt: skip
    assert "VersionId" not in document


def test_parameters_that_a_crawler_does_not_write_again_go() -> None:
    known = _known()
    for part in (known, known["StorageDescriptor"]):
        part["Parameters"] |= {"skip.header.line.count": "1", "DEPRECATED_BY_CRAWLER": "1"}
    change = table_change(known, _found("id:int name:string"), _UPDATE)
    assert change.document is not None
    assert "skip.header.line.count" not in change.document["Parameters"]
    assert not is_deprecated(change.document)


def test_with_merged_columns_data_that_is_back_takes_the_mark_away() -> None:
    known = deprecated(_known(), 1.0)
    change = table_change(known, _found("id:int name:string"), _MERGING)
    assert change.document is not None
    assert not is_deprecated(change.document)


@pytest.mark.parametrize("policy", [_LOGGING, _MERGING])
def test_another_format_is_told_of(policy: Policy) -> None:
    known = _known()
    known["Parameters"]["classification"] = "csv"
    change = table_change(known, _found("id:int name:string"), policy)
    assert change.differences == ("classification is json, not csv",)
    assert change.document is None, "columns of another format are not merged"


def test_another_format_is_updated() -> None:
    known = _known()
    known["Parameters"]["compressionType"] = "gzip"
    change = table_change(known, _found("id:int name:string"), _UPDATE)
    assert change.document is not None
    assert change.document["Parameters"]["compressionType"] == "none"
    assert change.archive


def test_a_table_that_was_made_with_its_name_only_is_filled_in() -> None:
    change = table_change({"Name": "orders"}, _found("id:int"), _UPDATE)
    assert _columns(change.document) == [("id", "int")]


@pytest.mark.parametrize(
    ("known", "found", "other"),
    [
        (("year",), ("year",), False),
        (("year",), ("partition_0",), False),  # people rename keys
        (("year",), (), True),
        (("year",), ("year", "month"), True),
        ((), ("year",), False),  # it gets keys
    ],
)
def test_levels_must_be_as_many_as_keys(
    known: tuple[str, ...], found: tuple[str, ...], other: bool
) -> None:
    assert has_other_keys(_known("id:int", *known), _found("id:int", *found)) is other


def test_a_table_without_keys_gets_those_that_there_are() -> None:
    change = table_change(_known("id:int"), _found("id:int", "year"), _UPDATE)
    assert change.document is not None
    assert change.document["PartitionKeys"] == [{"Name": "year", "Type": "string"}]


@pytest.mark.parametrize(
    ("table", "other"),
    [
        ({"TableType": "VIRTUAL_VIEW"}, True),
        ({"Parameters": {"table_type": "ICEBERG"}}, True),
        ({"Parameters": {"spark.sql.sources.provider": "delta"}}, True),
        ({"Parameters": {"classification": "hudi"}}, True),
        ({"Parameters": {"classification": "json"}, "TableType": "EXTERNAL_TABLE"}, False),
        ({}, False),
    ],
)
def test_views_and_tables_with_metadata_of_their_own_are_left_alone(
    table: dict[str, Any], other: bool
) -> None:
    assert is_of_another_kind(table) is other


def test_deprecation_is_a_mark_in_milliseconds() -> None:
    table = deprecated(_known(), 1.5)
    assert table["Parameters"]["DEPRECATED_BY_CRAWLER"] == "1500"
    assert table["StorageDescriptor"]["Parameters"]["DEPRECATED_BY_CRAWLER"] == "1500"
    assert "VersionId" not in table


def _partition(value: str, columns: str = "id:int", run_id: str = "run-2") -> dict[str, Any]:
    found = FoundTable(
        stem="orders", location="s3://lake/orders/", kind=JSON, contents=Contents(), keys=("year",)
    )
    partition = FoundPartition(
        values=(value,),
        location=f"s3://lake/orders/{value}/",
        contents=Contents(schema=schema(columns)),
    )
    return partition_input(found, partition, Stamp(crawler="nightly", run_id=run_id))


def _changed(
    known: list[dict[str, Any]],
    found: list[dict[str, Any]],
    policy: Policy = _UPDATE,
    fate: Fate = Fate.GONE,
) -> Any:
    table = _found("id:bigint name:string", "year")
    return partition_changes(known, found, table, policy, lambda _: fate, 1.0)


def _values(documents: list[Mapping[str, Any]]) -> list[str]:
    return ["/".join(one["Values"]) for one in documents]


@pytest.mark.parametrize("policy", [_UPDATE, _LOGGING, _MERGING])
def test_new_partitions_are_always_added(policy: Policy) -> None:
    changes = _changed(
        [_partition("1", run_id="run-1")], [_partition("1"), _partition("2")], policy
    )
    assert _values(changes.created) == ["2"]
    assert (changes.updated, changes.deleted, changes.notes) == ([], [], [])


def test_partitions_that_have_changed_are_updated_or_told_of() -> None:
    known, found = [_partition("1")], [_partition("1", "id:bigint")]
    assert _values(_changed(known, found).updated) == ["1"]
    logged = _changed(known, found, _LOGGING)
    assert logged.updated == []
    assert logged.notes == ["Partition 1 has changed: column id is bigint, not int"]


def test_with_merged_columns_partitions_only_get_new_ones() -> None:
    changes = _changed([_partition("1")], [_partition("1", "id:bigint x:int")], _MERGING)
    assert _columns(changes.updated[0]) == [("id", "int"), ("x", "int")]


@pytest.mark.parametrize("updates", ["UPDATE_IN_DATABASE", LOG])
def test_partitions_that_inherit_get_the_columns_of_the_table(updates: str) -> None:
    policy = Policy(updates=updates, inherit=True)
    changes = _changed([_partition("1")], [_partition("1"), _partition("2")], policy)
    inherited = [("id", "bigint"), ("name", "string")]
    assert [_columns(one) for one in (*changes.updated, *changes.created)] == [inherited] * 2


def test_a_partition_that_lies_elsewhere_is_left_alone() -> None:
    known = _partition("1", "id:bigint")
    known["StorageDescriptor"]["Location"] = "s3://other/1/"
    changes = _changed([known], [_partition("1")])
    assert (changes.updated, len(changes.notes)) == ([], 1)


@pytest.mark.parametrize(
    ("policy", "updated", "deleted", "notes"),
    [
        (_UPDATE, ["1"], [], 0),  # the default is to mark
        (Policy(deletions=DELETE), [], [["1"]], 0),
        (_LOGGING, [], [], 1),
        (Policy(deletions=DELETE, new_folders_only=True), [], [], 0),
    ],
)
def test_partitions_whose_data_is_gone_follow_the_policy(
    policy: Policy, updated: list[str], deleted: list[list[str]], notes: int
) -> None:
    changes = _changed([_partition("1")], [], policy)
    assert (_values(changes.updated), changes.deleted, len(changes.notes)) == (
        updated, deleted, notes,
    )  # fmt: skip
    assert all(is_deprecated(one) for one in changes.updated)


@pytest.mark.parametrize(
    ("fate", "expected"),
    [
        pytest.param(Fate.NONE, PartitionChanges(), id="another's is not spoken of"),
        pytest.param(Fate.REGROUPED, PartitionChanges(regrouped=["1"]), id="regrouped"),
        pytest.param(Fate.PASSED_OVER, PartitionChanges(passed_over=["1"]), id="excluded, say"),
    ],
)
@pytest.mark.parametrize("policy", [_UPDATE, _LOGGING, Policy(deletions=DELETE)])
def test_partitions_whose_files_are_there_stay(
    fate: Fate, expected: PartitionChanges, policy: Policy
) -> None:
    assert _changed([_partition("1")], [], policy, fate) == expected


def test_a_partition_is_marked_once_and_unmarked_when_its_data_is_back() -> None:
    marked = deprecated(_partition("1"), 1.0, partition=True)
    assert _changed([marked], []).updated == []
    (back,) = _changed([marked], [_partition("1")]).updated
    assert not is_deprecated(back)
