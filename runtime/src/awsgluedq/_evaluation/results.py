"""The frames that people get: one row for each rule, and the rows with what they passed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as spark

from awsglue._paths import quote
from awsgluedq._dqdl.model import Rule, label_text
from awsgluedq._evaluation.outcome import RuleOutcome, word

_METRICS = spark.MapType(spark.StringType(), spark.DoubleType())

#: The columns of the rule outcomes.
#: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-EvaluateDataQuality.html
RULE_OUTCOMES = spark.StructType(
    [
        spark.StructField("Rule", spark.StringType()),
        spark.StructField("Outcome", spark.StringType()),
        spark.StructField("FailureReason", spark.StringType()),
        spark.StructField("EvaluatedMetrics", _METRICS),
        spark.StructField("EvaluatedRule", spark.StringType()),
    ]
)
LABELS = spark.StructField("Labels", spark.MapType(spark.StringType(), spark.StringType()))

PASS, FAIL, SKIP = "DataQualityRulesPass", "DataQualityRulesFail", "DataQualityRulesSkip"
RESULT = "DataQualityEvaluationResult"
#: The columns that row outcomes have behind those of the data.
ADDED = (PASS, FAIL, SKIP, RESULT)


def rule_outcomes(spark_session: SparkSession, outcomes: Sequence[RuleOutcome]) -> DataFrame:
    """Return the outcomes as a DataFrame; with a column `Labels` when a rule has some."""
    labelled = any(outcome.rule.labels for outcome in outcomes)
    schema = spark.StructType([*RULE_OUTCOMES.fields, *([LABELS] if labelled else [])])
    rows = [
        (
            _name(outcome.rule),
            outcome.word,
            outcome.reason,
            {name: float(value) for name, value in outcome.metrics.items()},
            outcome.evaluated,
            *([dict(outcome.rule.labels)] if labelled else []),
        )
        for outcome in outcomes
    ]
    return spark_session.createDataFrame(rows, schema)


def _name(rule: Rule) -> str:
    return str(rule.expression)


def _name_with_labels(rule: Rule) -> str:
    return f"{rule.expression} {label_text(rule.labels)}" if rule.labels else _name(rule)


def row_outcomes(
    frame: DataFrame, outcomes: Sequence[RuleOutcome], *, with_labels: bool = False
) -> DataFrame:
    """Return the rows with the rules that they pass, fail and skip, and the sum of it.

    Args:
        frame: what was evaluated; columns of an evaluation before it are replaced.
        outcomes: of its evaluation.
        with_labels: whether the rules are written with their labels.
    """
    write = _name_with_labels if with_labels else _name
    kept = [F.col(quote(name)) for name in frame.columns if name not in ADDED]
    checked: list[tuple[str, str]] = []
    skipped: list[str] = []
    for outcome in outcomes:
        if outcome.rows is None:
            skipped.append(write(outcome.rule))
            continue
        frame, column = outcome.rows(frame)
        checked.append((f"__dq_rule_{len(checked)}", write(outcome.rule)))
        frame = frame.withColumn(checked[-1][0], column)
    passed = _texts(checked, lambda column: column)
    failed = _texts(checked, lambda column: ~column)
    unknown = _texts(checked, lambda column: column.isNull())
    rules_skipped = F.concat(unknown, _array([F.lit(text) for text in skipped]))
    result = F.when(F.size(failed) == 0, word(True)).otherwise(word(False))
    return frame.select(
        *kept,
        passed.alias(PASS),
        failed.alias(FAIL),
        rules_skipped.alias(SKIP),
        result.alias(RESULT),
    )


def _texts(checked: Sequence[tuple[str, str]], test: Callable[[Column], Column]) -> Column:
    return F.array_compact(
        _array([F.when(test(F.col(name)), F.lit(text)) for name, text in checked])
    )


def _array(columns: Sequence[Column]) -> Column:
    return F.array(*columns).cast("array<string>")
