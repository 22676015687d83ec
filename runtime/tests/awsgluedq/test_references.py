"""The rules that compare frames."""

from __future__ import annotations

import pytest
from pyspark.sql import DataFrame

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsgluedq.transforms import EvaluateDataQuality
from tests.awsgluedq.conftest import Evaluate, Make, Outcomes

UNMET = "Value: {} does not meet the constraint requirement!"


@pytest.fixture(scope="module")
def orders(make: Make) -> DynamicFrame:
    return make(
        "id int, city string, state string, amount double, total int",
        *((1, "Rome", "IT", 10.0, 10), (2, "Oslo", "NO", 20.0, 20)),
        *((3, "Rome", "NO", None, 0), (4, None, "IT", 10.0, 10)),
    )


@pytest.fixture(scope="module")
def places(make: Make) -> DynamicFrame:
    return make("c string, s string", ("Rome", "IT"), ("Oslo", "NO"), ("Oslo", "NO"), (None, "IT"))


@pytest.fixture(scope="module")
def copy(make: Make) -> DataFrame:
    return make(
        "key int, city string, state string, amount double",
        *((1, "Rome", "IT", 10.0), (2, "Oslo", "NO", 21.0), (3, "Rome", "NO", None)),
        (9, "Bern", "CH", 1.0),
    ).toDF()


CASES = [
    pytest.param('RowCountMatch "places" = 1', None, id="four and four"),
    pytest.param('RowCountMatch "empty" > 0.5', UNMET.format("0.0"), id="none to match"),
    pytest.param('RowCountMatch "places" = 0.5 where "id < 3"', None, id="of the clause"),
    pytest.param(
        'RowCountMatch "other" = 1',
        "other not found in additional sources, which are: "
        'places, copy, db.copy, empty. Give it by additional_data_sources={"other": frame}.',
        id="not given",
    ),
    pytest.param('ReferentialIntegrity "city" "places.c" = 0.75', None, id="null is in none"),
    pytest.param(
        'ReferentialIntegrity "city,state" "places.{c,s}" > 0.5',
        UNMET.format("0.5"),
        id="two columns",
    ),
    pytest.param(
        'ReferentialIntegrity "city" "places.c" = 1 where "city is not null"',
        None,
        id="integrity where",
    ),
    pytest.param(
        'ReferentialIntegrity "city" "db.copy.city" >= 0.75', None, id="an alias with a dot"
    ),
    pytest.param(
        'ReferentialIntegrity "city" "places.{c,s}" = 1', "are different numbers", id="no pairs"
    ),
    pytest.param(
        'ReferentialIntegrity "nope" "places.c" = 1',
        "primary does not include column nope!",
        id="no column here",
    ),
    pytest.param(
        'ReferentialIntegrity "city" "places.x" = 1',
        "places does not include column x!",
        id="no column there",
    ),
    pytest.param('DatasetMatch "copy" "id->key" "city,state" = 0.75', None, id="some columns"),
    pytest.param(
        'DatasetMatch "copy" "id->key" "city,amount" > 0.5',
        UNMET.format("0.5"),
        id="null equals null",
    ),
    pytest.param(
        'DatasetMatch "copy" "id->key" = 1', "copy does not include column total!", id="all columns"
    ),
    pytest.param(
        'DatasetMatch "places" "city->c" "state->s" = 1',
        "Provided key map not suitable for given data frames",
        id="no key",
    ),
    pytest.param('SchemaMatch "copy" = 0.5', None, id="three of six columns"),
    pytest.param(
        'SchemaMatch "copy" = 1.0', "Columns that differ: id, key, total.", id="which differ"
    ),
    pytest.param('SchemaMatch "places" < 0.5', None, id="none"),
    pytest.param(
        'AggregateMatch "sum(amount)" "sum(total)" = 1.0', None, id="two columns of the frame"
    ),
    pytest.param(
        'AggregateMatch "avg(amount)" "AVG(copy.amount)" > 1.2', None, id="the mean of another"
    ),
    pytest.param(
        'AggregateMatch "sum(primary.amount)" "sum(copy.amount)" = 1',
        UNMET.format("1.25"),
        id="a sum",
    ),
    pytest.param(
        'AggregateMatch "sum(amount)" "sum(empty.n)" > 0',
        "There are no values to evaluate.",
        id="a sum of nothing",
    ),
    pytest.param(
        'AggregateMatch "max(amount)" "sum(total)" = 1.0',
        "'max(amount)' is no aggregate.",
        id="another function",
    ),
    pytest.param(
        'AggregateMatch "sum(amount)" "sum(copy.nope)" = 1.0',
        "copy does not include column nope!",
        id="aggregate of no column",
    ),
    pytest.param(
        'CustomSql "select count(*) from primary join places on city = c and state = s" = 3',
        None,
        id="a join",
    ),
]


@pytest.fixture(scope="module")
def outcomes(
    orders: DynamicFrame, places: DynamicFrame, copy: DataFrame, make: Make, evaluate: Evaluate
) -> Outcomes:
    sources: dict[str, DynamicFrame | DataFrame] = {
        "places": places,
        "copy": copy,
        "db.copy": copy,
        "empty": make("n int"),
    }
    return evaluate(orders, *(str(case.values[0]) for case in CASES), sources=sources)


@pytest.mark.parametrize(("rule", "fails"), CASES)
def test_outcome(rule: str, fails: str | None, outcomes: Outcomes) -> None:
    found = outcomes[rule]
    assert found["Outcome"] == ("Passed" if fails is None else "Failed"), found
    assert (fails or "") in (found["FailureReason"] or "")


def test_names_of_metrics(outcomes: Outcomes) -> None:
    metrics = {name for one in outcomes.values() for name in one["EvaluatedMetrics"]}
    assert metrics == {
        *("Dataset.places.RowCountMatch", "Dataset.empty.RowCountMatch"),
        *("Column.places.ReferentialIntegrity", "Column.db.copy.ReferentialIntegrity"),
        *("Dataset.copy.DatasetMatch", "Dataset.copy.SchemaMatch", "Dataset.places.SchemaMatch"),
        *("Column.amount,total.AggregateMatch", "Column.amount.AggregateMatch"),
        "Dataset.*.CustomSQL",
    }


def test_rows(orders: DynamicFrame, places: DynamicFrame, copy: DataFrame) -> None:
    integrity, same = (
        'ReferentialIntegrity "city" "places.c" = 1',
        'DatasetMatch "copy" "id->key" "city" = 1',
    )
    found = EvaluateDataQuality().process_rows(
        orders,
        f"Rules = [{integrity}, {same}]",
        additional_data_sources={"places": places, "copy": copy},
    )
    rows = {
        row["id"]: row["DataQualityRulesFail"] for row in found["rowLevelOutcomes"].toDF().collect()
    }
    assert rows == {1: [], 2: [], 3: [], 4: [integrity, same]}


def test_views_of_the_script_are_there_afterwards(
    glue: GlueContext, orders: DynamicFrame, evaluate: Evaluate
) -> None:
    spark = glue.spark_session
    spark.range(7).createOrReplaceTempView("primary")
    try:
        assert evaluate(orders, 'CustomSql "select count(*) from primary" = 4')
        assert spark.table("primary").count() == 7
    finally:
        spark.catalog.dropTempView("primary")
    assert evaluate(orders, 'CustomSql "select count(*) from primary" = 4')
    assert "primary" not in {table.name for table in spark.catalog.listTables()}
