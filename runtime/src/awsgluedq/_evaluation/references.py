"""The rules that compare the frame with others, given as additional data sources."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from awsglue._paths import quote
from awsgluedq._dqdl.model import Check
from awsgluedq._evaluation.custom_sql import marked_by
from awsgluedq._evaluation.judging import Judge, judge_number, judge_share
from awsgluedq._evaluation.outcome import RowCheck, RuleFailedError, Verdict
from awsgluedq._evaluation.scope import PRIMARY, Scope, Statistic

NO_KEY = (
    "Provided key map not suitable for given data frames: the key has to be unique and without "
    "null in both. AggregateMatch compares sums instead."
)


def _source(alias: str, scope: Scope) -> DataFrame:
    if alias in scope.sources:
        return scope.sources[alias]
    given = ", ".join(scope.sources) or "none"
    raise RuleFailedError(
        f"{alias} not found in additional sources, which are: {given}. Give it by "
        f'additional_data_sources={{"{alias}": frame}}.'
    )


def _columns(names: list[str], frame: DataFrame, alias: str) -> list[str]:
    known = {name.lower() for name in frame.columns}
    missing = [name for name in names if name.lower() not in known]
    if missing:
        raise RuleFailedError(f"{alias} does not include column {', '.join(missing)}!")
    return names


def row_count_match(check: Check, scope: Scope) -> Judge:
    """The number of rows over that of another frame.

    https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types-RowCountMatch.html
    """
    alias = check.names[0]
    other, rows = _source(alias, scope), scope.want_rows(check.where)
    statistic = Statistic(
        name=f"Dataset.{alias}.RowCountMatch",
        value=lambda: _quotient(float(rows()), float(other.count())),
    )
    return lambda: judge_number(check, scope, statistic)


def _quotient(one: float, other: float) -> float:
    """Return a ratio; two zeros match, and nothing else matches zero."""
    if other == 0:
        return 1.0 if one == 0 else 0.0
    return one / other


def schema_match(check: Check, scope: Scope) -> Judge:
    """The part of the columns of both frames that have one name and one type in both.

    https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types-SchemaMatch.html
    """
    alias = check.names[0]
    types = [
        {one.name: one.dataType.simpleString() for one in frame.schema.fields}
        for frame in (scope.frame, _source(alias, scope))
    ]
    names = sorted(types[0].keys() | types[1].keys())
    other = [name for name in names if types[0].get(name) != types[1].get(name)]
    ratio = 1 - len(other) / len(names) if names else 1.0
    statistic = Statistic(name=f"Dataset.{alias}.SchemaMatch", value=lambda: ratio)

    def judge() -> Verdict:
        verdict = judge_number(check, scope, statistic)
        if verdict.passed or not other:
            return verdict
        reason = f"{verdict.reason} Columns that differ: {', '.join(other)}."
        return Verdict(
            passed=False, reason=reason, metrics=verdict.metrics, evaluated=verdict.evaluated
        )

    return judge


def referential_integrity(check: Check, scope: Scope) -> Judge:
    """The part of the rows whose values another frame has; null is in none.

    https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types-ReferentialIntegrity.html
    """
    own = [name.strip() for name in check.names[0].split(",")]
    alias, others = _referred(check.names[1], scope)
    if len(own) != len(others):
        raise RuleFailedError(f"{check.names[0]} and {check.names[1]} are different numbers.")
    source = _source(alias, scope)
    pairs = list(
        zip(_columns(own, scope.frame, PRIMARY), _columns(others, source, alias), strict=True)
    )
    attach = _matching(check, scope, source, pairs, null_safe=False)
    metric = f"Column.{alias}.ReferentialIntegrity"
    return judge_share(check, scope, attach, metric, check.condition)


def _matching(
    check: Check,
    scope: Scope,
    source: DataFrame,
    pairs: list[tuple[str, str]],
    *,
    null_safe: bool,
) -> RowCheck:
    def attach(frame: DataFrame) -> tuple[DataFrame, Column]:
        marked, mark = marked_by(frame, source, pairs, null_safe=null_safe)
        return marked, scope.labelled(check, mark)

    return attach


def _referred(text: str, scope: Scope) -> tuple[str, list[str]]:
    """Return alias and columns of `alias.column` or `alias.{a,b}`; aliases may have dots."""
    aliases = sorted((one for one in scope.sources if text.startswith(f"{one}.")), key=len)
    alias = aliases[-1] if aliases else text.partition(".")[0]
    names = text[len(alias) + 1 :].strip().removeprefix("{").removesuffix("}")
    return alias, [name.strip() for name in names.split(",")]


def dataset_match(check: Check, scope: Scope) -> Judge:
    """The part of the rows that another frame has under the same key, with the same values.

    https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types-DatasetMatch.html
    """
    alias, source = check.names[0], _source(check.names[0], scope)
    keys = _pairs(check.names[1])
    if len(check.names) > 2:
        values = _pairs(check.names[2])
    else:
        own = {name.lower() for name, _ in keys}
        values = [(name, name) for name in scope.fields.names if name.lower() not in own]
    pairs = keys + values
    _columns([name for name, _ in pairs], scope.frame, PRIMARY)
    _columns([name for _, name in pairs], source, alias)
    is_key = _is_own_key([name for name, _ in keys], scope)
    _require_key(source, [name for _, name in keys])
    attach = _matching(check, scope, source, pairs, null_safe=True)
    judge = judge_share(check, scope, attach, f"Dataset.{alias}.DatasetMatch", check.condition)

    def judge_with_key() -> Verdict:
        if not is_key():
            raise RuleFailedError(NO_KEY)
        return judge()

    return judge_with_key


def _pairs(text: str) -> list[tuple[str, str]]:
    found = []
    for part in text.split(","):
        own, arrow, other = part.partition("->")
        found.append((own.strip(), (other if arrow else own).strip()))
    return found


def _is_own_key(names: list[str], scope: Scope) -> Callable[[], bool]:
    """Return what tells whether columns of the frame are unique and without null."""
    fields = [scope.fields.get(name) for name in names]
    columns = [field.sql for field in fields]
    complete = F.lit(True)
    for field in fields:
        complete = complete & field.column.isNotNull()
    scope.scan.want_frequencies(columns, None)
    known = scope.want_count(f"{', '.join(columns)} are set", complete, None)
    rows = scope.want_rows(None)

    def is_key() -> bool:
        found = scope.scan.frequencies(columns, None)
        return known() == rows() and found.unique == found.rows

    return is_key


def _require_key(frame: DataFrame, names: list[str]) -> None:
    keys = [F.col(quote(name)) for name in names]
    null = F.lit(False)
    for key in keys:
        null = null | key.isNull()
    wrong = frame.groupBy(*keys).count().where(null | (F.col("count") > 1))
    if not wrong.isEmpty():
        raise RuleFailedError(NO_KEY)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Aggregate:
    """`sum(amount)` or `avg(alias.amount)`."""

    function: str
    alias: str
    column: str


def aggregate_match(check: Check, scope: Scope) -> Judge:
    """A sum or a mean over another one; null counts for nothing.

    https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types-AggregateMatch.html
    """
    one, other = (_aggregate(text, scope) for text in check.names)
    names = [one.column] if one.column == other.column else [one.column, other.column]
    first, second = (_evaluated(aggregate, scope) for aggregate in (one, other))

    def ratio() -> float | None:
        left, right = first.value(), second.value()
        return None if left is None or right is None else _quotient(left, right)

    statistic = Statistic(name=f"Column.{','.join(names)}.AggregateMatch", value=ratio)
    return lambda: judge_number(check, scope, statistic)


def _aggregate(text: str, scope: Scope) -> _Aggregate:
    match = re.fullmatch(r"\s*(sum|avg)\s*\((.+)\)\s*", text, re.IGNORECASE)
    if match is None:
        raise RuleFailedError(f"{text!r} is no aggregate. Write sum(column) or avg(alias.column).")
    function, name = match[1].lower(), match[2].strip()
    aliases = [one for one in (*scope.sources, PRIMARY) if name.startswith(f"{one}.")]
    if name.lower() in {column.lower() for column in scope.fields.names} or not aliases:
        return _Aggregate(function=function, alias=PRIMARY, column=name)
    alias = max(aliases, key=len)
    return _Aggregate(function=function, alias=alias, column=name[len(alias) + 1 :])


def _evaluated(aggregate: _Aggregate, scope: Scope) -> Statistic:
    function = F.sum if aggregate.function == "sum" else F.avg
    if aggregate.alias == PRIMARY:
        field = scope.fields.get(aggregate.column)
        found = scope.want_value(function, field.sql, field.tried("double"), None)
        return Statistic(name=aggregate.column, value=found)
    source = _source(aggregate.alias, scope)
    _columns([aggregate.column], source, aggregate.alias)
    value = function(F.expr(f"try_cast({quote(aggregate.column)} as double)"))
    return Statistic(name=aggregate.column, value=lambda: source.agg(value).collect()[0][0])
