from __future__ import annotations

from typing import Any

import pytest

from awsglue import _types
from awsglue._errors import ColumnNamesError, EntityNotFoundError
from awsglue._steps import choices
from awsglue.dynamicframe import DynamicFrame, ResolveOption
from awsglue.gluetypes import (
    ChoiceType,
    DoubleType,
    Field,
    IntegerType,
    LongType,
    StringType,
    StructType,
)
from tests.awsglue.catalog_tables import Tables
from tests.awsglue.conftest import Make, rows_of, tree_of


@pytest.fixture(scope="module")
def mixed(make: Make) -> DynamicFrame:
    """Records of which a field, also inside an array, is a number in one and a text in another."""

    def mix(record: Any) -> Any:
        price: Any = 100.0 if record["n"] == 1 else "$100.00"
        number: Any = 5 if record["n"] == 1 else "6"
        return {"n": record["n"], "id": number, "myList": [{"price": price}]}

    return make("n int", (1,), (2,)).map(mix)


def test_an_unresolved_choice_is_a_struct_in_a_dataframe(mixed: DynamicFrame) -> None:
    assert tree_of(mixed) == [
        "|-- n: int",
        "|-- id: choice",
        "|    |-- int",
        "|    |-- string",
        "|-- myList: array",
        "|    |-- element: struct",
        "|    |    |-- price: choice",
        "|    |    |    |-- double",
        "|    |    |    |-- string",
    ]
    assert [row["id"] for row in rows_of(mixed)] == [
        {"int": 5, "string": None},
        {"int": None, "string": "6"},
    ]


@pytest.mark.parametrize(
    ("specs", "rows"),
    [
        ([("id", "cast:long")], [{"id": 5}, {"id": 6}]),
        (("id", "cast:long"), [{"id": 5}, {"id": 6}]),  # one tuple alone
        ([("id", "project:string")], [{"id": "5"}, {"id": "6"}]),
        (
            [("id", "make_cols")],
            [{"id_int": 5, "id_string": None}, {"id_int": None, "id_string": "6"}],
        ),
        ([("n", "cast:string")], [{"n": "1"}, {"n": "2"}]),  # a cast needs no choice
        ([("n", "make_cols")], [{"n": 1}, {"n": 2}]),
        (
            [("myList[].price", "cast:double")],
            [{"myList": [{"price": 100.0}]}, {"myList": [{"price": None}]}],
        ),
        ([("nothing", "cast:int")], [{"n": 1}, {"n": 2}]),  # no harm
    ],
)
def test_specs(mixed: DynamicFrame, specs: Any, rows: list[dict[str, Any]]) -> None:
    resolved = rows_of(mixed.resolveChoice(specs=specs))
    assert [{key: row[key] for key in rows[0]} for row in resolved] == rows


@pytest.mark.parametrize("action", ["cast:int", "make_cols", "make_struct", "project:int"])
def test_a_path_that_no_record_has_is_passed_over(
    mixed: DynamicFrame, caplog: pytest.LogCaptureFixture, action: str
) -> None:
    resolved = mixed.resolveChoice([("idd", action), ("id", "cast:string"), ("myList[].x", action)])
    assert [field.name for field in resolved.schema()] == ["n", "id", "myList"]
    assert [row["id"] for row in rows_of(resolved)] == ["5", "6"]
    for path in ("idd", "myList[].x"):
        assert caplog.text.count(f"ResolveChoice: no record has a field {path}.") == 1
    assert "field id." not in caplog.text


