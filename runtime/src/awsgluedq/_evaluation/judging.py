"""From what a scan found to a verdict: by one number, or by how many rows pass."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import Column

from awsgluedq._dqdl.model import Check, Condition
from awsgluedq._evaluation import operands
from awsgluedq._evaluation.fields import Field
from awsgluedq._evaluation.outcome import RowCheck, Verdict, unmet
from awsgluedq._evaluation.scope import Scope, Statistic

Judge = Callable[[], Verdict]
Plan = Callable[[Check, Scope], Judge]

NO_VALUES = "There are no values to evaluate."

#: Statistics that a rule reports for an operator; other operators report the ratio of rows.
_REPORTED = {">": (0,), ">=": (0,), "<": (1,), "<=": (1,), "=": (0, 1)}


def judge_number(
    check: Check, scope: Scope, statistic: Statistic, rows: RowCheck | None = None
) -> Verdict:
    """Compare a statistic with the condition of its rule."""
    assert check.condition is not None
    value = statistic.value()
    if value is None:
        return Verdict(passed=False, reason=NO_VALUES, rows=rows)
    past = scope.past(check, statistic.name)
    passed = operands.holds(value, check.condition, past)
    return Verdict(
        passed=passed,
        reason=None if passed else unmet(value),
        metrics={statistic.name: value},
        evaluated=operands.evaluated(check, past),
        rows=rows,
    )


def nothing_selected(check: Check, scope: Scope) -> Callable[[], bool]:
    """Return what tells whether rows are there, and the where clause leaves none of them.

    A rule that asks something of each row has nothing against that.
    """
    if check.where is None:
        return lambda: False
    rows, every = scope.want_rows(check.where), scope.want_rows(None)
    return lambda: rows() == 0 and every() > 0


def judge_all(statistic: Statistic, nothing: bool, rows: RowCheck) -> Verdict:
    """Judge a rule that wants a ratio of 1."""
    value = statistic.value()
    if value is None:
        return Verdict(passed=nothing, reason=None if nothing else NO_VALUES, rows=rows)
    passed = value == 1.0
    return Verdict(
        passed=passed,
        reason=None if passed else unmet(value),
        metrics={statistic.name: value},
        rows=rows,
    )


def judge_rows(
    check: Check,
    scope: Scope,
    field: Field,
    predicate: Column,
    compliance: str,
    statistics: list[Statistic],
    past: operands.Past,
    sentence: Callable[[float], str],
) -> Judge:
    """Judge a rule by how many rows satisfy a predicate: all, or as its threshold says.

    Args:
        check: the rule.
        scope: what it is evaluated over.
        field: its column.
        predicate: true or false in each row.
        compliance: the metric that the part of the rows becomes.
        statistics: least and greatest value, which are reported where they decide.
        past: earlier values of the statistic that the condition names.
        sentence: says of the part of the rows that it is not enough.
    """
    named = f"{check.condition} of {field.sql} by {check.type} {check.tags}"
    passing = scope.want_count(named, predicate, check.where)
    refused = field.column.isNull() & ~predicate
    nulls = scope.want_count(f"null fails {named}", refused, check.where)
    rows = scope.want_rows(check.where)
    nothing = nothing_selected(check, scope)
    rows_check = scope.row_check(check, predicate)

    def judge() -> Verdict:
        if rows() == 0:
            empty = nothing()
            return Verdict(passed=empty, reason=None if empty else NO_VALUES, rows=rows_check)
        ratio = passing() / rows()
        reported = () if check.threshold else _REPORTED.get(_operator(check), ())
        extremes = [statistics[number] for number in reported] if statistics else []
        metrics = {one.name: value for one in extremes if (value := one.value()) is not None}
        if check.threshold is not None:
            passed = operands.holds(ratio, check.threshold, scope.past(check, compliance))
        else:
            passed = passing() == rows()
        reason = (
            None
            if passed
            else _reason(check, ratio, metrics, nulls() == rows() - passing(), past, sentence)
        )
        return Verdict(
            passed=passed,
            reason=reason,
            metrics=metrics or {compliance: ratio},
            evaluated=operands.evaluated(check, past),
            rows=rows_check,
        )

    return judge


def _operator(check: Check) -> str:
    return check.condition.operator if check.condition is not None else ""


def _reason(
    check: Check,
    ratio: float,
    metrics: dict[str, float],
    only_null: bool,
    past: operands.Past,
    sentence: Callable[[float], str],
) -> str:
    """Return why a rule about rows fails: the worst value, or null, or the part of the rows."""
    assert check.condition is not None
    wrong = [one for one in metrics.values() if not operands.holds(one, check.condition, past)]
    if wrong:
        return unmet(wrong[0])
    if check.type == "ColumnValues" and check.threshold is None and only_null and sentence is unmet:
        return unmet(None)
    return sentence(ratio)


def judge_share(
    check: Check, scope: Scope, attach: RowCheck, metric: str, condition: Condition | None
) -> Judge:
    """Judge by the part of the rows that pass a row check; one job counts for all such rules.

    Args:
        check: the rule.
        scope: what it is evaluated over.
        attach: the row check.
        metric: what the part of the rows becomes.
        condition: about that part; None wants all of them.
    """
    counts = scope.shares.want(attach, check.where)
    nothing = nothing_selected(check, scope)

    def judge() -> Verdict:
        part, whole = counts()
        if not whole:
            empty = nothing()
            return Verdict(passed=empty, reason=None if empty else NO_VALUES, rows=attach)
        ratio, past = part / whole, scope.past(check, metric)
        passed = ratio == 1.0 if condition is None else operands.holds(ratio, condition, past)
        return Verdict(
            passed=passed,
            reason=None if passed else unmet(ratio),
            metrics={metric: ratio},
            evaluated=operands.evaluated(check, past),
            rows=attach,
        )

    return judge
