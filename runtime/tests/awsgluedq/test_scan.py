"""How often the data is read: once for all numbers, once more for what is grouped."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from pyspark.sql import Row
from pyspark.sql import functions as F

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsgluedq._evaluation.outcome import RuleFailedError
from awsgluedq._evaluation.scan import Scan
from awsgluedq.transforms import EvaluateDataQuality
from tests.awsgluedq.conftest import Evaluate, Make, passed

ROWS = 200


@dataclass(frozen=True, kw_only=True)
class Counted:
    frame: DynamicFrame
    reads: Callable[[], float]  #: how often all rows were read so far


@pytest.fixture
def counted(glue: GlueContext) -> Counted:
    context = glue.spark_session.sparkContext
    read = context.accumulator(0)

    def row(number: int) -> Row:
        read.add(1)
        return Row(id=number, word=f"w{number % 7}", price=number / 4)

    rows = context.parallelize(range(ROWS), 2).map(row)
    frame = glue.spark_session.createDataFrame(rows, "id long, word string, price double")
    return Counted(
        frame=DynamicFrame.fromDF(frame, glue, "counted"), reads=lambda: read.value / ROWS
    )


PLAIN = [
    *("RowCount > 1", "ColumnCount = 3", 'IsComplete "id"', 'IsComplete "word"'),
    *('Completeness "price" > 0.5', 'Mean "price" > 1', 'Sum "price" > 1', 'Sum "id" > 1'),
    *('StandardDeviation "price" > 1', 'ColumnCorrelation "id" "price" > 0.9'),
    *('ColumnValues "id" >= 0', 'ColumnValues "price" < 1000', 'ColumnValues "id" != 999'),
    *('ColumnValues "word" in ["w0","w1"] with threshold > 0.1', 'ColumnLength "word" = 2'),
    *('ColumnValues "word" matches "w[0-9]"', 'ColumnDataType "word" != "Date"'),
    *('ColumnValues "id" < 100 where "id < 50"', 'Mean "price" > 0 where "id > 3"'),
    *('(IsComplete "id") and (RowCount > 3)', 'DetectAnomalies "RowCount"', 'ColumnExists "id"'),
]
GROUPED = [
    *('IsUnique "id"', 'IsPrimaryKey "id" "word"', 'Uniqueness "price" > 0.5'),
    *('UniqueValueRatio "word" < 0.5', 'DistinctValuesCount "word" = 7', 'Entropy "word" > 1'),
    *('IsUnique "id" where "id > 5"', 'DistinctValuesCount "price" > 5'),
]


@pytest.mark.parametrize(
    ("rules", "reads"),
    [
        pytest.param(["ColumnCount = 3", 'ColumnExists "id"'], 0, id="Studio's own: not at all"),
        pytest.param(PLAIN, 1, id="numbers: once"),
        pytest.param(GROUPED[:1], 1, id="one grouping: once"),
        pytest.param(GROUPED, 2, id="groupings: once, and once for nulls"),
        pytest.param(PLAIN + GROUPED, 2, id="thirty rules: twice"),
    ],
)
def test_how_often_the_data_is_read(counted: Counted, rules: list[str], reads: int) -> None:
    found = EvaluateDataQuality().process_rows(counted.frame, f"Rules = [{', '.join(rules)}]")
    outcomes = found["ruleOutcomes"].toDF().collect()
    assert [row["FailureReason"] for row in outcomes if row["Outcome"] != "Passed"] == []
    assert counted.reads() == reads


def test_what_types_do_not_allow_fails_alone(make: Make) -> None:
    scan = Scan(make("a int, m map<string,int>", (3, {}), (4, {})).toDF())
    scan.want("good", F.sum("a"))
    scan.want("bad", F.max("m"))
    scan.run()
    assert scan.value("good") == 7
    with pytest.raises(RuleFailedError, match="DATATYPE_MISMATCH"):
        scan.value("bad")


def test_rows_are_read_when_they_are_asked_for(counted: Counted) -> None:
    rules = [*PLAIN, 'IsUnique "id"', 'IsUnique "word"']
    found = EvaluateDataQuality().process_rows(counted.frame, f"Rules = [{', '.join(rules)}]")
    before = counted.reads()
    assert found["rowLevelOutcomes"].toDF().collect()
    assert counted.reads() - before == 1


def test_rules_that_match_rows_share_one_read(counted: Counted, make: Make) -> None:
    sources = {"ref": make("k long, w string", *((n, f"w{n % 7}") for n in range(ROWS)))}
    rules = [
        *('ReferentialIntegrity "id" "ref.k" = 1', 'ReferentialIntegrity "word" "ref.w" = 1'),
        *('DatasetMatch "ref" "id->k" "word->w" = 1', "RowCount > 3", 'RowCountMatch "ref" = 1'),
    ]
    found = EvaluateDataQuality.apply(
        counted.frame, f"Rules = [{', '.join(rules)}]", additional_data_sources=sources
    )
    assert {row["Outcome"] for row in found.toDF().collect()} == {"Passed"}
    assert counted.reads() == 3, "numbers, the key of DatasetMatch, and the matches"


def test_an_input_can_be_cached(counted: Counted) -> None:
    found = EvaluateDataQuality().process_rows(
        counted.frame,
        f"Rules = [{', '.join(PLAIN + GROUPED)}]",
        additional_options={"performanceTuning.caching": "CACHE_INPUT"},
    )
    found["rowLevelOutcomes"].toDF().collect()
    assert counted.reads() == 1
    counted.frame.toDF().unpersist()


def test_numbers_are_those_of_plain_python(make: Make, evaluate: Evaluate) -> None:
    """Random columns; each rule is false by a hair, and true by a hair."""
    draw = random.Random(7)
    values = [
        [draw.choice([None, draw.randint(-5, 5), draw.randint(-500, 500)]) for _ in range(60)]
        for _ in range(3)
    ]
    frame = make("a int, b int, c int", *zip(*values, strict=True))
    expected: dict[str, float] = {}
    for name, column in zip("abc", values, strict=True):
        known = [value for value in column if value is not None]
        counts = [known.count(value) for value in set(known)]
        once = sum(1 for count in counts if count == 1)
        expected |= {
            f'Completeness "{name}"': len(known) / len(column),
            f'Mean "{name}"': statistics.fmean(known),
            f'Sum "{name}"': sum(known),
            f'StandardDeviation "{name}"': statistics.pstdev(known),
            f'DistinctValuesCount "{name}"': len(counts) + 1,
            f'Uniqueness "{name}"': once / len(known),
            f'UniqueValueRatio "{name}"': once / len(counts),
        }
    both = [(x, y) for x, y in zip(values[0], values[1], strict=True) if None not in (x, y)]
    xs, ys = zip(*both, strict=True)
    expected['ColumnCorrelation "a" "b"'] = statistics.correlation(xs, ys)
    true = [
        f"{rule} between {value - 1e-6:.9f} and {value + 1e-6:.9f}"
        for rule, value in expected.items()
    ]
    false = [f"{rule} > {value + 1e-6:.9f}" for rule, value in expected.items()]
    assert passed(evaluate(frame, *true, *false)) == true


@pytest.mark.parametrize("seed", range(3))
def test_rows_are_those_of_plain_python(make: Make, seed: int) -> None:
    draw = random.Random(seed)
    values = [draw.choice([None, "", " ", "a", "b", "ab", "a b"]) for _ in range(40)]
    frame = make("id int, v string", *enumerate(values))
    picked = sorted(draw.sample(["", " ", "a", "ab", "zz"], 3))
    listed = ",".join(f'"{value}"' for value in picked)
    least = draw.randint(0, 3)
    more = [*picked, None]
    oracle: dict[str, Callable[[str | None], bool]] = {
        f'ColumnValues "v" in [{listed}]': lambda v: v in picked,
        f'ColumnValues "v" not in [{listed}]': lambda v: v not in picked,
        f'ColumnValues "v" in [{listed},NULL,WHITESPACES_ONLY]': lambda v: (
            v in [*picked, None, " "]
        ),
        f'ColumnValues "v" not in [{listed},NULL,EMPTY]': lambda v: v not in [*more, ""],
        f'ColumnLength "v" >= {least}': lambda v: len(v or "") >= least,
        f'ColumnLength "v" between {least} and 9': lambda v: least < len(v or "") < 9,
        'ColumnValues "v" matches "a.*"': lambda v: v is not None and v.startswith("a"),
        'IsUnique "v"': lambda v: v is None or values.count(v) == 1,
        'IsPrimaryKey "v"': lambda v: v is not None and values.count(v) == 1,
    }
    found = EvaluateDataQuality().process_rows(frame, f"Rules = [{', '.join(oracle)}]")
    for row in found["rowLevelOutcomes"].toDF().collect():
        assert row["DataQualityRulesPass"] == [
            rule for rule, holds in oracle.items() if holds(row["v"])
        ], row
    outcomes = {
        row["Rule"]: row["Outcome"] == "Passed" for row in found["ruleOutcomes"].toDF().collect()
    }
    assert outcomes == {rule: all(map(holds, values)) for rule, holds in oracle.items()}