def test_a_frame_without_fields_resolves_to_itself(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    nothing = make("id int", (1,)).select_fields([])
    assert nothing.resolveChoice([("id", "cast:string")]).schema().fields == []
    assert caplog.text == ""


def test_make_struct_ends_the_choice(mixed: DynamicFrame) -> None:
    assert tree_of(mixed.resolveChoice(choice="make_struct"))[1:4] == [
        "|-- id: struct",
        "|    |-- int: int",
        "|    |-- string: string",
    ]


def test_one_action_for_all_choices(mixed: DynamicFrame) -> None:
    assert rows_of(mixed.resolveChoice(choice="cast:string")) == [
        {"n": 1, "id": "5", "myList": [{"price": "100.0"}]},
        {"n": 2, "id": "6", "myList": [{"price": "$100.00"}]},
    ]


def test_options_of_to_df(mixed: DynamicFrame) -> None:
    frame = mixed.toDF(
        [
            ResolveOption("id", "Project", LongType()),
            ResolveOption("myList[].price", "Cast", DoubleType()),
        ]
    )
    assert frame.schema["id"].dataType.simpleString() == "bigint"
    assert mixed.toDF([ResolveOption("id", "KeepAsStruct")]).schema == mixed.toDF().schema
    with pytest.raises(Exception, match="needs a target type"):
        mixed.toDF([ResolveOption("id", "Cast")])


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({}, Exception, "Parameter specs and option are both missing, add one."),
        ({"specs": [], "choice": "make_cols"}, Exception, "both specified, choose one."),
        ({"choice": "cast"}, ValueError, "'cast' is none of"),
        ({"choice": "make_cols:int"}, ValueError, "is none of"),
        ({"choice": "cast:number"}, ValueError, "'number'"),
        ({"specs": [("a", "match_catalog")]}, ValueError, "works as choice="),
        ({"choice": "match_catalog", "database": "d"}, ValueError, "database and table_name"),
    ],
)
def test_wrong_actions_are_refused(
    make: Make, arguments: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        make("a int").resolveChoice(**arguments)


@pytest.mark.parametrize("arguments", [{"choice": "make_cols"}, {"specs": [("s.a", "make_cols")]}])
def test_columns_that_would_have_the_name_of_a_field_are_refused(
    make: Make, arguments: dict[str, Any]
) -> None:
    frame = make("n int", (1,), (2,)).map(
        lambda r: {"s": {"a": 1 if r["n"] == 1 else "x", "a_int": 5}}
    )
    with pytest.raises(ColumnNamesError, match="several fields named 'a_int'"):
        frame.resolveChoice(**arguments).schema()


@pytest.fixture(scope="module")
def deep(make: Make) -> DynamicFrame:
    """Choices in structs, arrays, and in the values of other choices."""
    values: dict[int, Any] = {
        1: {"v": {"x": 1, "l": [1, "a"]}, "l": [{"p": [1]}, {"p": "2"}]},
        2: {"v": "text", "l": [{"p": 3}]},
        3: {"v": {"x": "one", "l": [True]}, "l": None},
    }
    return make("n int", (1,), (2,), (3,)).map(lambda r: {"n": r["n"], **values[r["n"]]})


def test_all_choices_become_structs_at_any_depth(deep: DynamicFrame) -> None:
    made = deep.resolveChoice(choice="make_struct")
    assert tree_of(made) == [
        "|-- n: int",
        "|-- v: struct",
        "|    |-- string: string",
        "|    |-- struct: struct",
        "|    |    |-- x: struct",
        "|    |    |    |-- int: int",
        "|    |    |    |-- string: string",
        "|    |    |-- l: array",
        "|    |    |    |-- element: struct",
        "|    |    |    |    |-- boolean: boolean",
        "|    |    |    |    |-- int: int",
        "|    |    |    |    |-- string: string",
        "|-- l: array",
        "|    |-- element: struct",
        "|    |    |-- p: struct",
        "|    |    |    |-- array: array",
        "|    |    |    |    |-- element: int",
        "|    |    |    |-- int: int",
        "|    |    |    |-- string: string",
    ]
    assert rows_of(made)[2]["v"]["struct"] == {
        "x": {"int": None, "string": "one"},
        "l": [{"boolean": True, "int": None, "string": None}],
    }


def test_all_choices_become_columns_and_elements_structs(deep: DynamicFrame) -> None:
    made = deep.resolveChoice(choice="make_cols")
    assert tree_of(made) == [
        "|-- n: int",
        "|-- v_string: string",
        "|-- v_struct: struct",
        "|    |-- x_int: int",
        "|    |-- x_string: string",
        "|    |-- l: array",
        "|    |    |-- element: struct",  # there are no columns to make of an element
        "|    |    |    |-- boolean: boolean",
        "|    |    |    |-- int: int",
        "|    |    |    |-- string: string",
        "|-- l: array",
        "|    |-- element: struct",
        "|    |    |-- p_array: array",
        "|    |    |    |-- element: int",
        "|    |    |-- p_int: int",
        "|    |    |-- p_string: string",
    ]
    one, two, _ = rows_of(made)
    assert (two["v_string"], two["v_struct"]) == ("text", None)
    assert one["l"] == [
        {"p_array": [1], "p_int": None, "p_string": None},
        {"p_array": None, "p_int": None, "p_string": "2"},
    ]


def test_paths_lead_into_choices_and_into_what_actions_make(deep: DynamicFrame) -> None:
    specs = [
        ("v.x", "cast:int"),
        ("v.l[]", "cast:string"),
        ("v", "make_cols"),
        ("l[].p", "project:int"),
        ("v_struct.x", "cast:long"),
    ]
    made = deep.resolveChoice(specs=specs)
    assert rows_of(made) == [
        {
            "n": 1,
            "v_string": None,
            "v_struct": {
                "x": 1,
                "l": [
                    {"boolean": None, "int": 1, "string": None},
                    {"boolean": None, "int": None, "string": "a"},
                ],
            },
            "l": [{"p": None}, {"p": 2}],
        },
        {"n": 2, "v_string": "text", "v_struct": None, "l": [{"p": 3}]},
        {
            "n": 3,
            "v_string": None,
            "v_struct": {"x": None, "l": [{"boolean": True, "int": None, "string": None}]},
            "l": None,
        },
    ]


def test_fields_of_the_structs_of_a_choice_are_fields(deep: DynamicFrame) -> None:
    assert rows_of(deep.drop_fields(["v.x", "v.l", "l"])) == [
        {"n": 1, "v": None},  # of the struct nothing is left
        {"n": 2, "v": "text"},
        {"n": 3, "v": None},
    ]
    mapped = deep.apply_mapping([("n", "int", "n", "int"), ("v.x", "int", "y", "string")])
    assert [row["y"] for row in rows_of(mapped)] == ["1", None, "one"]


def test_choices_are_cast_to_the_types_of_a_schema(deep: DynamicFrame) -> None:
    schema = _types.parse(
        "struct<n:long,V:struct<x:string,l:array<int>>,l:array<struct<p:double>>>"
    )
    assert isinstance(schema, StructType)
    matched = deep._step(lambda records: choices.match(records, schema))
    assert tree_of(matched) == [
        "|-- n: int",  # no choice: it stays
        "|-- v: struct",
        "|    |-- x: string",
        "|    |-- l: array",
        "|    |    |-- element: int",
        "|-- l: array",
        "|    |-- element: struct",
        "|    |    |-- p: double",
    ]
    one, two, three = rows_of(matched)
    assert one["v"] == {"x": "1", "l": [1, None]}
    assert two["v"] is None  # a text is no struct
    assert (three["v"]["x"], two["l"]) == ("one", [{"p": 3.0}])


def test_choices_without_a_type_in_the_schema_stay(mixed: DynamicFrame) -> None:
    choice = ChoiceType([IntegerType(), StringType()])
    schema = StructType([Field("id", choice), Field("other", IntegerType())])
    matched = mixed._step(lambda records: choices.match(records, schema))
    assert tree_of(matched) == tree_of(mixed)


def test_choices_are_cast_to_the_types_of_a_table(
    mixed: DynamicFrame, tables: Tables, uri: str
) -> None:
    has = "n string, ID bigint, mylist array<struct<price:double>>"
    tables.make("types", uri, {"classification": "json"}, has=has)
    matched = mixed.resolveChoice(
        choice="match_catalog", database=tables.database, table_name="types"
    )
    assert rows_of(matched) == [
        {"n": 1, "id": 5, "myList": [{"price": 100.0}]},
        {"n": 2, "id": 6, "myList": [{"price": None}]},
    ]
    with pytest.raises(EntityNotFoundError):
        mixed.resolveChoice(choice="match_catalog", database=tables.database, table_name="nothing")
