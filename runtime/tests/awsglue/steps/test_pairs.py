from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from awsglue._errors import FieldNotFoundError
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from tests.awsglue.conftest import Make, rows_of, tree_of


def test_a_join_keeps_both_keys(make: Make) -> None:
    people = make("id int, name string", (1, "a"), (2, "b"), (None, "n"))
    members = make("person_id int, club string", (1, "x"), (1, "y"), (3, "z"), (None, "n"))
    joined = people.join("id", "person_id", members)
    assert sorted(rows_of(joined), key=str) == [
        {"id": 1, "name": "a", "person_id": 1, "club": "x"},
        {"id": 1, "name": "a", "person_id": 1, "club": "y"},
    ]
    assert joined.name == "mademade"


def test_colliding_names_of_the_right_side_get_a_dot(make: Make) -> None:
    left = make("id int, `.id` int, Name string", (1, 0, "a"))
    right = make("id int, name string", (1, "b"))
    assert rows_of(left.join(["id"], ["id"], right)) == [
        {"id": 1, ".id": 0, "Name": "a", "..id": 1, ".name": "b"}
    ]


def test_a_frame_joins_itself(make: Make) -> None:
    frame = make("id int, boss int", (1, 2), (2, None))
    assert rows_of(frame.join("boss", "id", frame)) == [
        {"id": 1, "boss": 2, ".id": 2, ".boss": None}
    ]


@pytest.mark.parametrize(
    ("keys1", "keys2", "count"),
    [
        (["s.k", "t"], ["k", "t"], 1),  # nested, and two of them
        (["t"], ["n"], 1),  # a text and a number are compared as texts
        (["T"], ["t"], 1),  # in any case
    ],
)
def test_keys(make: Make, keys1: list[str], keys2: list[str], count: int) -> None:
    left = make("s struct<k:int>, t string", ((1,), "7"))
    right = make("k int, t string, n int", (1, "7", 7), (2, "8", 8))
    assert left.join(keys1, keys2, right).count() == count


@pytest.mark.parametrize("other", ["1.0D", "1.0F", "1.00BD", "1L", "1S"])
def test_keys_that_are_numbers_of_different_types_are_equal(make: Make, other: str) -> None:
    left = make("k int", (1,), (2,))
    right = DynamicFrame.fromDF(left.toDF().selectExpr(f"{other} AS k").limit(1), left.glue_ctx)
    assert left.join("k", "k", right).count() == 1


def test_names_that_differ_in_case_only(glue: GlueContext, folder: Path, uri: str) -> None:
    (folder / "in.json").write_text('{"a":1,"A":"x"}\n{"a":2,"A":"y"}\n')
    twins = glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "json")
    joined = twins.join("A", "A", twins)
    assert sorted(row["a"] for row in rows_of(joined)) == [1, 2]
    assert twins.mergeDynamicFrame(twins, ["A"]).count() == 2
    first, rest = twins.split_rows({"A": {"=": "x"}}, "first", "rest").values()
    assert (first.count(), rest.count()) == (1, 1)


