from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.crawl import hive_types as hive
from glueball.crawl.hive_types import Array, Field, HiveType, Map, Scalar, Struct, Union


def fields(**types: HiveType) -> tuple[Field, ...]:
    return tuple(Field(name, data_type) for name, data_type in types.items())


def sorted_text(data_type: HiveType) -> str:
    """Return a type's text with fields in order of their names, in lower case."""
    match data_type:
        case Struct():
            inner = sorted(
                f"{one.name.lower()}:{sorted_text(one.type)}" for one in data_type.fields
            )
            return f"struct<{','.join(inner)}>"
        case Array():
            return f"array<{sorted_text(data_type.element)}>"
        case Map():
            return f"map<{sorted_text(data_type.key)},{sorted_text(data_type.value)}>"
        case Union():
            return f"uniontype<{','.join(map(sorted_text, data_type.members))}>"
    return data_type.name


_WHOLE = st.sampled_from([hive.TINYINT, hive.SMALLINT, hive.INT, hive.BIGINT])
_DECIMALS = st.integers(1, 38).flatmap(
    lambda precision: st.integers(0, precision).map(lambda scale: hive.decimal(precision, scale))
)
_SCALARS = st.one_of(
    _WHOLE,
    _DECIMALS,
    st.sampled_from(
        [hive.BINARY, hive.BOOLEAN, hive.FLOAT, hive.DOUBLE, hive.STRING, hive.DATE, hive.TIMESTAMP]
    ),
)
_NAMES = st.sampled_from(["a", "A", "b", "c d", "é"])


def _with_parts(inner: st.SearchStrategy[HiveType]) -> st.SearchStrategy[HiveType]:
    return st.one_of(
        st.builds(Array, inner),
        st.builds(Map, st.just(hive.STRING), inner),
        st.lists(st.builds(Field, _NAMES, inner), min_size=1, max_size=3).map(hive.struct),
    )


#: types that a file may have, without unions: two of these are a string, whatever is in them
_TYPES: st.SearchStrategy[HiveType] = st.recursive(
    st.one_of(_SCALARS, st.just(hive.NOTHING)), _with_parts, max_leaves=6
)
_TEXTS: st.SearchStrategy[HiveType] = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        _with_parts(inner), st.lists(inner, min_size=1, max_size=3).map(lambda m: Union(tuple(m)))
    ),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("one", "other", "merged"),
    [
        pytest.param("int", "bigint", "bigint", id="the longer of whole numbers"),
        pytest.param("tinyint", "smallint", "smallint", id="small ones"),
        pytest.param("int", "double", "double", id="a fraction"),
        pytest.param("bigint", "float", "double", id="a float has too few digits for a bigint"),
        pytest.param("float", "double", "double", id="the longer fraction"),
        pytest.param("decimal(10,2)", "decimal(5,4)", "decimal(12,4)", id="digits on both sides"),
        pytest.param("decimal(3,2)", "int", "decimal(12,2)", id="ten digits of an int"),
        pytest.param("decimal(38,30)", "bigint", "double", id="more digits than there are"),
        pytest.param("decimal(10,2)", "double", "double", id="decimal and double"),
        pytest.param("boolean", "int", "string", id="nothing but strings hold both"),
        pytest.param("date", "timestamp", "string", id="moments"),
        pytest.param("string", "binary", "string", id="bytes"),
        pytest.param("array<int>", "array<double>", "array<double>", id="elements"),
        pytest.param("map<string,int>", "map<int,int>", "map<string,int>", id="keys"),
        pytest.param("array<int>", "int", "string", id="another shape"),
        pytest.param("array<int>", "struct<a:int>", "string", id="two shapes"),
        pytest.param(
            "struct<a:int,b:int>", "struct<c:int,B:double>", "struct<a:int,b:double,c:int>",
            id="fields of both",
        ),
        pytest.param("uniontype<int>", "uniontype<int>", "uniontype<int>", id="the same union"),
        pytest.param("uniontype<int>", "uniontype<date>", "string", id="two unions"),
        pytest.param("varchar(3)", "varchar(4)", "string", id="types that no file has"),
    ],
)  # fmt: skip
def test_merging(one: str, other: str, merged: str) -> None:
    assert hive.text_of(hive.merge(hive.parse(one), hive.parse(other))) == merged
    assert sorted_text(hive.merge(hive.parse(other), hive.parse(one))) == sorted_text(
        hive.parse(merged)
    )


