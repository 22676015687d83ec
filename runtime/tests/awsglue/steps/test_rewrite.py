from __future__ import annotations

import pytest

from awsglue._steps.rewrite import Item, Path, Tree, items_of, rewrite
from awsglue.gluetypes import ArrayType, Field, IntegerType, MapType, StringType, StructType
from tests.awsglue.conftest import Make, rows_of

INNER = StructType([Field("a", IntegerType()), Field("b", StringType())])
SCHEMA = StructType(
    [Field("s", INNER), Field("l", ArrayType(INNER)), Field("m", MapType(INNER)), INNER.fields[0]]
)


def drop_b(path: Path, item: Item) -> list[Item] | None:
    return [] if path[-1] == "b" else None


def test_what_no_rule_touches_stays_the_same() -> None:
    items = items_of(SCHEMA)
    assert rewrite(items, lambda path, item: None) == items


def test_fields_are_reached_in_structs_arrays_and_maps(make: Make) -> None:
    frame = make(
        "s struct<a:int,b:string>, l array<struct<a:int,b:string>>, "
        "m map<string,struct<a:int,b:string>>",
        ((1, "x"), [(2, "y"), None], {"k": (3, "z")}),
        (None, None, None),
    )
    changed = frame._records.select(rewrite(frame._records.items, drop_b))
    rows = [row.asDict(recursive=True) for row in changed.frame.collect()]
    assert {"s": {"a": 1}, "l": [{"a": 2}, None], "m": {"k": {"a": 3}}} in rows
    assert {"s": None, "l": None, "m": None} in rows  # null structs stay null


def test_a_struct_without_fields_is_dropped() -> None:
    items = items_of(StructType([Field("s", StructType([Field("b", StringType())]))]))
    assert rewrite(items, drop_b) == []


def test_elements_cannot_become_columns() -> None:
    items = items_of(StructType([Field("l", ArrayType(IntegerType()))]))
    with pytest.raises(ValueError, match=r"l\.\[\]"):
        rewrite(items, lambda path, item: [item, item] if path == ("l", "[]") else None)


def test_items_with_a_common_path_become_a_struct(make: Make) -> None:
    frame = make("a int, s struct<x:int>", (1, (2,)))
    tree = Tree.of(frame._records.items)
    tree.place(("s", "y"), Item("y", "`a`", IntegerType()))
    tree.place(("new", "deep", "z"), Item("z", "`a`", IntegerType()))
    changed = frame._records.select(tree.items())
    assert [row.asDict(recursive=True) for row in changed.frame.collect()] == [
        {"a": 1, "s": {"x": 2, "y": 1}, "new": {"deep": {"z": 1}}}
    ]
    assert rows_of(frame) == [{"a": 1, "s": {"x": 2}}]  # the frame itself did not change