def test_a_key_that_no_record_has_equals_nothing(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = make("a int, b int", (1, 2)), make("a int", (1,))
    joined = one.join(["a", "x"], ["a", "a"], two)
    assert rows_of(joined) == []
    assert [field.name for field in joined.schema()] == ["a", "b", ".a"]
    assert "Join: no record of the left frame has a field x." in caplog.text
    with pytest.raises(FieldNotFoundError, match="no field 'x'"):  # it would replace all
        one.mergeDynamicFrame(two, ["x"])


def test_keys_pair(make: Make) -> None:
    with pytest.raises(ValueError, match=r"\['a'\] and \[\] do not pair"):
        make("a int").join(["a"], [], make("a int"))


def test_a_join_with_nothing_new_is_empty(make: Make) -> None:
    nothing, some = make("a int").select_fields([]), make("a int, b int", (1, 2))
    assert rows_of(some.join("a", "a", nothing)) == []
    assert tree_of(nothing.join("a", "a", some)) == ["|-- a: int", "|-- b: int"]


def test_a_union_is_by_name_and_keeps_types(make: Make) -> None:
    one = make("a int, s struct<x:int>", (1, (1,)))
    two = make("s struct<y:string>, a string, b int", (("q",), "z", 5))
    both = one.union(two)
    assert tree_of(both) == [
        "|-- a: choice",
        "|    |-- int",
        "|    |-- string",
        "|-- s: struct",
        "|    |-- x: int",
        "|    |-- y: string",
        "|-- b: int",
    ]
    assert sorted(rows_of(both), key=str) == [
        {"a": {"int": 1, "string": None}, "s": {"x": 1, "y": None}, "b": None},
        {"a": {"int": None, "string": "z"}, "s": {"x": None, "y": "q"}, "b": 5},
    ]
    nothing = make("a int").select_fields([])
    assert rows_of(one.union(nothing)) == rows_of(nothing.union(one)) == rows_of(one)


def test_staged_records_replace_those_of_the_same_key(make: Make) -> None:
    source = make(
        "id int, v string", (1, "old"), (1, "older"), (2, "keep"), (2, "keep"), (None, "n")
    )
    stage = make("id int, v string, new int", (1, "new", 9), (3, "add", 8))
    merged = source.mergeDynamicFrame(stage, ["id"])
    assert [(row["id"], row["v"], row["new"]) for row in rows_of(merged)] == [
        (1, "new", 9),
        (2, "keep", None),  # duplicates of the source stay
        (2, "keep", None),
        (3, "add", 8),
        (None, "n", None),
    ]


def test_staged_keys_of_another_type_are_the_same_if_their_texts_are(make: Make) -> None:
    source = make("k int, v int", (1, 1), (2, 2), (None, 3))
    texts = make("k string", ("1",), ("x",), (None,))
    merged = source.mergeDynamicFrame(texts, ["k"])
    assert sorted(row["v"] for row in rows_of(merged) if row["v"]) == [2]
    choices = texts.map(lambda r: {"k": int(r["k"]) if r["k"] == "1" else r["k"]})
    merged = source.mergeDynamicFrame(choices, ["k"])
    assert sorted(row["v"] for row in rows_of(merged) if row["v"]) == [2]


@pytest.mark.parametrize(
    ("comparisons", "first"),
    [
        ({"age": {">": 10}}, [15, 20]),
        ({"age": {">": 10, "<": 20}}, [15]),
        ({"age": {">=": 15}, "s.k": {"=": "x"}}, [15]),
        ({"age": {"!=": 5}}, [15, 20]),
        ({"age": {"<=": 5}}, [5]),
        ({"nothing": {"==": 5}}, []),
        ({"s.k": {">": 1}}, []),  # texts that are no numbers
        ({"age": {">": "ten"}}, []),
        ({"age": {">": "10"}}, [15, 20]),
        ({"age": {"<": 10**30}}, [15, 20, 5]),
    ],
)
def test_rows_are_split(make: Make, comparisons: Any, first: list[int]) -> None:
    frame = make(
        "age int, s struct<k:string>", (5, ("x",)), (15, ("x",)), (20, ("y",)), (None, None)
    )
    both = frame.split_rows(comparisons, "yes", "no")
    assert [row["age"] for row in rows_of(both.select("yes"))] == first
    assert both.select("no").count() == 4 - len(first)


def test_a_comparison_of_a_field_that_no_record_has(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    both = make("age int", (1,)).split_rows({"ago": {"<": 9}}, "yes", "no")
    assert (both.select("yes").count(), both.select("no").count()) == (0, 1)
    assert caplog.text.count("no record has a field ago") == 1
    nothing = make("age int", (1,)).select_fields([])  # a bookmark that found nothing new
    nothing.split_rows({"age": {"<": 9}}, "yes", "no")
    assert "field age" not in caplog.text


@pytest.mark.parametrize(
    ("comparison", "first"), [({">": 1}, [2, 3]), ({"=": "1"}, [4]), ({"=": True}, [])]
)
def test_rows_are_split_by_the_values_of_a_choice(
    make: Make, comparison: Any, first: list[int]
) -> None:
    values = {1: 1, 2: 2, 3: 2.5, 4: "1"}
    frame = make("n int", *((n,) for n in values)).map(lambda r: {"n": r["n"], "v": values[r["n"]]})
    both = frame.split_rows({"v": comparison}, "yes", "no")
    assert [row["n"] for row in rows_of(both.select("yes"))] == first
    assert both.select("no").count() == len(values) - len(first)


def test_an_unknown_comparison_is_refused(make: Make) -> None:
    with pytest.raises(ValueError, match="'~' is none of"):
        make("age int", (1,)).split_rows({"age": {"~": 1}}, "a", "b")