def test_nothing_is_everything() -> None:
    assert hive.merge(hive.NOTHING, Array(hive.INT)) == Array(hive.INT)
    assert hive.merge(Array(hive.NOTHING), Array(hive.INT)) == Array(hive.INT)
    assert hive.merge_all([]) == hive.NOTHING
    assert hive.merge_all([hive.NOTHING, hive.INT, hive.BIGINT]) == hive.BIGINT


@settings(deadline=None)
@given(one=_TYPES)
def test_merging_a_type_with_itself_changes_nothing(one: HiveType) -> None:
    assert hive.merge(one, one) == one
    assert hive.merge(hive.NOTHING, one) == one == hive.merge(one, hive.NOTHING)


@settings(deadline=None)
@given(one=_TYPES, other=_TYPES)
def test_merging_is_commutative(one: HiveType, other: HiveType) -> None:
    assert sorted_text(hive.merge(one, other)) == sorted_text(hive.merge(other, one))


@settings(deadline=None)
@given(one=_TYPES, other=_TYPES, third=_TYPES)
def test_merging_is_associative(one: HiveType, other: HiveType, third: HiveType) -> None:
    left = hive.merge(hive.merge(one, other), third)
    assert sorted_text(left) == sorted_text(hive.merge(one, hive.merge(other, third)))


@settings(deadline=None)
@given(one=_TYPES, other=_TYPES)
def test_what_was_merged_holds_both(one: HiveType, other: HiveType) -> None:
    merged = hive.merge(one, other)
    assert sorted_text(hive.merge(merged, one)) == sorted_text(merged)
    assert sorted_text(hive.merge(merged, other)) == sorted_text(merged)


@settings(deadline=None)
@given(_TEXTS)
def test_texts_are_read_as_the_types_that_they_were(data_type: HiveType) -> None:
    assert hive.parse(hive.text_of(data_type)) == data_type


@pytest.mark.parametrize(
    ("text", "data_type"),
    [
        pytest.param("INT", hive.INT, id="in capitals"),
        pytest.param(" Decimal( 10, 2 ) ", Scalar("decimal(10,2)"), id="spaces in a decimal"),
        pytest.param("Array < Map<string , int> >", Array(Map(hive.STRING, hive.INT)), id="spaces"),
        pytest.param("struct<`a b`:int>", Struct(fields(**{"a b": hive.INT})), id="backticks"),
        pytest.param(
            "struct<a:decimal(3,1),b:int>",
            Struct(fields(a=hive.decimal(3, 1), b=hive.INT)),
            id="a comma within a type",
        ),
        pytest.param("timestamp with time zone", Scalar("timestamp with time zone"), id="words"),
        pytest.param("struct<>", Scalar("struct<>"), id="no field"),
        pytest.param("struct<a>", Scalar("struct<a>"), id="a field without a type"),
        pytest.param("struct<a:>", Struct(fields(a=Scalar(""))), id="a field of an empty type"),
        pytest.param("array<>", Scalar("array<>"), id="an array of nothing"),
        pytest.param("array<int,int>", Scalar("array<int,int>"), id="an array of two"),
        pytest.param("map<int>", Scalar("map<int>"), id="a map of one"),
        pytest.param("Array<Int", Scalar("Array<Int"), id="cut off"),
        pytest.param("List<Int>", Scalar("List<Int>"), id="no type of Hive's"),
    ],
)
def test_reading_a_text(text: str, data_type: HiveType) -> None:
    assert hive.parse(text) == data_type


@pytest.mark.parametrize("text", ["struct<>", "struct<a>", "array<>", "List<Int>", "Array<Int"])
def test_what_is_no_type_stays_as_it_is(text: str) -> None:
    assert hive.text_of(hive.parse(text)) == text


@pytest.mark.parametrize(
    ("data_type", "text"),
    [
        pytest.param(hive.NOTHING, "string", id="always null"),
        pytest.param(Array(hive.NOTHING), "array<string>", id="empty lists"),
        pytest.param(Struct(()), "string", id="no fields"),
        pytest.param(Union((hive.INT, hive.STRING)), "uniontype<int,string>", id="a union"),
    ],
)
def test_texts(data_type: HiveType, text: str) -> None:
    assert hive.text_of(data_type) == text


