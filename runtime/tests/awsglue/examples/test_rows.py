"""Examples that choose, change and bring together records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.transforms import Filter, Map, SelectFromCollection, Union
from tests.awsglue.conftest import rows_of, tree_of
from tests.awsglue.examples.conftest import SINGER


def address_merger() -> Callable[[Any], Any]:
    """Return a function that workers get by value, as those of a job's script."""

    def merge_address(record: Any) -> Any:
        record["Address"] = {}
        record["Address"]["Street"] = record["House Street"]
        record["Address"]["Town"] = record["House Town"]
        record["Address"]["Region"] = record["House Region"]
        record["Address"]["Post.Code"] = record["House Post Code"]
        record["Address"]["Lines"] = [record["House Street"], record["House Town"]]
        for name in ("House Street", "House Town", "House Region", "House Post Code"):
            del record[name]
        return record

    return merge_address


def test_filter(stays: DynamicFrame) -> None:
    some = stays.filter(
        f=lambda x: x["House Region"] in ["SK", "DA"] and x["House Town"] in ["LUND", "OSLO"]
    )
    assert (stays.count(), some.count()) == (4, 2)
    assert Filter.apply(frame=stays, f=lambda x: x["House Id"] == "100").count() == 2


def test_map_merges_fields_into_a_struct(stays: DynamicFrame) -> None:
    names = "Care Name,House Id,House Street,House Town,House Region,House Post Code,Sum Paid"
    assert tree_of(stays) == [f"|-- {name}: string" for name in names.split(",")]
    mapped = stays.map(f=address_merger())
    assert tree_of(mapped) == [
        "|-- Care Name: string",
        "|-- House Id: string",
        "|-- Sum Paid: string",
        "|-- Address: struct",
        "|    |-- Street: string",
        "|    |-- Town: string",
        "|    |-- Region: string",
        "|    |-- Post.Code: string",
        "|    |-- Lines: array",
        "|    |    |-- element: string",
    ]
    assert rows_of(Map.apply(frame=stays, f=address_merger()))[0] == {
        "Care Name": "Hip",
        "House Id": "100",
        "Sum Paid": "$30.75",
        "Address": {
            "Street": "1 Oak Lane",
            "Town": "LUND",
            "Region": "SK",
            "Post.Code": "22100",
            "Lines": ["1 Oak Lane", "LUND"],
        },
    }


def test_join_of_three_frames_keeps_all_fields(joined: DynamicFrame) -> None:
    assert tree_of(joined) == [
        "|-- choir_rank: string",
        "|-- choir_title: string",
        "|-- seats: int",
        "|-- type: string",
        *SINGER,
        "|-- hall_id: string",
        "|-- choir_id: string",
        "|-- part: string",
        "|-- season_id: string",
    ]
    pairs = sorted((row["choir_title"], row["title"], row["part"]) for row in rows_of(joined))
    assert pairs == [
        ("Cathedral Choir", "Ida Falk", "solo"),
        ("Cathedral Choir", "Ida Falk", "tutti"),
        ("Opera Choir", "Elio Orru", "tutti"),
    ]


def test_split_rows_and_merge_by_a_primary_key(tables: DynamicFrameCollection) -> None:
    whole = tables.select("root_contacts")
    split = whole.split_rows({"id": {">": 2}}, "high", "low")
    assert list(split.keys()) == ["high", "low"]
    low = SelectFromCollection.apply(dfc=split, key="low")
    high = SelectFromCollection.apply(dfc=split, key="high")
    assert {row["id"] for row in rows_of(low)} == {1, 2}
    assert {row["id"] for row in rows_of(high)} == {3}
    merged = high.mergeDynamicFrame(stage_dynamic_frame=low, primary_keys=["id"])
    assert sorted(rows_of(merged), key=str) == sorted(rows_of(whole), key=str)


def test_merge_lets_staged_records_win(read: Callable[..., DynamicFrame]) -> None:
    source = read("source", [{"id": 1, "v": "old"}, {"id": 2, "v": "a"}, {"id": 2, "v": "b"}])
    stage = read("stage", [{"id": 1, "v": "new"}, {"id": 3, "v": "c", "more": True}])
    merged = source.mergeDynamicFrame(stage_dynamic_frame=stage, primary_keys=["id"])
    found = sorted((row["id"], row["v"], row["more"]) for row in rows_of(merged))
    assert found == [(1, "new", None), (2, "a", None), (2, "b", None), (3, "c", True)]


def test_union_takes_all_records_of_both(read: Callable[..., DynamicFrame]) -> None:
    one = read("one", [{"id": 1, "v": "x"}])
    two = read("two", [{"v": 5, "id": 2, "more": 1.5}])
    both = Union.apply(one, two)
    assert tree_of(both) == [
        "|-- id: int",
        "|-- v: choice",
        "|    |-- int",
        "|    |-- string",
        "|-- more: double",
    ]
    assert rows_of(one.union(two)) == [
        {"id": 1, "v": {"int": None, "string": "x"}, "more": None},
        {"id": 2, "v": {"int": 5, "string": None}, "more": 1.5},
    ]
