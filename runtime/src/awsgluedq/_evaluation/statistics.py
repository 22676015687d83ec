"""The numbers that rules compare, analyzers record and `DetectAnomalies` watches.

Names of metrics: https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

from awsgluedq._dqdl.model import Check
from awsgluedq._evaluation import custom_sql
from awsgluedq._evaluation.fields import Field
from awsgluedq._evaluation.outcome import RuleFailedError
from awsgluedq._evaluation.predicates import length_of
from awsgluedq._evaluation.scan import Frequencies
from awsgluedq._evaluation.scope import Scope, Statistic

Finder = Callable[[Check, Scope], list[Statistic]]


def row_count(check: Check, scope: Scope) -> list[Statistic]:
    """The number of rows."""
    return [Statistic(name="Dataset.*.RowCount", value=scope.want_rows(check.where))]


def column_count(check: Check, scope: Scope) -> list[Statistic]:
    """The number of columns; reads no data."""
    return [Statistic(name="Dataset.*.ColumnCount", value=lambda: len(scope.fields.names))]


def completeness(check: Check, scope: Scope) -> list[Statistic]:
    """The part of the values that are not null."""
    return [_completeness(scope.fields.get(check.names[0]), check, scope)]


def _completeness(field: Field, check: Check, scope: Scope) -> Statistic:
    complete = scope.want_count(f"{field.sql} is set", field.column.isNotNull(), check.where)
    rows = scope.want_rows(check.where)
    return Statistic(
        name=f"Column.{field.name}.Completeness", value=lambda: _ratio(complete(), rows())
    )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def key_name(names: Sequence[str]) -> str:
    """Return how metrics call one column, or several."""
    return f"Column.{names[0]}" if len(names) == 1 else f"Multicolumn.{','.join(names)}"


def _frequencies(names: Sequence[str], check: Check, scope: Scope) -> Callable[[], Frequencies]:
    fields = [scope.fields.get(name) for name in names]
    for field in fields:
        if not field.is_comparable:
            raise RuleFailedError(f"Column {field.name} holds maps, which cannot be compared.")
    columns = [field.sql for field in fields]
    scope.scan.want_frequencies(columns, check.where)
    return lambda: scope.scan.frequencies(columns, check.where)


def uniqueness(check: Check, scope: Scope) -> list[Statistic]:
    """The part of the values that occur once; null counts for nothing."""
    found = _frequencies(check.names, check, scope)
    return [
        Statistic(
            name=f"{key_name(check.names)}.Uniqueness",
            value=lambda: _ratio(found().unique, found().rows),
        )
    ]


def unique_value_ratio(check: Check, scope: Scope) -> list[Statistic]:
    """The part of the different values that occur once; null counts for nothing."""
    found = _frequencies(check.names, check, scope)
    return [
        Statistic(
            name=f"Column.{check.names[0]}.UniqueValueRatio",
            value=lambda: _ratio(found().unique, found().distinct),
        )
    ]


def distinct_values(check: Check, scope: Scope) -> list[Statistic]:
    """The number of different values; null is one of them."""
    field = scope.fields.get(check.names[0])
    found = _frequencies(check.names, check, scope)
    missing = scope.want_count(f"{field.sql} is null", field.column.isNull(), check.where)
    return [
        Statistic(
            name=f"Column.{field.name}.DistinctValuesCount",
            value=lambda: float(found().distinct + (missing() > 0)),
        )
    ]


def entropy(check: Check, scope: Scope) -> list[Statistic]:
    """How uncertain a value is, by the natural logarithm; null counts for nothing."""
    found = _frequencies(check.names, check, scope)
    name = f"Column.{check.names[0]}.Entropy"
    return [Statistic(name=name, value=lambda: found().entropy)]


def _of_numbers(function: Callable[[Column], Column], metric: str) -> Finder:
    def find(check: Check, scope: Scope) -> list[Statistic]:
        field = scope.fields.get(check.names[0])
        value = field.number(check.type).cast("double")
        found = scope.want_value(function, field.sql, value, check.where)
        return [Statistic(name=f"Column.{field.name}.{metric}", value=found)]

    return find


def correlation(check: Check, scope: Scope) -> list[Statistic]:
    """Pearson's coefficient of two columns; rows in which one is null count for nothing."""
    one, other = (scope.fields.get(name) for name in check.names)
    left, right = (field.number(check.type).cast("double") for field in (one, other))

    def corr(value: Column) -> Column:
        return F.corr(value, right)

    found = scope.want_value(corr, f"{one.sql},{other.sql}", left, check.where)
    name = f"Multicolumn.{one.name},{other.name}.ColumnCorrelation"
    return [Statistic(name=name, value=found)]


def lengths(check: Check, scope: Scope) -> list[Statistic]:
    """The least and the greatest length of the values; null is of length 0."""
    field = scope.fields.get(check.names[0])
    return _extremes(check, scope, field, length_of(field), "Length")


def extremes(check: Check, scope: Scope) -> list[Statistic]:
    """The least and the greatest value of numbers; the lengths of anything else."""
    field = scope.fields.get(check.names[0])
    return numeric_extremes(check, scope, field) if field.is_number else lengths(check, scope)


def numeric_extremes(check: Check, scope: Scope, field: Field) -> list[Statistic]:
    """The least and the greatest of numbers, or of texts that are numbers."""
    return _extremes(check, scope, field, field.tried("double"), "")


def _extremes(
    check: Check, scope: Scope, field: Field, value: Column, suffix: str
) -> list[Statistic]:
    name = f"Column.{field.name}"
    least, most = (
        scope.want_value(function, f"{suffix} of {field.sql}", value, check.where)
        for function in (F.min, F.max)
    )
    return [
        Statistic(name=f"{name}.Minimum{suffix}", value=least),
        Statistic(name=f"{name}.Maximum{suffix}", value=most),
    ]


def everything(check: Check, scope: Scope) -> list[Statistic]:
    """What `AllStatistics` records of a column; of all, when it is called `AllColumns`."""
    (name,) = check.names
    names = scope.fields.names if name == "AllColumns" else [name]
    found = row_count(check, scope) + column_count(check, scope)
    for one in names:
        found += _all_of(scope.fields.get(one), check, scope)
    return found


def _all_of(field: Field, check: Check, scope: Scope) -> list[Statistic]:
    found = [_completeness(field, check, scope)]
    if field.is_comparable:
        found += uniqueness(_about(check, "Uniqueness", field), scope)
    if field.is_text:
        found += lengths(_about(check, "ColumnLength", field), scope)
    if field.is_number:
        for kind in ("ColumnValues", "Entropy", "Mean", "StandardDeviation", "Sum"):
            found += FINDERS[kind](_about(check, kind, field), scope)
    return found


def _about(check: Check, kind: str, field: Field) -> Check:
    parameter = check.parameters[0].__class__(value=field.name)
    return Check(type=kind, parameters=(parameter,), where=check.where)


FINDERS: dict[str, Finder] = {
    "AllStatistics": everything,
    "ColumnCorrelation": correlation,
    "ColumnCount": column_count,
    "ColumnLength": lengths,
    "ColumnValues": extremes,
    "Completeness": completeness,
    "CustomSql": custom_sql.statistic,
    "DistinctValuesCount": distinct_values,
    "Entropy": entropy,
    "Mean": _of_numbers(F.avg, "Mean"),
    "RowCount": row_count,
    "StandardDeviation": _of_numbers(F.stddev_pop, "StandardDeviation"),
    "Sum": _of_numbers(F.sum, "Sum"),
    "Uniqueness": uniqueness,
    "UniqueValueRatio": unique_value_ratio,
}
