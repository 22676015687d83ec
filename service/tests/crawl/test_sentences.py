from __future__ import annotations

from typing import Any

import pytest

from glueball.crawl.sentences import (
    passed_over_partitions,
    passed_over_table,
    regrouped_partitions,
    regrouped_table,
)

_TABLE: dict[str, Any] = {
    "Name": "orders",
    "StorageDescriptor": {"Location": "s3://lake/shop/orders/"},
}


@pytest.mark.parametrize(
    ("located", "named"),
    [
        pytest.param({"b": "s3://lake/shop/orders/b/", "c": "s3://lake/c/"}, " (b)", id="below"),
        pytest.param({"new_orders": "s3://lake/shop/orders"}, " (new_orders)", id="renamed"),
        pytest.param({"shop": "s3://lake/shop/"}, " (shop)", id="above"),
        pytest.param({}, "", id="of a table of Iceberg, say"),
        pytest.param(
            {name: f"s3://lake/shop/orders/{name}/" for name in "fedcba"},
            " (a, b, c, d, e, …)",
            id="many",
        ),
    ],
)
def test_the_log_names_the_tables_that_have_the_files_now(
    located: dict[str, str], named: str
) -> None:
    assert regrouped_table("lake", _TABLE, located) == (
        "Table orders in database lake is left as it is: S3 has its files at "
        f"s3://lake/shop/orders/ still, but they are in other tables now{named}. Delete the table "
        "if these take its place; else a file that does not belong there may have parted them: "
        "remove it, or exclude it by the target's Exclusions, and crawl again."
    )


def test_the_log_says_that_files_do_not_count() -> None:
    assert passed_over_table("lake", _TABLE) == (
        "Table orders in database lake is left as it is: there are files at "
        "s3://lake/shop/orders/, but none that a table is made of: they are excluded, hidden or of "
        "no known format. Delete the table if it is not needed."
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["2024/1"], "Table orders keeps 1 partition (2024/1): "),
        (list("abcdef"), "Table orders keeps 6 partitions (a, b, c, d, e, …): "),
    ],
)
def test_partitions_are_told_of_in_one_line(values: list[str], said: str) -> None:
    for line in (regrouped_partitions("orders", values), passed_over_partitions("orders", values)):
        assert line.startswith(said)
        assert "Delete what " in line