@pytest.mark.parametrize(
    ("name", "named"),
    [
        pytest.param("a b", "a b", id="a space"),
        pytest.param("a:b,c<d>(e)`", "a_b_c_d__e__", id="what a type's text is made of"),
        pytest.param("", "_", id="no name"),
        pytest.param("  ", "_", id="nothing but spaces"),
        pytest.param(" a ", "a", id="spaces around it"),
        pytest.param("a\nb\0", "a_b_", id="control characters"),
        pytest.param("\ud800", "_", id="half a character"),
        pytest.param("Straße 道", "Straße 道", id="letters"),
    ],
)
def test_names_of_fields(name: str, named: str) -> None:
    found = hive.struct([Field(name, hive.INT)])
    assert hive.text_of(found) == f"struct<{named}:int>"
    assert hive.parse(hive.text_of(found)) == found


def test_fields_whose_names_are_the_same_to_hive_are_one() -> None:
    given = [Field("Id", hive.INT), Field("b", hive.INT), Field("ID", hive.STRING)]
    assert hive.struct(given) == Struct((Field("Id", hive.STRING), Field("b", hive.INT)))
    assert hive.merge_fields((), given) == hive.merge_fields(given, ())


def test_a_text_that_is_too_long_is_a_string() -> None:
    names = [f"{'n' * 100}{number}" for number in range(2000)]
    wide = hive.struct([Field(name, hive.INT) for name in names])
    assert hive.text_of(wide) == "string"
    assert hive.text_of(hive.struct(wide.fields[:1000])).startswith("struct<nnn")


def _nested(depth: int, around: Callable[[HiveType], HiveType]) -> HiveType:
    found: HiveType = hive.INT
    for _ in range(depth):
        found = around(found)
    return found


@pytest.mark.parametrize(
    "around",
    [
        pytest.param(Array, id="arrays"),
        pytest.param(lambda inner: Map(hive.STRING, inner), id="maps"),
        pytest.param(lambda inner: Struct(fields(a=inner)), id="structs"),
        pytest.param(lambda inner: Union((inner, hive.INT)), id="unions"),
    ],
)
def test_deep_types_end_in_strings(around: Callable[[HiveType], HiveType]) -> None:
    deepest = _nested(hive.DEEPEST + 1, around)
    assert hive.bounded(deepest) == deepest
    assert hive.parse(hive.text_of(deepest)) == deepest
    bounded = hive.bounded(_nested(200, around))
    assert hive.text_of(bounded).count("<") == hive.DEEPEST + 1
    assert hive.parse(hive.text_of(bounded)) == bounded


@pytest.mark.parametrize(
    ("precision", "scale", "text"),
    [
        (38, 38, "decimal(38,38)"),
        (1, 0, "decimal(1,0)"),
        (39, 0, "string"),
        (5, 6, "string"),
        (5, -1, "string"),
        (0, 0, "string"),
    ],
)
def test_decimals(precision: int, scale: int, text: str) -> None:
    assert hive.text_of(hive.decimal(precision, scale)) == text


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        pytest.param("int", "int", 1.0, id="the same"),
        pytest.param("int", "decimal(3,1)", 1.0, id="numbers"),
        pytest.param("void", "array<int>", 1.0, id="what was always null"),
        pytest.param("int", "string", 0.5, id="other scalars"),
        pytest.param("int", "array<int>", 0.0, id="another shape"),
        pytest.param("array<int>", "array<string>", 0.5, id="elements"),
        pytest.param("map<int,int>", "map<string,date>", 0.5, id="values of maps"),
        pytest.param("struct<a:int,b:int>", "struct<A:int,c:int>", 0.5, id="half of the fields"),
        pytest.param("struct<a:int>", "struct<a:int,b:int,c:int,d:int>", 0.25, id="the wider"),
        pytest.param("uniontype<int>", "uniontype<date>", 0.0, id="unions"),
    ],
)
def test_likeness(one: str, other: str, alike: float) -> None:
    assert hive.likeness(hive.parse(one), hive.parse(other)) == alike
    assert hive.likeness(hive.parse(other), hive.parse(one)) == alike


@settings(deadline=None)
@given(one=_TYPES, other=_TYPES)
def test_likeness_is_a_share_and_symmetric(one: HiveType, other: HiveType) -> None:
    assert 0.0 <= hive.likeness(one, other) == hive.likeness(other, one) <= 1.0
    assert hive.likeness(one, one) == 1.0


def test_no_fields_are_alike() -> None:
    assert hive.likeness_of_fields((), ()) == 1.0
    assert hive.likeness_of_fields((), fields(a=hive.INT)) == 0.0
