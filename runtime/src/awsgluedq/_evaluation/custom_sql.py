"""`CustomSql`: a statement that gives one number, or the rows that pass.

https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types-CustomSql.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import reduce

from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from awsglue._paths import quote
from awsgluedq._dqdl.model import Check
from awsgluedq._evaluation.outcome import RowCheck, RuleFailedError
from awsgluedq._evaluation.scope import PRIMARY, Scope, Statistic


def statistic(check: Check, scope: Scope) -> list[Statistic]:
    """Run a statement that gives one number.

    Raises:
        RuleFailedError: it is no statement, or gives something else.
    """
    value = _number(_query(check, scope))
    return [Statistic(name="Dataset.*.CustomSQL", value=lambda: value)]


def _number(found: DataFrame) -> float:
    try:
        rows = found.take(2)
    except PySparkException as error:
        raise _failed(error) from error
    if len(rows) != 1 or len(rows[0]) != 1 or rows[0][0] is None:
        raise RuleFailedError(
            "The SQL statement has to return one number: one row with one column. With no "
            "condition behind it, it may return the rows that pass."
        )
    try:
        return float(rows[0][0])
    except (TypeError, ValueError) as error:
        raise RuleFailedError(f"The SQL statement returned {rows[0][0]!r}: no number.") from error


def passing_rows(check: Check, scope: Scope) -> RowCheck:
    """Return the row check of a statement that gives the rows that pass.

    Raises:
        RuleFailedError: it is no statement, or does not return columns of the frame only.
    """
    found = _query(check, scope)
    own = {name.lower() for name in scope.fields.names}
    foreign = [name for name in found.columns if name.lower() not in own]
    if len(foreign) == len(found.columns):
        raise RuleFailedError(
            "The output from CustomSQL must contain at least one column that matches the input "
            "dataset for AWS Glue Data Quality to provide row level results. The SQL query is a "
            "valid query but no columns from the SQL result are present in the Input Dataset. "
            "Ensure that matching columns are returned from the SQL."
        )
    if foreign:
        raise RuleFailedError(
            "The columns that are returned from the SQL statement should only belong to the "
            f"primary table. In this case, some columns ( {','.join(foreign)} ) belong to "
            "reference table"
        )

    def attach(frame: DataFrame) -> tuple[DataFrame, Column]:
        marked, mark = marked_by(frame, found, [(name, name) for name in found.columns])
        return marked, scope.labelled(check, mark)

    return attach


def marked_by(
    frame: DataFrame, other: DataFrame, pairs: list[tuple[str, str]], *, null_safe: bool = True
) -> tuple[DataFrame, Column]:
    """Return a frame with a column that tells whether another one has a row of equal values.

    Args:
        frame: keeps its rows and columns.
        other: where equal values are looked for.
        pairs: names of columns of both.
        null_safe: whether null equals null.
    """
    stem = f"__dq_{len(frame.columns)}_"
    keys = [F.col(quote(name)).alias(f"{stem}{n}") for n, (_, name) in enumerate(pairs)]
    known = other.select(*keys).distinct().withColumn(f"{stem}mark", F.lit(True))
    equal = [
        _equal(F.col(quote(name)), F.col(f"{stem}{n}"), null_safe)
        for n, (name, _) in enumerate(pairs)
    ]
    joined = frame.join(known, reduce(lambda one, two: one & two, equal), "left")
    kept = joined.drop(*(f"{stem}{n}" for n in range(len(pairs))))
    return kept, F.col(f"{stem}mark").isNotNull()


def _equal(one: Column, other: Column, null_safe: bool) -> Column:
    return one.eqNullSafe(other) if null_safe else one == other


def _query(check: Check, scope: Scope) -> DataFrame:
    views = {**scope.sources, PRIMARY: scope.selected(check)}
    with _views(scope.spark, views):
        try:
            return scope.spark.sql(check.names[0].strip().rstrip(";"))
        except PySparkException as error:
            raise _failed(error) from error


def _failed(error: PySparkException) -> RuleFailedError:
    return RuleFailedError(f"There was a problem when executing your SQL statement: {error}")


@contextmanager
def _views(spark: SparkSession, frames: Mapping[str, DataFrame]) -> Iterator[None]:
    """Let statements see frames by their names; a view of such a name comes back afterwards."""
    kept = {name: spark.table(quote(name)) for name in frames if _is_view(spark, name)}
    for name, frame in frames.items():
        frame.createOrReplaceTempView(quote(name))
    try:
        yield
    finally:
        for name in frames:
            spark.catalog.dropTempView(name)
        for name, frame in kept.items():
            frame.createOrReplaceTempView(quote(name))


def _is_view(spark: SparkSession, name: str) -> bool:
    try:
        return spark.catalog.getTable(quote(name)).isTemporary
    except AnalysisException:
        return False
