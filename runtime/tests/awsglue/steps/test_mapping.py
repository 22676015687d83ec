from __future__ import annotations

from typing import Any

import pytest

from awsglue._steps import mapping
from tests.awsglue.conftest import Make, Rows, rows_of, tree_of

SOURCE = (
    "id string, `old.name` string, s struct<a:int,b:string>, l array<struct<a:int>>, "
    "m map<string,int>"
)
RECORD = ("7", "x", (1, "y"), [(2,)], {"k": 3})

# Each row: mappings, and the record that they make of RECORD.
MAPPINGS: list[tuple[Any, dict[str, Any]]] = [
    ([("id", "string", "id", "long")], {"id": 7}),  # unmapped fields are left out
    ([("`old.name`", "string", "name", "string")], {"name": "x"}),  # backticks keep the dot
    ([("old.name", "string", "name", "string")], {"name": "x"}),  # not needed without doubt
    ([("ID", "string", "id", "string")], {"id": "7"}),  # case does not matter
    ([("s.a", "int", "a", "int")], {"a": 1}),  # a nested field comes up
    ([("id", "string", "n.deep.id", "int")], {"n": {"deep": {"id": 7}}}),  # and goes down
    (
        [("id", "string", "n.id", "int"), ("s.b", "string", "n.b", "string")],
        {"n": {"id": 7, "b": "y"}},
    ),
    ([("id", "string", "`n.id`", "int")], {"n.id": 7}),  # a dot in the new name
    ([("s", "struct", "t", "struct")], {"t": {"a": 1, "b": "y"}}),  # a struct as it is
    ([("l", "array", "l", "string")], {"l": '[{"a":2}]'}),  # or as text
    ([("m.k", "int", "k", "int")], {"k": 3}),  # a map's value by key
    ([("id", "n")], {"n": "7"}),  # two parts: a new name
    ([("id", "n", "int")], {"n": 7}),  # three: and a type
    (("id", "string", "id", "int"), {"id": 7}),  # one tuple alone
    ([("`old.name`", "string", "n", "int")], {"n": None}),  # what cannot be cast is null
    ([("no", "string", "no", "string"), ("id", "string", "id", "string")], {"id": "7"}),
    ([("l.a", "int", "a", "int"), ("id", "string", "id", "string")], {"id": "7"}),  # no arrays
]


@pytest.mark.parametrize(("mappings", "record"), MAPPINGS)
def test_mappings(make: Make, mappings: Any, record: dict[str, Any]) -> None:
    assert rows_of(make(SOURCE, RECORD).apply_mapping(mappings)) == [record]


def test_columns_have_the_order_and_types_of_the_mappings(make: Make) -> None:
    frame = make(SOURCE, RECORD).apply_mapping(
        [
            ("s.b", "string", "b", "string"),
            ("id", "string", "paid", "decimal"),
            ("s.a", "int", "n.a", "tinyint"),
        ]
    )
    assert tree_of(frame) == [
        "|-- b: string",
        "|-- paid: decimal(10,2)",
        "|-- n: struct",
        "|    |-- a: byte",
    ]


def test_case_matters_when_asked(make: Make) -> None:
    frame = make("Id int, x int", (1, 2))
    mapped = frame.apply_mapping(
        [("id", "int", "a", "int"), ("x", "int", "x", "int")], case_sensitive=True
    )
    assert rows_of(mapped) == [{"x": 2}]


def test_a_missing_field_is_told_in_the_log(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    make("a int").apply_mapping([("b", "int", "b", "int")])
    assert "no record has a field b" in caplog.text


def test_records_without_fields_get_the_mapped_ones(make: Make) -> None:
    nothing = make("a int").select_fields([])
    mapped = nothing.apply_mapping([("a", "string", "x.y", "long"), ("b", "string", "b", "date")])
    assert tree_of(mapped) == ["|-- x: struct", "|    |-- y: long", "|-- b: date"]
    assert rows_of(mapped) == []


def test_the_values_of_a_choice_are_all_cast(make: Make) -> None:
    frame = make("a int", (1,), (2,)).map(lambda r: {"c": 10 if r["a"] == 1 else "20"})
    expected: Rows = [{"c": 10}, {"c": 20}]
    assert rows_of(frame.apply_mapping([("c", "long", "c", "long")])) == expected


@pytest.mark.parametrize(
    ("mappings", "error", "says"),
    [
        ([["a", "int", "a", "int"]], TypeError, "must be a tuple"),
        ([("a",)], ValueError, "has 1"),
        ([("a", "int", "a", "int", "x")], ValueError, "has 5"),
        ([("a", "int", "a", "number")], ValueError, "'number' is not the name of a type"),
    ],
)
def test_wrong_mappings_are_refused(mappings: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        mapping.parse(mappings)
