"""Which rows pass, fail and skip which rules."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from awsglue.dynamicframe import DynamicFrame
from awsglue.gluetypes import ChoiceType
from awsgluedq.transforms import EvaluateDataQuality
from tests.awsgluedq.conftest import Make

ADDED = ["DataQualityRulesPass", "DataQualityRulesFail", "DataQualityRulesSkip"]


@pytest.fixture(scope="module")
def frame(make: Make) -> DynamicFrame:
    """The rows of AWS's example about where clauses, with a number."""
    return make(
        "id int, att1 string, att2 string, `n.1` int",
        *((1, "a", "f", 5), (2, "b", "d", 5), (3, "a", None, 6)),
        *((4, "a", "f", None), (5, "b", None, 7), (6, "a", "f", 8)),
    )


def words(
    frame: DynamicFrame, *rules: str, options: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return for each rule the outcomes of the rows 1 to 6: P, F or S; `all` for the sum."""
    found = EvaluateDataQuality().process_rows(
        frame=frame, ruleset=f"Rules = [{', '.join(rules)}]", additional_options=options
    )
    rows = sorted(found["rowLevelOutcomes"].toDF().collect(), key=lambda row: row["id"])
    letters = dict.fromkeys((*rules, "all"), "")
    for row in rows:
        for letter, name in zip("PFS", ADDED, strict=True):
            for rule in row[name]:
                letters[rule] += letter
        letters["all"] += row["DataQualityEvaluationResult"][0]
    return letters


CASES = [
    pytest.param('IsComplete "att2"', "PPFPFP", id="complete"),
    pytest.param('Completeness "att2" > 0.5', "PPFPFP", id="the rule passes, the rows do not"),
    pytest.param('IsComplete "att2" where "att1 = \'a\'"', "PPFPPP", id="filtered rows pass"),
    pytest.param('IsUnique "n.1"', "FFPPPP", id="null counts for nothing"),
    pytest.param('IsPrimaryKey "n.1"', "FFPFPP", id="null is no key"),
    pytest.param('IsUnique "att1" "att2"', "FPPFPF", id="two columns"),
    pytest.param('IsUnique "att2" where "id in (1, 2, 3)"', "PPPPPP", id="unique where"),
    pytest.param('Uniqueness "att2" > 0.9', "FPPFPF", id="rows of a ratio"),
    pytest.param('ColumnValues "n.1" > 5', "FFPFPP", id="values"),
    pytest.param('ColumnValues "n.1" != 5', "FFPPPP", id="null is different"),
    pytest.param('ColumnValues "att2" in ["f",NULL]', "PFPPPP", id="NULL is allowed"),
    pytest.param('ColumnLength "att2" >= 1', "PPFPFP", id="lengths"),
    pytest.param('ColumnDataType "att2" = "Date"', "FFFFFF", id="types"),
    pytest.param('DataFreshness "att2" < 1 days', "FFFFFF", id="ages"),
    pytest.param('CustomSql "select id from primary where id < 3"', "PPFFFF", id="rows returned"),
    pytest.param('CustomSql "select att2 from primary where id < 3"', "PPFPFP", id="by value"),
    pytest.param("RowCount > 3", "SSSSSS", id="rows are not asked"),
    pytest.param('ColumnExists "nope"', "SSSSSS", id="columns are not rows"),
    pytest.param('IsComplete "nope"', "SSSSSS", id="a rule that cannot be evaluated"),
    pytest.param(
        '(IsComplete "att2") OR (ColumnValues "n.1" > 6)', "PPFPPP", id="either in the row"
    ),
    pytest.param(
        '(IsComplete "att2") AND (ColumnValues "n.1" > 5)', "FFFFFP", id="both in the row"
    ),
    pytest.param('(IsComplete "att2") AND (RowCount > 0)', "SSSSSS", id="one says nothing of rows"),
]


@pytest.fixture(scope="module")
def found(frame: DynamicFrame) -> dict[str, str]:
    return words(frame, *(str(case.values[0]) for case in CASES))


@pytest.mark.parametrize(("rule", "expected"), CASES)
def test_rows(rule: str, expected: str, found: dict[str, str]) -> None:
    assert found[rule] == expected


def test_filtered_rows_can_be_skipped(frame: DynamicFrame) -> None:
    rule, other = 'IsComplete "att2" where "att1 = \'a\'"', 'IsUnique "id" where "id < 3"'
    skipped = {"rowLevelConfiguration.filteredRowLabel": "SKIPPED"}
    assert words(frame, rule, other, options=skipped) == {
        rule: "PSFPSP",
        other: "PPSSSS",
        "all": "PPFPPP",
    }


def test_a_row_fails_when_it_fails_a_rule(frame: DynamicFrame) -> None:
    assert words(frame, 'IsComplete "att2"', 'ColumnValues "id" != 1', "RowCount > 99") == {
        'IsComplete "att2"': "PPFPFP",
        'ColumnValues "id" != 1': "FPPPPP",
        "RowCount > 99": "SSSSSS",
        "all": "FPFPFP",
    }


def test_columns_come_behind_those_of_the_data_and_types_stay(make: Make) -> None:
    frame = make("a int, `b.c` string", (1, "x")).union(make("a string", ("y",)))
    evaluation = EvaluateDataQuality()
    once = evaluation.process_rows(frame, 'Rules = [IsComplete "b.c"]')["rowLevelOutcomes"]
    assert once.toDF().columns == ["a", "b.c", *ADDED, "DataQualityEvaluationResult"]
    assert isinstance(once.schema().fields[0].dataType, ChoiceType)
    twice = evaluation.process_rows(once, 'Rules = [IsComplete "a"]')["rowLevelOutcomes"]
    assert twice.toDF().columns == once.toDF().columns
    assert [row["DataQualityRulesPass"] for row in twice.toDF().collect()] == [
        ['IsComplete "a"']
    ] * 2


def test_rules_can_carry_their_labels(frame: DynamicFrame) -> None:
    found = EvaluateDataQuality().process_rows(
        frame,
        'DefaultLabels = ["team"="x"] Rules = [IsComplete "id" labels=["k"="v"], IsUnique "id"]',
        additional_options={"rowLevelConfiguration.ruleWithLabels": "ENABLED"},
    )
    row = found["rowLevelOutcomes"].toDF().first()
    assert row is not None
    assert row["DataQualityRulesPass"] == [
        'IsComplete "id" labels=["team"="x", "k"="v"]',
        'IsUnique "id" labels=["team"="x"]',
    ]
    rules = found["ruleOutcomes"].toDF().collect()
    assert [(rule["Rule"], rule["Labels"]) for rule in rules] == [
        ('IsComplete "id"', {"team": "x", "k": "v"}),
        ('IsUnique "id"', {"team": "x"}),
    ]


ROW = {"compositeRuleEvaluation.method": "ROW"}


def test_composite_rules_row_by_row(make: Make) -> None:
    """AWS's own example, and what it says of rules about ratios."""
    frame = make("id int, myCol1 int, myCol2 int", (1, 2, 1), (2, 0, 3))
    either = '(ColumnValues "myCol1" > 1) OR (ColumnValues "myCol2" > 2)'
    rules = (
        *(either, '(ColumnValues "myCol1" > 1) AND (ColumnValues "myCol2" > 0)'),
        *('(RowCount > 1) AND (IsUnique "id")', '(RowCount > 2) OR (IsUnique "myCol3")'),
        *('(Completeness "id" > 0.5) OR (IsUnique "id")', 'ColumnValues "myCol1" > 1'),
        '(ColumnValues "id" > 9) OR ((ColumnValues "myCol1" = 2) OR (ColumnValues "myCol2" = 3))',
    )
    ruleset = f"Rules = [{', '.join(rules)}]"

    def outcomes(options: Mapping[str, str]) -> list[str]:
        found = EvaluateDataQuality.apply(frame, ruleset, additional_options=options).toDF()
        return [f"{row['Outcome'][0]} {row['FailureReason']}" for row in found.collect()]

    by_row = outcomes(ROW)
    assert [text[0] for text in by_row] == list("PFPFFFP")
    assert [text[0] for text in outcomes({})] == list("FFPFPFF")
    assert by_row[1] == "F Value: 0.5 does not meet the constraint requirement!"
    assert "does not include column myCol3" in by_row[3]
    assert "is about a ratio of rows, and cannot be evaluated row by row" in by_row[4]
    assert words(frame, either, options=ROW) == {either: "PP", "all": "PP"}
