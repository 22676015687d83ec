from __future__ import annotations

from typing import Any

import pytest

from awsglue._errors import NotAvailableError
from awsglue.dynamicframe import DynamicFrame, ResolveOption
from awsglue.gluetypes import DoubleType, LongType
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
        ({"choice": "match_catalog"}, NotAvailableError, "later release"),
    ],
)
def test_wrong_actions_are_refused(
    make: Make, arguments: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        make("a int").resolveChoice(**arguments)
