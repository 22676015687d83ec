from __future__ import annotations

from typing import Any

import pytest

from awsglue._steps import field_paths
from tests.awsglue.conftest import Make, rows_of, tree_of

FRIENDS = (
    "name string, age int, location struct<state:string,county:string>, "
    "friends array<struct<name:string,age:int>>"
)
SALLY = ("Sally", 23, ("WY", "Fremont"), [("Arjun", 3)])


def test_fields_are_dropped_at_any_depth(make: Make) -> None:
    # The example of the developer guide for drop_fields.
    frame = make(FRIENDS, SALLY).drop_fields(paths=["age", "location.county", "friends.age"])
    assert tree_of(frame) == [
        "|-- name: string",
        "|-- location: struct",
        "|    |-- state: string",
        "|-- friends: array",
        "|    |-- element: struct",
        "|    |    |-- name: string",
    ]
    assert rows_of(frame) == [
        {"name": "Sally", "location": {"state": "WY"}, "friends": [{"name": "Arjun"}]}
    ]


@pytest.mark.parametrize(
    ("paths", "left"),
    [
        ("a", ["b.c", "s"]),  # one text is one path
        (["`b.c`"], ["a", "s"]),
        (["b.c"], ["a", "s"]),  # the only thing that can be meant
        (["nothing"], ["a", "b.c", "s"]),  # no harm
        (["s.x"], ["a", "b.c"]),  # a struct without fields goes too
        (["A"], ["a", "b.c", "s"]),  # names are exact
    ],
)
def test_dropped_fields(make: Make, paths: Any, left: list[str]) -> None:
    frame = make("a int, `b.c` int, s struct<x:int>").drop_fields(paths)
    assert [field.name for field in frame.schema()] == left


def test_fields_that_no_record_has_are_left_out(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    frame = make("a int, b int", (1, 2))
    assert rows_of(frame.drop_fields(["x", "a.y", "b"])) == [{"a": 1}]
    assert caplog.text == ""  # what is to go may be gone
    both = frame.split_fields(["x", "b"], "one", "two")
    assert rows_of(both.select("one")) == [{"b": 2}]
    assert rows_of(both.select("two")) == [{"a": 1}]
    assert caplog.text.count("no record has a field x") == 1


def test_selected_fields_have_the_order_asked_for(make: Make) -> None:
    frame = make(FRIENDS, SALLY).select_fields(["location.state", "name", "nothing"])
    assert rows_of(frame) == [{"location": {"state": "WY"}, "name": "Sally"}]
    assert list(frame.schema().field_map) == ["location", "name"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a", "z", {"z": 1, "s": {"x": 2}, "b.c": 3}),  # in its place
        ("`b.c`", "d", {"a": 1, "s": {"x": 2}, "d": 3}),
        ("s.x", "s.y", {"a": 1, "s": {"y": 2}, "b.c": 3}),
        ("a", "s.a", {"s": {"x": 2, "a": 1}, "b.c": 3}),  # into another struct
        ("s.x", "x", {"a": 1, "b.c": 3, "x": 2}),  # and out of one
        ("a", "b.c.d", {"s": {"x": 2}, "b.c": 3, "b": {"c": {"d": 1}}}),
        ("a", "a", {"a": 1, "s": {"x": 2}, "b.c": 3}),
        ("a", "s", {"s": 1, "b.c": 3}),  # what was there gives way
    ],
)
def test_renamed_fields(make: Make, old: str, new: str, expected: dict[str, Any]) -> None:
    frame = make("a int, s struct<x:int>, `b.c` int", (1, (2,), 3)).rename_field(old, new)
    assert rows_of(frame) == [expected]
    assert list(frame.schema().field_map) == list(expected)


def test_renaming_a_field_that_no_record_has_is_passed_over(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    assert rows_of(make("a int, b int", (1, 2)).rename_field("x", "y")) == [{"a": 1, "b": 2}]
    assert caplog.text.count("RenameField: no record has a field x.") == 1
    assert rows_of(make("a int").select_fields([]).rename_field("x", "y")) == []


def test_only_fields_of_the_null_type_are_null_fields(make: Make) -> None:
    frame = make(
        "a void, b string, s struct<n:void,x:int>, l array<struct<n:void,x:int>>, "
        "m map<string,struct<n:void>>, e array<void>",
        (None, None, (None, 1), [(None, 2)], {"k": (None,)}, []),
    )
    assert field_paths.null_fields(frame.schema()) == ["a", "s.n", "l.n"]
    assert list(frame._step(field_paths.drop_nulls).schema().field_map) == ["b", "s", "l", "m", "e"]
    assert rows_of(frame._step(field_paths.drop_nulls)) == [
        {"b": None, "s": {"x": 1}, "l": [{"x": 2}], "m": {"k": {"n": None}}, "e": []}
    ]
