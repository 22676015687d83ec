"""Which plan each rule type has: it asks the scan for what it needs, and judges after it."""

from __future__ import annotations

import re

from awsgluedq._dqdl.model import Check
from awsgluedq._dqdl.rule_types import SPELLINGS
from awsgluedq._evaluation import anomalies, files, references, row_rules
from awsgluedq._evaluation import statistics as found
from awsgluedq._evaluation.judging import Judge, Plan
from awsgluedq._evaluation.outcome import RuleFailedError, Verdict
from awsgluedq._evaluation.scope import Scope, recorded_name


def plan(check: Check, scope: Scope) -> Judge:
    """Return what judges a rule after the scan.

    Raises:
        RuleFailedError: the rule cannot be evaluated over this frame.
        WhereClauseError: its where clause is none.
    """
    scope.validate(check)
    return PLANS[check.type](check, scope)


def _column_exists(check: Check, scope: Scope) -> Judge:
    def judge() -> Verdict:
        try:
            scope.fields.get(check.names[0])
        except RuleFailedError as error:
            return Verdict(passed=False, reason=str(error))
        return Verdict(passed=True)

    return judge


def _column_names(check: Check, scope: Scope) -> Judge:
    try:
        pattern = re.compile(check.names[0])
    except re.error as error:
        raise RuleFailedError(f"{check.names[0]!r} is no regular expression: {error}") from error
    names = scope.fields.names
    other = [name for name in names if not pattern.fullmatch(name)]
    ratio = 1 - len(other) / len(names) if names else 0.0
    verdict = Verdict(
        passed=not other,
        reason=f"Columns that do not match the pattern: {', '.join(other)}" if other else None,
        metrics={"Dataset.*.ColumnNamesPatternMatchRatio": ratio},
    )
    return lambda: verdict


def _anomalies(check: Check, scope: Scope) -> Judge:
    watched = SPELLINGS.get(check.names[0], check.names[0])
    about = Check(type=watched, parameters=check.parameters[1:], where=check.where)
    statistics = found.FINDERS[watched](about, scope)

    def judge() -> Verdict:
        metrics, reasons = {}, []
        for one in statistics:
            if (value := one.value()) is None:
                continue
            metrics[one.name] = value
            reasons += _anomaly(one.name, value, check, scope)
        reason = "; ".join(reasons) or None
        return Verdict(passed=not reasons, reason=reason, metrics=metrics)

    return judge


def _anomaly(name: str, value: float, check: Check, scope: Scope) -> list[str]:
    around = scope.surroundings
    recorded = recorded_name(name, check.where)
    expected = anomalies.bounds(around.history.last(around.context, recorded, anomalies.MOST))
    if expected is None or expected.hold(value):
        return []
    return [f"{name} is {value}, and was expected from {expected.low:g} to {expected.high:g}."]


PLANS: dict[str, Plan] = {
    "AggregateMatch": references.aggregate_match,
    "ColumnCorrelation": row_rules.numeric,
    "ColumnCount": row_rules.numeric,
    "ColumnDataType": row_rules.data_type,
    "ColumnExists": _column_exists,
    "ColumnLength": row_rules.column_length,
    "ColumnNamesMatchPattern": _column_names,
    "ColumnValues": row_rules.column_values,
    "Completeness": row_rules.completeness,
    "CustomSql": row_rules.custom_sql_rule,
    "DataFreshness": row_rules.freshness,
    "DatasetMatch": references.dataset_match,
    "DetectAnomalies": _anomalies,
    "DistinctValuesCount": row_rules.numeric,
    "Entropy": row_rules.numeric,
    "FileFreshness": files.freshness,
    "FileMatch": files.match,
    "FileSize": files.sizes,
    "FileUniqueness": files.uniqueness,
    "IsComplete": row_rules.is_complete,
    "IsPrimaryKey": row_rules.primary_key,
    "IsUnique": row_rules.is_unique,
    "Mean": row_rules.numeric,
    "ReferentialIntegrity": references.referential_integrity,
    "RowCount": row_rules.numeric,
    "RowCountMatch": references.row_count_match,
    "SchemaMatch": references.schema_match,
    "StandardDeviation": row_rules.numeric,
    "Sum": row_rules.numeric,
    "Uniqueness": row_rules.uniqueness,
    "UniqueValueRatio": row_rules.uniqueness,
}
