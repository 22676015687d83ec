"""Every rule type over one frame: what passes, what fails and why, which numbers are told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from awsglue.dynamicframe import DynamicFrame
from tests.awsgluedq.conftest import Evaluate, Make, Outcomes, passed

NOW = datetime.now(UTC).replace(microsecond=0)
SCHEMA = (
    "id long, email string, name string, age int, `pay.x` double, big decimal(20,2), day date, "
    "at timestamp, flag boolean, day_text string, number_text string, place struct<city:string>, "
    "tags array<string>, notes map<string,string>"
)
ROWS: list[tuple[Any, ...]] = [
    (
        *(1, "a@x", "Ann", 5, 10.0, Decimal(1), date(2024, 1, 1), NOW - timedelta(hours=1), True),
        *("2024-01-01", "1", ("Rome",), ["a"], {"k": "v"}),
    ),
    (
        *(2, None, "Bob", 15, 20.0, Decimal(2), date(2024, 6, 1), NOW - timedelta(hours=2), False),
        *("2024-06-01", "2.5", ("Oslo",), ["a"], {"k": "v"}),
    ),
    (
        *(3, "c@x", "", 25, 30.0, Decimal(3), None, None, True),
        *("soon", "many", (None,), ["b"], {"k": "v"}),
    ),
    (
        *(4, "c@x", "  ", None, None, None, date(2025, 1, 1), NOW - timedelta(days=3), None),
        *(None, None, None, None, None),
    ),
]


@dataclass(frozen=True, kw_only=True)
class Case:
    rule: str
    why: str
    fails: str | None = None  #: what the reason contains; None: the rule passes
    metrics: dict[str, float] | None = None


def ok(rule: str, why: str, **metrics: float) -> Case:
    return Case(rule=rule, why=why, metrics=_named(metrics))


def no(rule: str, fails: str, why: str, **metrics: float) -> Case:
    return Case(rule=rule, why=why, fails=fails, metrics=_named(metrics))


def _named(metrics: dict[str, float]) -> dict[str, float] | None:
    """`email__Completeness` is the metric `Column.email.Completeness`."""
    if not metrics:
        return None
    return {f"Column.{key.replace('__', '.')}": value for key, value in metrics.items()}


UNMET = "Value: {} does not meet the constraint requirement!"
CASES = [
    ok("RowCount = 4", "four rows"),
    no("RowCount > 4", UNMET.format("4.0"), "not more than four"),
    ok("RowCount between 3 and 5", "within"),
    no("RowCount between 4 and 5", UNMET.format("4.0"), "the ends are outside of a range"),
    ok("RowCount not between 4 and 5", "the ends are in what is outside"),
    ok("RowCount in [3,4]", "one of several"),
    ok("RowCount not in [3,5]", "none of several"),
    ok('RowCount = 2 where "id > 2"', "a where clause counts first"),
    ok('RowCount = 0 where "id > 9"', "no rows are a number of rows"),
    ok("RowCount = 2 * 2", "numbers are calculated"),
    no("RowCount > 1 / 0", "divides by zero", "a condition that has no value"),
    ok("ColumnCount = 14", "columns"),
    no("ColumnCount < 14", UNMET.format("14.0"), "columns"),
    ok('ColumnExists "pay.x"', "a name with a dot"),
    ok('ColumnExists "EMAIL"', "Spark's names have no case"),
    ok('ColumnExists "place.city"', "a path into a struct"),
    no('ColumnExists "nope"', "does not include column nope!", "no such column"),
    no('ColumnExists "email.x"', "does not include column email.x!", "no struct"),
    no('IsComplete "nope"', "Input data does not include column nope!", "AWS's sentence"),
    no('Sum "nope" > 1', "Input data does not include column nope!", "for every rule type"),
    no('ColumnNamesMatchPattern "[a-z]+"', "pattern: pay.x, day_text", "whole names match"),
    ok('ColumnNamesMatchPattern "[a-z._]+"', "all names"),
    no('ColumnNamesMatchPattern "["', "'[' is no regular expression", "no pattern"),
    ok('IsComplete "id"', "no null", id__Completeness=1.0),
    no('IsComplete "email"', UNMET.format("0.75"), "one null", email__Completeness=0.75),
    ok('IsComplete "name"', "an empty text is a value"),
    ok('IsComplete "email" where "id != 2"', "only the rows of the clause"),
    ok('IsComplete "email" where "id > 9"', "nothing is said of no row"),
    no('IsComplete "place.city"', UNMET.format("0.5"), "inside a struct"),
    no('IsComplete "notes"', UNMET.format("0.75"), "maps can be null"),
    ok('Completeness "email" > 0.7', "enough", email__Completeness=0.75),
    ok('Completeness "email" = "0.75"', "a number in quotes"),
    no('Completeness "email" >= 0.8', UNMET.format("0.75"), "not enough"),
    no('Completeness "email" >= 0 where "id > 9"', "no values", "there is no ratio of nothing"),
    ok('IsUnique "id"', "all differ", id__Uniqueness=1.0),
    no('IsUnique "email"', UNMET.format("0.3333333333333333"), "null counts for nothing"),
    ok('IsUnique "email" where "id < 4"', "unique among the rows of the clause"),
    ok('IsUnique "age"', "a null does no harm"),
    ok('IsUnique "email" "name"', "together they are unique"),
    no('IsUnique "tags"', UNMET.format("0.3333333333333333"), "lists can be compared"),
    no('IsUnique "notes"', "holds maps, which cannot be compared", "maps cannot"),
    ok('IsPrimaryKey "id"', "unique and complete", id__Uniqueness=1.0, id__Completeness=1.0),
    no('IsPrimaryKey "age"', UNMET.format("0.75"), "unique, not complete"),
    no('IsPrimaryKey "id" "email"', UNMET.format("0.75"), "each column has to be complete"),
    ok('IsPrimaryKey "email" where "id in (1, 3)"', "in the rows of the clause"),
    ok('Uniqueness "email" > 0.33', "one of three values occurs once"),
    no('Uniqueness "id" < 1', UNMET.format("1.0"), "all occur once"),
    ok('UniqueValueRatio "email" = 0.5', "one of two different values occurs once"),
    ok('DistinctValuesCount "email" = 3', "null is one", email__DistinctValuesCount=3.0),
    ok('DistinctValuesCount "id" = 4', "no null"),
    ok('DistinctValuesCount "id" = 0 where "id > 9"', "none at all"),
    ok(
        'Entropy "email" between 0.63 and 0.64',
        "-(1/3 ln 1/3 + 2/3 ln 2/3)",
        email__Entropy=-(math.log(1 / 3) / 3 + 2 * math.log(2 / 3) / 3),
    ),
    ok('Mean "pay.x" = 20', "null counts for nothing", **{"pay.x__Mean": 20.0}),
    ok('Mean "big" = 2', "decimals", big__Mean=2.0),
    no('Mean "age" > 15', UNMET.format("15.0"), "not more"),
    no('Mean "name" > 1', "name is of type string, and Mean is for numbers", "texts have none"),
    no('Mean "age" > 1 where "id > 9"', "There are no values to evaluate.", "no rows"),
    ok('Sum "age" = 45', "null counts for nothing", age__Sum=45.0),
    ok('Sum "age" = 5 where "id < 2"', "in the rows of the clause"),
    ok('StandardDeviation "age" between 8.16 and 8.17', "of the population, as AWS's example"),
    ok('ColumnCorrelation "age" "pay.x" > 0.99', "rows with a null count for nothing"),
    no('ColumnCorrelation "age" "flag" > 0', "is of type boolean", "no number"),
    no('ColumnValues "age" > 3', UNMET.format("NULL"), "null fails", age__Minimum=5.0),
    ok('ColumnValues "age" > 3 where "id < 4"', "without the null", age__Minimum=5.0),
    no('ColumnValues "age" > 5 where "id < 4"', UNMET.format("5.0"), "the least is told"),
    no('ColumnValues "age" < 25 where "id < 4"', UNMET.format("25.0"), "the greatest is told"),
    ok('ColumnValues "age" <= 25 where "id < 4"', "all", age__Maximum=25.0),
    ok('ColumnValues "id" = 1 where "id = 1"', "both are told", id__Minimum=1.0, id__Maximum=1.0),
    ok('ColumnValues "age" between 4 and 26 where "id < 4"', "within"),
    no('ColumnValues "age" between 5 and 26 where "id < 4"', "0.6666666666666666", "ends"),
    no('ColumnValues "age" not between 50 and 60', UNMET.format("NULL"), "null fails"),
    ok('ColumnValues "age" != 6', "null is different"),
    no('ColumnValues "age" != 5', UNMET.format("0.75"), "one is not, and null is not to blame"),
    ok('ColumnValues "age" not in [6,7]', "null is none of them"),
    no('ColumnValues "age" not in [6,NULL]', UNMET.format("NULL"), "but when NULL is named"),
    ok('ColumnValues "age" in [5,15,25,NULL]', "NULL is allowed"),
    no('ColumnValues "age" in [5,15,25]', UNMET.format("NULL"), "NULL is not allowed"),
    no('ColumnValues "age" != NULL', UNMET.format("NULL"), "there is one"),
    ok('ColumnValues "age" = NULL where "id = 4"', "it is null"),
    ok(
        'ColumnValues "age" != NULL with threshold > 0.5',
        "for most",
    ),
    ok('ColumnValues "age" in ["5","15","25",NULL]', "numbers in quotes"),
    ok('ColumnValues "big" in [1.00,2,3,NULL]', "decimals are exact"),
    ok('ColumnValues "big" < 3.01 where "id < 4"', "decimals are exact"),
    no('ColumnValues "age" > NULL', "NULL can be compared by =, !=", "null has no order"),
    ok('ColumnValues "email" in ["a@x","c@x",NULL]', "texts"),
    ok('ColumnValues "email" in ["a@x","c@x"] with threshold between 0.7 and 0.8', "part"),
    no('ColumnValues "email" in ["a@x"] with threshold > 0.5', UNMET.format("0.25"), "less"),
    ok('ColumnValues "email" != "b@x"', "null is different"),
    no('ColumnValues "email" = "c@x" where "id > 1"', UNMET.format("NULL"), "null fails"),
    no('ColumnValues "email" > "b"', "cannot be compared with", "texts have no order"),
    ok('ColumnValues "name" in ["Ann","Bob",EMPTY,WHITESPACES_ONLY]', "the keywords"),
    no('ColumnValues "name" != EMPTY', UNMET.format("0.75"), "one is empty"),
    no('ColumnValues "name" not in [WHITESPACES_ONLY]', UNMET.format("0.75"), "one is blank"),
    ok('ColumnValues "email" not in [EMPTY,WHITESPACES_ONLY]', "null is neither"),
    ok('ColumnValues "name" matches "[A-Z][a-z]+" where "id < 3"', "the whole text matches"),
    no('ColumnValues "name" matches "[A-Z]" where "id < 3"', "0.0", "not only a part"),
    ok('ColumnValues "name" matches "Ann|Bob" where "id < 3"', "one of two"),
    ok('ColumnValues "name" not matches "[0-9]+"', "none does"),
    no('ColumnValues "email" matches ".*@x"', UNMET.format("NULL"), "null matches nothing"),
    no('ColumnValues "email" not matches "z"', UNMET.format("NULL"), "null fails here too"),
    no('ColumnValues "name" matches "["', "is no regular expression", "no pattern"),
    ok('ColumnValues "name" matches "\\s*|\\w+"', "a backslash is the pattern's"),
    ok('ColumnValues "flag" in ["true","false",NULL]', "booleans as texts"),
    ok('ColumnValues "day" > "2023-12-31" with threshold > 0.7', "days"),
    ok('ColumnValues "day" in ["2024-01-01","2024-06-01","2025-01-01",NULL]', "days"),
    ok('ColumnValues "day" < now() where "id != 3"', "days and the present"),
    no('ColumnValues "day" > (now() - 3 days)', "0.00 % of rows passed", "the part is told"),
    ok('ColumnValues "day" between "2023-01-01" and "2025-01-02" where "id != 3"', "days"),
    no('ColumnValues "day" > 3', "cannot be compared with 3", "a number is no day"),
    ok('ColumnValues "at" > (now() - 90 minutes) where "id = 1"', "times"),
    no('ColumnValues "at" > (now() - 90 minutes) where "id = 2"', "0.00 %", "two hours ago"),
    ok(
        f'ColumnValues "at" = "{NOW - timedelta(hours=1):%Y-%m-%d %H:%M:%S}" where "id = 1"',
        "a time",
    ),
    ok(f'ColumnValues "at" = "{NOW - timedelta(days=3):%Y-%m-%d}" where "id = 4"', "all of a day"),
    ok('ColumnValues "day_text" > "2023-12-31" where "id < 3"', "texts that are days"),
    no('ColumnValues "day_text" > "2023-12-31"', "50.00 % of rows passed", "some are none"),
    ok('ColumnValues "number_text" <= 2.5 where "id < 3"', "texts that are numbers"),
    no('ColumnValues "number_text" > 0', "0.5 does not meet", "some are none"),
    ok('ColumnValues "place.city" in ["Rome","Oslo",NULL]', "inside a struct"),
    no('ColumnValues "place" > 3', "is of type struct<city:string>, and 3 is a number", "struct"),
    ok('ColumnLength "name" <= 3', "lengths", name__MaximumLength=3.0),
    no('ColumnLength "name" > 0', UNMET.format("0.0"), "empty", name__MinimumLength=0.0),
    no('ColumnLength "email" = 3', UNMET.format("0.0"), "null is of length 0"),
    ok('ColumnLength "email" < 6', "null is of length 0"),
    ok('ColumnLength "name" in [0,2,3]', "one of several"),
    ok('ColumnLength "name" = 3 with threshold >= 0.5', "half", name__ColumnLength__Compliance=0.5),
    ok('ColumnLength "age" <= 2', "of what is written"),
    no('ColumnDataType "number_text" = "Integer"', UNMET.format("0.25"), "one is"),
    ok('ColumnDataType "number_text" = "DOUBLE" with threshold >= 0.5', "the case is free"),
    ok('ColumnDataType "day_text" != "BOOLEAN" where "id < 3"', "no truth values"),
    ok('ColumnDataType "day_text" = "Date" where "id < 3"', "days"),
    no('ColumnDataType "day_text" = "Date" with format = "dd/MM/yyyy"', "0.0", "another form"),
    no('ColumnDataType "day_text" = "Timestamp"', UNMET.format("0.5"), "null is none"),
    ok('ColumnDataType "id" = "Long"', "a number is one"),
    no('ColumnDataType "id" = "Date"', UNMET.format("0.0"), "no number is a day"),
    ok('ColumnDataType "big" = "Decimal(20,2)" where "id < 4"', "with digits"),
    no('ColumnDataType "id" = "Money"', "There is no data type 'Money'. There are:", "unknown"),
    ok('DataFreshness "at" <= 90 minutes where "id = 1"', "an hour old"),
    no('DataFreshness "at" <= 24 hours', "50.00 % of rows passed the threshold", "null fails"),
    ok('DataFreshness "at" between 2 days and 4 days where "id = 4"', "three days old"),
    ok('DataFreshness "at" <= 24 hours with threshold >= 0.5', "half"),
    ok('DataFreshness "day_text" > 1 days where "id < 3"', "texts that are days"),
    no('DataFreshness "age" < 1 days', "is of type int, and holds no dates", "numbers are none"),
    ok('CustomSql "select count(*) from primary where age > 5" between 1 and 3', "a number"),
    ok('CustomSql "select avg(age) from primary;" = 15', "a semicolon does no harm"),
    no('CustomSql "select nope from primary" > 1', "problem when executing your SQL", "no column"),
    no('CustomSql "select id from primary" > 1', "has to return one number", "several rows"),
    no('CustomSql "select name from primary where id = 1" > 1', "'Ann': no number", "a text"),
    ok('CustomSql "select id from primary where id < 3" with threshold >= 0.5', "rows that pass"),
    no('CustomSql "select id from primary where id < 4"', UNMET.format("0.75"), "all, else"),
    ok('CustomSql "select email from primary"', "null equals null"),
    no('CustomSql "select count(*) as n from primary"', "must contain at least one column", "AWS"),
    no('CustomSql "select id, 1 as x from primary"', "( x ) belong to reference table", "AWS"),
    no("FileSize > 1 B", "Unable to parse file path from DataFrame", "AWS's sentence"),
    no('RowCountMatch "ref" = 1', "ref not found in additional sources, which are: none", "none"),
    ok('(IsComplete "id") and ((IsUnique "email") or (RowCount > 3))', "combined"),
    no('(IsComplete "email") and (RowCount > 4)', UNMET.format("0.75") + "\nValue: 4.0", "both"),
    no('(IsUnique "email") or (IsComplete "nope")', "column nope!", "one has an error"),
    ok('DetectAnomalies "RowCount"', "nothing is known of earlier runs"),
    ok("RowCount > avg(last(3))", "nothing is known of earlier runs, which is 0"),
]


@pytest.fixture(scope="module")
def frame(make: Make) -> DynamicFrame:
    return make(SCHEMA, *ROWS)


@pytest.fixture(scope="module")
def outcomes(frame: DynamicFrame, evaluate: Evaluate) -> Outcomes:
    """All rules in one evaluation, as a ruleset has them."""
    return evaluate(frame, *(case.rule for case in CASES))


@pytest.mark.parametrize("case", CASES, ids=[f"{case.rule}: {case.why}" for case in CASES])
def test_outcome(case: Case, outcomes: Outcomes) -> None:
    found = outcomes[case.rule]
    if case.fails is None:
        assert (found["Outcome"], found["FailureReason"]) == ("Passed", None)
    else:
        assert found["Outcome"] == "Failed"
        assert case.fails in found["FailureReason"]
    if case.metrics is not None:
        assert found["EvaluatedMetrics"] == pytest.approx(case.metrics)


def test_names_of_metrics(outcomes: Outcomes) -> None:
    expected = {
        "RowCount = 4": "Dataset.*.RowCount",
        "ColumnCount = 14": "Dataset.*.ColumnCount",
        'ColumnNamesMatchPattern "[a-z._]+"': "Dataset.*.ColumnNamesPatternMatchRatio",
        'IsUnique "email" "name"': "Multicolumn.email,name.Uniqueness",
        'UniqueValueRatio "email" = 0.5': "Column.email.UniqueValueRatio",
        'StandardDeviation "age" between 8.16 and 8.17': "Column.age.StandardDeviation",
        'ColumnCorrelation "age" "pay.x" > 0.99': "Multicolumn.age,pay.x.ColumnCorrelation",
        'ColumnValues "age" != 6': "Column.age.ColumnValues.Compliance",
        'ColumnDataType "id" = "Long"': "Column.id.ColumnDataType.Compliance",
        'DataFreshness "at" <= 24 hours': "Column.at.DataFreshness.Compliance",
        'CustomSql "select avg(age) from primary;" = 15': "Dataset.*.CustomSQL",
        'CustomSql "select email from primary"': "Dataset.*.CustomSQL.Compliance",
    }
    assert {rule: [*outcomes[rule]["EvaluatedMetrics"]] for rule in expected} == {
        rule: [name] for rule, name in expected.items()
    }


def test_a_frame_without_rows_fails_what_needs_a_value(make: Make, evaluate: Evaluate) -> None:
    rules = (
        *('IsComplete "a"', 'IsUnique "a"', 'IsPrimaryKey "a"', 'ColumnValues "a" > 1'),
        *('Mean "a" >= 0', 'ColumnLength "a" < 3', 'CustomSql "select a from primary"'),
        *('Completeness "a" > 0', 'Entropy "a" >= 0', 'Uniqueness "a" >= 0'),
        *('IsComplete "a" where "a > 1"', 'ColumnValues "a" > 1 where "a > 1"'),
    )
    fine = ("RowCount = 0", "ColumnCount = 1", 'DistinctValuesCount "a" = 0', 'ColumnExists "a"')
    outcomes = evaluate(make("a int"), *rules, *fine)
    assert passed(outcomes) == list(fine)
    assert {outcomes[rule]["FailureReason"] for rule in rules} == {
        "There are no values to evaluate."
    }


def test_a_choice_counts_as_the_text_of_its_value(make: Make, evaluate: Evaluate) -> None:
    numbers, texts = make("a int", (1,), (None,)), make("a string", ("x",), ("7",))
    outcomes = evaluate(
        numbers.union(texts),
        'ColumnValues "a" in ["1","x","7",NULL]',
        'Completeness "a" = 0.75',
        'ColumnValues "a" >= 1 with threshold = 0.5',
        'IsUnique "a"',
    )
    assert passed(outcomes) == list(outcomes)


def test_values_that_are_no_numbers_at_all(make: Make, evaluate: Evaluate) -> None:
    frame = make("a double", (float("nan"),), (float("inf"),), (0.0,), (-0.0,))
    outcomes = evaluate(
        frame, 'DistinctValuesCount "a" = 3', 'Uniqueness "a" = 0.5', 'IsComplete "a"'
    )
    assert passed(outcomes) == list(outcomes)
