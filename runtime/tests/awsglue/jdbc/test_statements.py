"""The SQL that databases are asked, for all products; PostgreSQL's is run in test_jdbc."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsglue._jdbc import statements as query
from awsglue._jdbc.session import parts_of
from awsglue._jdbc.statements import Key
from awsglue._jdbc.vendors import ANY, MYSQL, ORACLE, POSTGRESQL, REDSHIFT, SQLSERVER, Kind, Vendor

_EACH = (POSTGRESQL, REDSHIFT, MYSQL, SQLSERVER, ORACLE, ANY)


@pytest.mark.parametrize(
    ("vendor", "options", "expected"),
    [
        pytest.param(
            POSTGRESQL,
            {"hashfield": "Name"},
            '(FLOOR(ABS(MOD(hashtext(CAST("name" AS text)), 2))) = 0'
            ' OR hashtext(CAST("name" AS text)) IS NULL)',
            id="PostgreSQL",
        ),
        pytest.param(
            MYSQL,
            {"hashfield": "name"},
            "(FLOOR(ABS(MOD(CRC32(`name`), 2))) = 0 OR CRC32(`name`) IS NULL)",
            id="MySQL",
        ),
        pytest.param(
            SQLSERVER,
            {"hashexpression": "a + b"},
            "(FLOOR(ABS((((a + b)) % 2))) = 0 OR (a + b) IS NULL)",
            id="SQL Server has no MOD",
        ),
        pytest.param(
            ORACLE,
            {"hashfield": "name", "hashexpression": "id"},
            "(FLOOR(ABS(MOD((id), 2))) = 0 OR (id) IS NULL)",
            id="an expression counts more than a field",
        ),
    ],
)
def test_parts(vendor: Vendor, options: dict[str, Any], expected: str) -> None:
    first, second = query.partitions(vendor, {**options, "hashpartitions": 2}, ["name"])
    assert first == expected
    assert second == expected.partition(" OR ")[0].removeprefix("(").replace("= 0", "= 1")


@pytest.mark.parametrize("vendor", _EACH, ids=lambda vendor: vendor.name)
def test_the_last_row_is_asked_for_in_each_dialect(vendor: Vendor) -> None:
    keys = (Key(column="a", kind=Kind.NUMBER), Key(column="b", kind=Kind.TIME))
    asked = query.last_row(vendor, "t", keys, ["1 = 1"], descending=False)
    a, b = vendor.name_of("a"), vendor.name_of("b")
    assert f"FROM (SELECT * FROM t WHERE (1 = 1) AND ({a} IS NOT NULL) AND ({b} IS NOT NULL))" in (
        asked
    )
    assert f"ORDER BY {a} DESC, {b} DESC" in asked
    assert asked.endswith(("LIMIT 1", "FETCH FIRST 1 ROWS ONLY"))
    assert f"{a} ASC" in query.last_row(vendor, "t", keys, [], descending=True)


def test_rows_behind_a_row_of_two_keys() -> None:
    keys = (Key(column="a", kind=Kind.NUMBER), Key(column="b", kind=Kind.TEXT))
    assert query.after(POSTGRESQL, keys, ["1", "x"], False) == (
        """("a" > 1) OR ("a" = 1 AND "b" > 'x')"""
    )
    assert query.up_to(POSTGRESQL, keys, ["1", "x"], True) == (
        """("a" > 1) OR ("a" = 1 AND "b" > 'x') OR ("a" = 1 AND "b" = 'x')"""
    )


@pytest.mark.parametrize("vendor", _EACH, ids=lambda vendor: vendor.name)
@pytest.mark.parametrize("text", ["1; DROP TABLE t", "1 OR 1=1", "NaN", "", "1e", "0x1", "1\n2"])
def test_what_is_no_number_never_becomes_sql(vendor: Vendor, text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        vendor.literal(text, Kind.NUMBER)


@given(text=st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0")))
@pytest.mark.parametrize("vendor", _EACH, ids=lambda vendor: vendor.name)
def test_texts_stay_within_their_quotes(vendor: Vendor, text: str) -> None:
    sql = vendor.literal(text, Kind.TEXT)
    if vendor is MYSQL:
        digits = sql.removeprefix("CONVERT(X'").removesuffix("' USING utf8mb4)")
        assert sql == "''" if not text else bytes.fromhex(digits).decode() == text
        return
    inside = sql[sql.index("'") + 1 : -1]
    assert "'" not in inside.replace("''", "")
    if sql.startswith("E"):
        inside = inside.replace("\\\\", "\\")
    assert inside.replace("''", "'") == text


@given(name=st.text(min_size=1, alphabet=st.characters(codec="utf-8", exclude_characters="\0")))
@pytest.mark.parametrize("vendor", [POSTGRESQL, MYSQL], ids=lambda vendor: vendor.name)
def test_names_stay_within_their_quotes_and_are_read_back(vendor: Vendor, name: str) -> None:
    assert parts_of(vendor.name_of(name)) == [(name, True)]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        pytest.param("orders", [("orders", False)], id="a table"),
        pytest.param("a.b.c", [("a", False), ("b", False), ("c", False)], id="three parts"),
        pytest.param('"A.b".c', [("A.b", True), ("c", False)], id="a dot in quotes"),
        pytest.param("[My Schema].[t]", [("My Schema", True), ("t", True)], id="SQL Server"),
    ],
)
def test_parts_of_a_table_name(table: str, expected: list[tuple[str, bool]]) -> None:
    assert parts_of(table) == expected


def test_names_that_are_none() -> None:
    for name in ("", "a\0b"):
        with pytest.raises(ValueError, match="is no name"):
            POSTGRESQL.name_of(name)
