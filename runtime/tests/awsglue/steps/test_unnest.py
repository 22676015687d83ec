from __future__ import annotations

import pytest

from awsglue._errors import FlattenedNamesError
from awsglue.transforms import UnnestFrame
from tests.awsglue.conftest import Make, rows_of, tree_of


def test_fields_of_structs_come_to_the_top_in_their_place(make: Make) -> None:
    frame = make(
        "a int, s struct<b:struct<c:string,d:int>,l:array<struct<x:int>>>, "
        "m map<string,int>, z int",
        (1, (("c", 2), [(3,)]), {"k": 4}, 5),
        (2, None, None, 6),
    )
    unnested = UnnestFrame.apply(frame)
    assert tree_of(unnested) == [
        "|-- a: int",
        "|-- s.b.c: string",
        "|-- s.b.d: int",
        "|-- s.l: array",
        "|    |-- element: struct",
        "|    |    |-- x: int",
        "|-- m: map",
        "|    |-- keyType: string",
        "|    |-- valueType: int",
        "|-- z: int",
    ]
    assert rows_of(unnested) == [
        {"a": 1, "s.b.c": "c", "s.b.d": 2, "s.l": [{"x": 3}], "m": {"k": 4}, "z": 5},
        {"a": 2, "s.b.c": None, "s.b.d": None, "s.l": None, "m": None, "z": 6},
    ]


def test_a_flat_frame_stays_as_it_is(make: Make) -> None:
    frame = make("a int, `b.c` string", (1, "x"))
    assert rows_of(frame.unnest()) == [{"a": 1, "b.c": "x"}]


def test_a_choice_gives_what_each_of_its_values_would_give(make: Make) -> None:
    values = {1: {"x": 1, "y": {"z": True}}, 2: "text", 3: 5, 4: None, 5: {"x": "other"}}
    mixed = make("n int", *((n,) for n in values)).map(lambda r: {"n": r["n"], "v": values[r["n"]]})
    assert tree_of(mixed.unnest()) == [
        "|-- n: int",
        "|-- v: choice",
        "|    |-- int",
        "|    |-- string",
        "|-- v.x: choice",
        "|    |-- int",
        "|    |-- string",
        "|-- v.y.z: boolean",
    ]
    none = {"v": None, "v.x": None, "v.y.z": None}
    assert rows_of(mixed.unnest()) == [
        {"n": 1, "v": None, "v.x": {"int": 1, "string": None}, "v.y.z": True},
        {"n": 2, **none, "v": {"int": None, "string": "text"}},
        {"n": 3, **none, "v": {"int": 5, "string": None}},
        {"n": 4, **none},
        {"n": 5, **none, "v.x": {"int": None, "string": "other"}},
    ]


def test_two_fields_of_one_name_are_refused(make: Make) -> None:
    with pytest.raises(FlattenedNamesError, match=r"named 's\.a' once structs are flattened"):
        make("s struct<a:int>, `s.a` int", ((1,), 2)).unnest()
