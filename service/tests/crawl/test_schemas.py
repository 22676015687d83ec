from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.crawl import hive_types as hive
from glueball.crawl.hive_types import Field
from glueball.crawl.schemas import (
    Column,
    Schema,
    are_alike,
    columns_document,
    fits_a_name,
    merge_schemas,
    schema_from,
    schema_of,
    similarity,
    unused,
)


def schema(text: str) -> Schema:
    """Read a schema that is written as "a int, b string"."""
    pairs = [part.split() for part in text.split(",") if part]
    return schema_of(Field(name, hive.parse(data_type)) for name, data_type in pairs)


def names(*given: str) -> list[str]:
    return [column.name for column in schema_of(Field(name, hive.INT) for name in given)]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        pytest.param(["Id", "NAME"], ["id", "name"], id="in lower case"),
        pytest.param(["a b", "c-d", "e.f"], ["a b", "c-d", "e.f"], id="what the API takes stays"),
        pytest.param(["a\nb", "c\0"], ["a_b", "c_"], id="what it does not take"),
        pytest.param(["\ud800"], ["_"], id="half a character"),
        pytest.param(["道", "Ä"], ["道", "ä"], id="letters"),
        pytest.param(["a", "", ""], ["a", "col1", "col2"], id="names that are missing"),
        pytest.param(["id", "ID", "Id"], ["id", "id_1", "id_2"], id="the same name"),
        pytest.param(["id", "id_1", "id", "id"], ["id", "id_1", "id_2", "id_3"], id="one taken"),
        pytest.param(["id_1", "id", "id"], ["id_1", "id", "id_2"], id="one taken before"),
        pytest.param(["n" * 300] * 2, ["n" * 255, "n" * 253 + "_1"], id="long names"),
    ],
)  # fmt: skip
def test_names_of_columns(given: list[str], named: list[str]) -> None:
    assert names(*given) == named


def test_columns_keep_how_the_file_spells_them() -> None:
    [column] = schema_of([Field("Id", hive.INT)])
    assert column == Column(name="id", type=hive.INT, spelled="Id")


@settings(deadline=None)
@given(st.lists(st.text("aA1_", max_size=4), max_size=12))
def test_each_name_is_there_once(given: list[str]) -> None:
    found = names(*given)
    assert len(set(found)) == len(given)
    assert all(0 < len(name) <= 255 for name in found)


def test_twenty_thousand_columns_of_one_name() -> None:
    """Trying each number for each of them would take minutes."""
    found = names(*["n"] * 20_000)
    assert found[-1] == "n_19999"


@pytest.mark.parametrize(
    ("text", "fits"),
    [("a b", True), ("\xa0ü\t", True), ("\U0001f600", True), ("a\n", False), ("\ud800", False)],
)
def test_what_the_api_takes_for_a_name(text: str, fits: bool) -> None:
    assert fits_a_name(text) is fits


def test_unused_names() -> None:
    assert unused("id", set()) == "id"
    assert unused("id", {"id", "id_1"}) == "id_2"
    assert unused("id", {"id", "id_1"}, 2) == "id_2"


def test_merging_keeps_all_columns_in_the_order_they_come() -> None:
    merged = merge_schemas([schema("B int, a int"), schema("c date, b double"), schema("a string")])
    assert columns_document(merged) == [
        {"Name": "b", "Type": "double"},
        {"Name": "a", "Type": "string"},
        {"Name": "c", "Type": "date"},
    ]
    assert merged[0].spelled == "B"
    assert merge_schemas([]) == ()


def test_columns_of_the_catalog() -> None:
    found = schema_from([{"Name": "Id", "Type": "INT"}, {"Name": "b", "Type": ""}, {"Name": "c"}])
    assert columns_document(found) == [
        {"Name": "id", "Type": "int"},
        {"Name": "b", "Type": "string"},
        {"Name": "c", "Type": "string"},
    ]
    assert found[0].spelled == "Id"
    assert schema_from(columns_document(schema("a int, b array<string>"))) == schema(
        "a int, b array<string>"
    )


@pytest.mark.parametrize(
    ("one", "other", "similar"),
    [
        pytest.param("a int, b int", "b int, a int", 1.0, id="the order does not matter"),
        pytest.param("a int", "a string", 0.5, id="another scalar counts half"),
        pytest.param("a int, b int", "a int", 0.5, id="the wider one counts"),
        pytest.param("a int", "b int", 0.0, id="nothing in common"),
        pytest.param("", "", 1.0, id="no columns"),
        pytest.param("", "a int", 0.0, id="columns and none"),
    ],
)
def test_similarity(one: str, other: str, similar: float) -> None:
    assert similarity(schema(one), schema(other)) == similar
    assert similarity(schema(other), schema(one)) == similar


WIDE = "a int, b int, c int, d int, e int, f int, g int, h int, i int, j int"
SEVEN = "a int, b int, c int, d int, e int, f int, g int, x int, y int, z int"
SIX = "a int, b int, c int, d int, e int, f int, w int, x int, y int, z int"


@pytest.mark.parametrize(
    ("schemas", "of", "alike"),
    [
        pytest.param([], None, True, id="none"),
        pytest.param(["a int"], None, True, id="one"),
        pytest.param([WIDE, SEVEN], None, True, id="seven of ten columns"),
        pytest.param([WIDE, SIX], None, False, id="six of ten columns"),
        pytest.param(["a int"] * 7 + ["b int"] * 3, None, True, id="seven of ten schemas"),
        pytest.param(["a int"] * 6 + ["b int"] * 4, None, False, id="six of ten schemas"),
        pytest.param(["a int"] * 7, 10, True, id="seven of ten folders, the others with none"),
        pytest.param(["a int"] * 7, 11, False, id="seven of eleven folders"),
        pytest.param(
            ["a int"] * 20 + ["b int", "c int", "d int", "e int"], None, True, id="five kinds"
        ),
        pytest.param(
            ["a int"] * 20 + ["b int", "c int", "d int", "e int", "f int"],
            None,
            False,
            id="six kinds",
        ),
    ],
)
def test_schemas_of_one_table(schemas: list[str], of: int | None, alike: bool) -> None:
    assert are_alike([schema(text) for text in schemas], of) is alike


def test_the_order_of_files_does_not_decide() -> None:
    """The second is like both others, which are not like each other."""
    chain = [
        schema(text) for text in ("a int, b int, c int", "b int, c int, d int", "c int, d int")
    ]
    assert len({are_alike(order) for order in permutations(chain)}) == 1
