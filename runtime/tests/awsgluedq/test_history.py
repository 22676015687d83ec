"""Rules about earlier runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from awsglue.dynamicframe import DynamicFrame
from awsgluedq import history
from awsgluedq.history import MemoryHistory, NoHistory
from awsgluedq.transforms import EvaluateDataQuality
from tests.awsgluedq.conftest import Make

RULESET = """
Rules = [
    RowCount > avg(last(2)),
    ColumnValues "a" > last(),
    RowCount > last() where "a > 1",
    RowCount > last(2),
    DetectAnomalies "RowCount"
]
Analyzers = [
    Mean "a", AllStatistics "b", ColumnLength "b" where "a > 1", Distribution "a", Mean "b"
]
"""


@pytest.fixture
def store() -> Iterator[MemoryHistory]:
    store = MemoryHistory()
    history.keep_in(store)
    yield store
    history.keep_in(NoHistory())


def run(frame: DynamicFrame, context: str = "orders") -> list[tuple[str, str]]:
    found = EvaluateDataQuality.apply(
        frame, RULESET, publishing_options={"dataQualityEvaluationContext": context}
    )
    return [(row["Outcome"][0], row["EvaluatedRule"]) for row in found.toDF().collect()]


def test_rules_see_the_runs_before(make: Make, store: MemoryHistory) -> None:
    small = make("a int, b string", (1, "x"), (2, "yyy"))
    large = make("a int, b string", *((n, "x") for n in range(3, 40)))
    assert [run(small), run(small), run(large), run(small)] == [
        [
            ("P", "RowCount > 0.0"),
            ("P", 'ColumnValues "a" > 0.0'),
            ("P", 'RowCount > 0.0 where "a > 1"'),
            ("F", "RowCount > last(2)"),
            ("P", 'DetectAnomalies "RowCount"'),
        ],
        [
            ("F", "RowCount > 2.0"),
            ("F", 'ColumnValues "a" > 1.0'),
            ("F", 'RowCount > 1.0 where "a > 1"'),
            ("F", "RowCount > last(2)"),
            ("P", 'DetectAnomalies "RowCount"'),
        ],
        [
            ("P", "RowCount > 2.0"),
            ("P", 'ColumnValues "a" > 1.0'),
            ("P", 'RowCount > 1.0 where "a > 1"'),
            ("F", "RowCount > last(2)"),
            ("P", 'DetectAnomalies "RowCount"'),
        ],
        [
            ("F", "RowCount > 19.5"),
            ("F", 'ColumnValues "a" > 3.0'),
            ("F", 'RowCount > 37.0 where "a > 1"'),
            ("F", "RowCount > last(2)"),
            ("P", 'DetectAnomalies "RowCount"'),
        ],
    ]
    assert run(small, "another context")[0] == ("P", "RowCount > 0.0")
    assert list(store.last("orders", "Dataset.*.RowCount", 9)) == [2.0, 37.0, 2.0, 2.0]


def test_an_anomaly_is_told(make: Make, store: MemoryHistory) -> None:
    for rows in (10.0, 11.0, 10.0):
        store.add("default_context", {"Dataset.*.RowCount": rows})
    found = EvaluateDataQuality.apply(make("a int", (1,)), 'Rules = [DetectAnomalies "RowCount"]')
    row = found.toDF().first()
    assert row is not None
    assert row["Outcome"] == "Failed"
    assert row["FailureReason"].startswith("Dataset.*.RowCount is 1, and was expected from 8.9")


def test_analyzers_are_recorded(make: Make, store: MemoryHistory) -> None:
    run(make("a int, b string", (1, "x"), (2, "yyy")))
    recorded = {
        "Column.a.Mean": 1.5,
        "Dataset.*.ColumnCount": 2.0,
        "Column.b.Completeness": 1.0,
        "Column.b.Uniqueness": 1.0,
        "Column.b.MaximumLength": 3.0,
        "Column.b.MinimumLength where a > 1": 3.0,
    }
    assert {name: store.last("orders", name, 1)[0] for name in recorded} == recorded
    assert not store.last("orders", "Column.b.Mean", 1), "texts have none"
