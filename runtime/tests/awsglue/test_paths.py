from __future__ import annotations

import pytest

from awsglue import _paths
from awsglue.gluetypes import Field, StringType, StructType


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("a", ("a",)),
        ("a.b", ("a", "b")),
        ("`a.b`", ("a.b",)),  # backticks keep dots together
        ("x.`Zip.Code`.y", ("x", "Zip.Code", "y")),
        ("provider id", ("provider id",)),  # spaces are part of names
        ("list[].price", ("list", "[]", "price")),
        ("`a``b`", ("a`b",)),  # two backticks are one
        ("a[0", ("a[0",)),  # a bracket that is no element belongs to the name
    ],
)
def test_a_path_is_split_into_names(path: str, names: tuple[str, ...]) -> None:
    assert _paths.parse(path) == names


def test_an_empty_path_is_refused() -> None:
    with pytest.raises(ValueError, match="not the path"):
        _paths.parse("")


def test_a_field_of_exactly_that_name_needs_no_backticks() -> None:
    schema = StructType([Field("a.b", StringType())])
    assert _paths.resolve("a.b", schema) == ("a.b",)
    assert _paths.resolve("c.d", schema) == ("c", "d")


def test_names_become_sql_identifiers() -> None:
    assert _paths.quote("a`b.c") == "`a``b.c`"


def test_a_field_is_found_by_its_exact_name_first() -> None:
    schema = StructType([Field("Id", StringType()), Field("ID", StringType())])
    found = _paths.find(schema, "ID", case_sensitive=False)
    assert found is schema.fields[1]
    assert _paths.find(schema, "id", case_sensitive=False) is schema.fields[0]
    assert _paths.find(schema, "id", case_sensitive=True) is None
