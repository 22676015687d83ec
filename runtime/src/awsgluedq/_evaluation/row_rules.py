"""The rules that ask something of each row, and so can tell which rows fail.

What null does in each: docs/data-quality.md.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from awsgluedq._dqdl.model import Check, Condition, Parameter
from awsgluedq._evaluation import custom_sql, operands, predicates
from awsgluedq._evaluation import statistics as found
from awsgluedq._evaluation.fields import Field
from awsgluedq._evaluation.judging import (
    NO_VALUES,
    Judge,
    judge_all,
    judge_number,
    judge_rows,
    judge_share,
    nothing_selected,
)
from awsgluedq._evaluation.outcome import RowCheck, Verdict, share, unmet
from awsgluedq._evaluation.scan import chosen
from awsgluedq._evaluation.scope import Scope


def numeric(check: Check, scope: Scope) -> Judge:
    """A rule that compares one statistic of the frame."""
    (statistic,) = found.FINDERS[check.type](check, scope)
    return lambda: judge_number(check, scope, statistic)


def completeness(check: Check, scope: Scope) -> Judge:
    """The part of the values that are not null."""
    field = scope.fields.get(check.names[0])
    (statistic,) = found.completeness(check, scope)
    rows = scope.row_check(check, field.column.isNotNull())
    return lambda: judge_number(check, scope, statistic, rows)


def is_complete(check: Check, scope: Scope) -> Judge:
    """No value is null."""
    field = scope.fields.get(check.names[0])
    (statistic,) = found.completeness(check, scope)
    rows = scope.row_check(check, field.column.isNotNull())
    nothing = nothing_selected(check, scope)
    return lambda: judge_all(statistic, nothing(), rows)


def uniqueness(check: Check, scope: Scope) -> Judge:
    """The part of the values that occur once."""
    (statistic,) = found.FINDERS[check.type](check, scope)
    rows = _unique_rows(check, scope)
    return lambda: judge_number(check, scope, statistic, rows)


def is_unique(check: Check, scope: Scope) -> Judge:
    """Every value occurs once."""
    (statistic,) = found.uniqueness(check, scope)
    nothing = nothing_selected(check, scope)
    rows = _unique_rows(check, scope)
    return lambda: judge_all(statistic, nothing(), rows)


def _unique_rows(check: Check, scope: Scope, *, complete: bool = False) -> RowCheck:
    """Return whether the values of a row occur once; null counts for nothing, or is refused."""
    fields = [scope.fields.get(name) for name in check.names]
    keys = [field.column for field in fields]

    def attach(frame: DataFrame) -> tuple[DataFrame, Column]:
        name = f"__dq_{len(frame.columns)}_count"
        window = Window.partitionBy(*keys, chosen(check.where))
        counted = frame.withColumn(name, F.count(F.lit(1)).over(window))
        once = F.col(name) == 1
        for_each = [field.column.isNotNull() for field in fields]
        if complete:
            for one in for_each:
                once = once & one
        else:
            once = once | ~_any(for_each)
        return counted, scope.labelled(check, once)

    return attach


def _any(columns: list[Column]) -> Column:
    some = columns[0]
    for one in columns[1:]:
        some = some | one
    return some


def primary_key(check: Check, scope: Scope) -> Judge:
    """Every value occurs once, and none is null."""
    (unique,) = found.uniqueness(check, scope)
    complete = [
        statistic
        for name in check.names
        for statistic in found.completeness(_about(check, name), scope)
    ]
    nothing = nothing_selected(check, scope)
    rows = _unique_rows(check, scope, complete=True)

    def judge() -> Verdict:
        values = {one.name: one.value() for one in (unique, *complete)}
        known = {name: value for name, value in values.items() if value is not None}
        if not known:
            empty = nothing()
            return Verdict(passed=empty, reason=None if empty else NO_VALUES, rows=rows)
        worst = min(known.values())
        passed = worst == 1.0 and len(known) == len(values)
        reason = None if passed else unmet(worst)
        return Verdict(passed=passed, reason=reason, metrics=known, rows=rows)

    return judge


def _about(check: Check, name: str) -> Check:
    return Check(type="Completeness", parameters=(Parameter(value=name),), where=check.where)


def column_values(check: Check, scope: Scope) -> Judge:
    """Every value satisfies a condition."""
    assert check.condition is not None
    field = scope.fields.get(check.names[0])
    past = scope.past(check, f"Column.{field.name}.{_watched(check.condition)}")
    predicate = predicates.column_values(
        field, check.condition, past, scope.surroundings.now, scope.spark
    )
    compliance = f"Column.{field.name}.ColumnValues.Compliance"
    if field.is_moment or not _is_numeric(check.condition, field):
        text = share if _names_moments(check.condition, scope) else unmet
        return judge_rows(check, scope, field, predicate, compliance, [], past, text)
    statistics = found.numeric_extremes(check, scope, field)
    return judge_rows(check, scope, field, predicate, compliance, statistics, past, unmet)


def _watched(condition: Condition) -> str:
    return "Maximum" if condition.operator in ("<", "<=") else "Minimum"


def _is_numeric(condition: Condition, field: Field) -> bool:
    return any(
        operands.is_numeric(one) or (field.is_number and operands.is_number_text(one))
        for one in condition.operands
    )


def _names_moments(condition: Condition, scope: Scope) -> bool:
    now = scope.surroundings.now
    return all(operands.moment(one, now) is not None for one in condition.operands)


def column_length(check: Check, scope: Scope) -> Judge:
    """The length of every value satisfies a condition."""
    assert check.condition is not None
    field = scope.fields.get(check.names[0])
    watched = "MaximumLength" if check.condition.operator in ("<", "<=") else "MinimumLength"
    past = scope.past(check, f"Column.{field.name}.{watched}")
    predicate = predicates.column_length(field, check.condition, past)
    statistics = found.lengths(check, scope)
    compliance = f"Column.{field.name}.ColumnLength.Compliance"
    return judge_rows(check, scope, field, predicate, compliance, statistics, past, unmet)


def data_type(check: Check, scope: Scope) -> Judge:
    """Every value can be cast to a type."""
    field = scope.fields.get(check.names[0])
    predicate = predicates.data_type(field, check)
    compliance = f"Column.{field.name}.ColumnDataType.Compliance"
    past = scope.past(check, compliance)
    return judge_rows(check, scope, field, predicate, compliance, [], past, unmet)


def freshness(check: Check, scope: Scope) -> Judge:
    """The age of every value satisfies a condition."""
    assert check.condition is not None
    field = scope.fields.get(check.names[0])
    predicate = predicates.freshness(field, check.condition, scope.surroundings.now)
    compliance = f"Column.{field.name}.DataFreshness.Compliance"
    past = scope.past(check, compliance)
    return judge_rows(check, scope, field, predicate, compliance, [], past, share)


def custom_sql_rule(check: Check, scope: Scope) -> Judge:
    """A statement that gives the rows that pass, or one number to compare."""
    if check.condition is not None:
        return numeric(check, scope)
    attach = custom_sql.passing_rows(check, scope)
    metric = "Dataset.*.CustomSQL.Compliance"
    return judge_share(check, scope, attach, metric, check.threshold)
