"""What docs/data-quality.md says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from awsgluedq import _transform, history
from awsgluedq._dqdl.parser import parse
from awsgluedq._dqdl.rule_types import RULE_TYPES
from awsgluedq._evaluation.predicates import DATA_TYPES
from awsgluedq._evaluation.results import ADDED, RULE_OUTCOMES
from tests.awsgluedq.conftest import Make

PAGE = (Path(__file__).parents[3] / "docs" / "data-quality.md").read_text()
TABLE = re.findall(r"^\| `([^`]+)` \|", PAGE.split("## Earlier runs")[0], re.M)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


def test_every_rule_type_has_its_row() -> None:
    types = [row.split(" ")[0] for row in TABLE]
    assert types == sorted(
        (name for name, known in RULE_TYPES.items() if known.rule), key=str.lower
    )


@pytest.mark.parametrize("rule", TABLE)
def test_rules_of_the_table_are_rules(rule: str) -> None:
    conditions = ("", " > 0", " > now()")
    read = 0
    for condition in conditions:
        try:
            parse(f"Rules = [ {rule}{condition} ]")
        except ValueError:
            continue
        read += 1
    assert read


def test_names_are_documented() -> None:
    names = [field.name for field in RULE_OUTCOMES]
    names += [*ADDED, *_transform.FRAMES, "Labels"]
    missing = [name for name in names if f"`{name}`" not in PAGE]
    missing += [name for name in DATA_TYPES if f"`{name.capitalize()}`" not in PAGE]
    assert missing == []


def test_rulesets_are_dqdl() -> None:
    assert [len(parse(block).rules) for block in blocks("dqdl")] == [5]


def test_examples_run(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    orders = make("id int, price double, state string", (1, 2.5, "open"), (2, 0.0, "closed"))
    names = {"orders": orders}
    try:
        for block in blocks("python"):
            exec(compile(block, "docs/data-quality.md", "exec"), names)
        assert [row["id"] for row in names["good"].toDF().collect()] == [1]
    finally:
        history.keep_in(history.NoHistory())
    assert 'ColumnValues "price" > 0' in capsys.readouterr().out
