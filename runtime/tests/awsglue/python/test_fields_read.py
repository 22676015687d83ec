from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from awsglue._python.fields_read import fields_read

limit = 5


def of_two(row: Any) -> bool:
    """Reads one field twice, and another."""
    first = row["a"]
    return bool(first > limit and row["a"] < row["b"])


def with_inner(row: Any) -> bool:
    return any(row["a"] == one for one in (1, 2))


def rebound(row: Any) -> Any:
    row = dict(row)
    return row["a"]


READ: list[tuple[Callable[..., Any], set[str] | None, str]] = [
    (lambda row: row["a"] > limit, {"a"}, "a name"),
    (lambda row: row.a > row["b c"], {"a", "b c"}, "an attribute"),
    (lambda row: row["a"]["x"], {"a"}, "what is inside is of no interest"),
    (lambda row: True, set(), "nothing"),
    (lambda row, other=1: row["a"] == other, {"a"}, "another argument"),
    (of_two, {"a", "b"}, "a function of several statements"),
    (lambda row: row, None, "the record itself"),
    (lambda row: len(row), None, "handed to another function"),
    (lambda row: row.get("a"), None, "a method of dicts"),
    (lambda row: row.keys, None, "no field can be read by this attribute"),
    (lambda row: row[limit], None, "a name that is not in the code"),
    (lambda row: "a" in row, None, "a question about the record"),
    (lambda row: [row["a"] for _ in range(2)], None, "another scope"),
    (with_inner, None, "a generator"),
    (rebound, None, "the name gets another value"),
    (lambda row: locals()["row"]["a"], None, "a mirror"),
    (lambda *rows: rows[0]["a"], None, "other arguments"),
    (len, None, "no function of Python"),
]


@pytest.mark.parametrize(("function", "names", "why"), READ, ids=[why for _, _, why in READ])
def test_what_a_function_can_read(
    function: Callable[..., Any], names: set[str] | None, why: str
) -> None:
    found = fields_read(function)
    # Later versions of Python compile the same in other ways: None is always right.
    assert found == names if names is None else found in (names, None)


def test_this_python_is_understood() -> None:
    assert fields_read(lambda row: row["a"] > limit) == frozenset({"a"})
