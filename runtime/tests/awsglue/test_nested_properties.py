"""Records of random structure: what is taken apart can be put together again."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.gluetypes import ArrayType, DataType, MapType, StructType
from tests.awsglue.conftest import Make

#: A type in SQL, and how to draw values of it.
Kind = tuple[str, st.SearchStrategy[Any]]

_FEW = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_ATOMS = st.sampled_from(
    [
        ("int", st.none() | st.integers(-5, 5)),
        ("string", st.none() | st.sampled_from(["", "a", "é,\n"])),
        ("void", st.none()),
        ("boolean", st.none() | st.booleans()),
    ]
)


def _array(inner: Kind) -> Kind:
    return f"array<{inner[0]}>", st.none() | st.lists(inner[1], max_size=3)


def _map(inner: Kind) -> Kind:
    keys = st.sampled_from(["k", "l.m"])
    return f"map<string,{inner[0]}>", st.none() | st.dictionaries(keys, inner[1], max_size=2)


def _struct(fields: list[Kind]) -> Kind:
    kinds = ",".join(f"f{number}:{kind}" for number, (kind, _) in enumerate(fields))
    return f"struct<{kinds}>", st.none() | st.tuples(*(values for _, values in fields))


_KINDS = st.recursive(
    _ATOMS,
    lambda inner: (
        inner.map(_array) | inner.map(_map) | st.lists(inner, min_size=1, max_size=3).map(_struct)
    ),
    max_leaves=5,
)


@st.composite
def _frames(draw: st.DrawFn) -> tuple[str, list[tuple[Any, ...]]]:
    """Draw a schema of three fields, and forty rows."""
    kinds = draw(st.lists(_KINDS, min_size=3, max_size=3))
    rows = st.tuples(st.integers(0, 39), *(values for _, values in kinds))
    fields = ", ".join(f"c{number} {kind}" for number, (kind, _) in enumerate(kinds))
    drawn = draw(st.lists(rows, min_size=1, max_size=40))
    return f"n int, {fields}", [(number, *row[1:]) for number, row in enumerate(drawn)]


def _plain(kind: DataType, value: Any) -> Any:
    """Return a value with the fields of structs that are null: tables cannot tell the two apart."""
    if isinstance(kind, StructType):
        fields = value or {}
        return {one.name: _plain(one.dataType, fields.get(one.name)) for one in kind}
    if value is None:
        return None
    if isinstance(kind, ArrayType):
        return [_plain(kind.elementType, one) for one in value]
    if isinstance(kind, MapType):
        return {key: _plain(kind.valueType, one) for key, one in value.items()}
    return value


def _records(frame: DynamicFrame) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


class _Tables:
    """The rows of all tables, by key."""

    def __init__(self, frames: DynamicFrameCollection) -> None:
        self.rows: dict[str, dict[Any, list[dict[str, Any]]]] = {}
        for name in list(frames.keys()):
            found: dict[Any, list[dict[str, Any]]] = defaultdict(list)
            for row in _records(frames[name]):
                found[row.get("id")].append(row)
            self.rows[name] = found

    def value(self, kind: DataType, name: str, row: dict[str, Any]) -> Any:
        """Put a value together from a row and the tables below it."""
        if isinstance(kind, StructType):
            return {one.name: self.value(one.dataType, f"{name}.{one.name}", row) for one in kind}
        if not isinstance(kind, (ArrayType, MapType)) or row[name] is None:
            return row[name]
        below = self.rows[f"root_{name}"].get(row[name], [])
        below = sorted(below, key=lambda one: int(one["index"]))
        assert [one["index"] for one in below] == list(range(len(below)))
        if isinstance(kind, ArrayType):
            return [self.value(kind.elementType, f"{name}.val", one) for one in below]
        return {
            one[f"{name}.val.key"]: self.value(kind.valueType, f"{name}.val.value", one)
            for one in below
        }


@_FEW
@given(drawn=_frames())
def test_tables_joined_again_are_the_records(
    make: Make, uri: str, drawn: tuple[str, list[tuple[Any, ...]]]
) -> None:
    schema, rows = drawn
    frame = make(schema, *rows)
    fields = frame.schema()
    expected = [_plain(fields, record) for record in _records(frame)]
    tables = _Tables(frame.relationalize("root", uri))
    roots = [row for some in tables.rows["root"].values() for row in some]
    found = [
        {one.name: tables.value(one.dataType, one.name, row) for one in fields} for row in roots
    ]
    assert sorted(found, key=_number) == sorted(expected, key=_number)


def _number(record: dict[str, Any]) -> int:
    return int(record["n"])


def _flat(kind: DataType, name: str, value: Any) -> dict[str, Any]:
    if not isinstance(kind, StructType):
        return {name: value}
    return {
        path: inner
        for one in kind
        for path, inner in _flat(
            one.dataType, f"{name}.{one.name}" if name else one.name, (value or {}).get(one.name)
        ).items()
    }


@_FEW
@given(drawn=_frames())
def test_unnesting_keeps_all_values(make: Make, drawn: tuple[str, list[tuple[Any, ...]]]) -> None:
    schema, rows = drawn
    frame = make(schema, *rows)
    expected = [_flat(frame.schema(), "", record) for record in _records(frame)]
    assert sorted(_records(frame.unnest()), key=_number) == sorted(expected, key=_number)
