"""The evaluation of a ruleset: plan all rules, scan once, judge, combine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from awsglue._records import Records
from awsgluedq._dqdl.model import Check, Composite, Expression, Rule, Ruleset
from awsgluedq._evaluation import statistics as found
from awsgluedq._evaluation.fields import Fields
from awsgluedq._evaluation.judging import NO_VALUES, Judge
from awsgluedq._evaluation.operands import Surroundings
from awsgluedq._evaluation.outcome import RowCheck, RuleFailedError, RuleOutcome, Verdict, unmet
from awsgluedq._evaluation.rules import plan
from awsgluedq._evaluation.scan import Scan
from awsgluedq._evaluation.scope import Scope, Shares, Statistic, recorded_name

#: Rules about a ratio; AWS does not evaluate them row by row within a composite rule.
#: https://docs.aws.amazon.com/glue/latest/dg/dqdl.html#dqdl-syntax-composite-rules
RATIOS = frozenset({"Completeness", "DatasetMatch", "ReferentialIntegrity", "Uniqueness"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """How a ruleset is evaluated."""

    surroundings: Surroundings
    by_row: bool = False  #: composite rules are evaluated row by row
    skip_filtered: bool = False  #: rows that a where clause leaves out are skipped, not passed


def evaluate(
    records: Records, ruleset: Ruleset, sources: Mapping[str, DataFrame], setting: Setting
) -> list[RuleOutcome]:
    """Return the outcomes of the rules, in their order, and keep the statistics.

    Args:
        records: what is evaluated.
        ruleset: the rules and analyzers.
        sources: other frames by alias.
        setting: how.

    Raises:
        WhereClauseError: a where clause is not a condition over the frame.
    """
    scope = Scope(
        records=records,
        fields=Fields(records),
        scan=Scan(records.frame),
        shares=Shares(records.frame),
        sources=sources,
        surroundings=setting.surroundings,
        skip_filtered=setting.skip_filtered,
    )
    judges = {check: _planned(check, scope) for check in _checks(ruleset)}
    analyzed = [pair for check in ruleset.analyzers for pair in _analyzed(check, scope)]
    scope.scan.run()
    verdicts = {check: _judged(judge) for check, judge in judges.items()}
    outcomes = _combined(ruleset, verdicts, scope, setting)
    _keep(verdicts, analyzed, setting.surroundings)
    return outcomes


def _checks(ruleset: Ruleset) -> dict[Check, None]:
    within = len(list(ruleset.checks())) - len(ruleset.analyzers)
    return dict.fromkeys(list(ruleset.checks())[:within])


def _planned(check: Check, scope: Scope) -> Judge:
    try:
        return plan(check, scope)
    except RuleFailedError as error:
        verdict = Verdict(passed=False, reason=str(error))
        return lambda: verdict


def _judged(judge: Judge) -> Verdict:
    try:
        return judge()
    except RuleFailedError as error:
        return Verdict(passed=False, reason=str(error))


def _analyzed(check: Check, scope: Scope) -> list[tuple[Check, Statistic]]:
    """Return the statistics of an analyzer; one that this frame cannot have is left out."""
    scope.validate(check)
    finder = found.FINDERS.get(check.type)
    try:
        return [] if finder is None else [(check, one) for one in finder(check, scope)]
    except RuleFailedError:
        return []


def _keep(
    verdicts: Mapping[Check, Verdict],
    analyzed: list[tuple[Check, Statistic]],
    surroundings: Surroundings,
) -> None:
    values = {
        recorded_name(name, check.where): value
        for check, verdict in verdicts.items()
        for name, value in verdict.metrics.items()
    }
    for check, one in analyzed:
        if (value := one.value()) is not None:
            values[recorded_name(one.name, check.where)] = value
    if values:
        surroundings.history.add(surroundings.context, values)


def _combined(
    ruleset: Ruleset, verdicts: Mapping[Check, Verdict], scope: Scope, setting: Setting
) -> list[RuleOutcome]:
    outcomes = []
    for rule in ruleset.rules:
        if setting.by_row and isinstance(rule.expression, Composite):
            verdict = _by_row(rule.expression, verdicts, scope)
        else:
            verdict = _by_column(rule.expression, verdicts)
        outcomes.append(
            RuleOutcome(
                rule=rule,
                passed=verdict.passed,
                reason=verdict.reason,
                metrics=verdict.metrics,
                evaluated=_evaluated_text(rule, verdicts),
                rows=verdict.rows,
            )
        )
    return outcomes


def _by_column(expression: Expression, verdicts: Mapping[Check, Verdict]) -> Verdict:
    """Combine the verdicts of whole columns."""
    if isinstance(expression, Check):
        return verdicts[expression]
    members = [_by_column(one, verdicts) for one in expression.members]
    join: Callable[[list[bool]], bool] = all if expression.operator == "AND" else any
    passed = join([one.passed for one in members])
    reasons = [one.reason for one in members if one.reason and not one.passed]
    return Verdict(
        passed=passed,
        reason=None if passed else "\n".join(reasons),
        metrics={name: value for one in members for name, value in one.metrics.items()},
        rows=_joined_rows(expression, [one.rows for one in members]),
    )


def _joined_rows(expression: Composite, members: list[RowCheck | None]) -> RowCheck | None:
    checks = [one for one in members if one is not None]
    if len(checks) != len(members):
        return None

    def attach(frame: DataFrame) -> tuple[DataFrame, Column]:
        columns = []
        for check in checks:
            frame, column = check(frame)
            columns.append(column)
        joined = columns[0]
        for one in columns[1:]:
            joined = joined & one if expression.operator == "AND" else joined | one
        return frame, joined

    return attach


def _by_row(composite: Composite, verdicts: Mapping[Check, Verdict], scope: Scope) -> Verdict:
    """Evaluate a composite rule in each row, as SQL would, in a job of its own."""
    try:
        attach = _rows_of(composite, verdicts)
    except RuleFailedError as error:
        return Verdict(passed=False, reason=str(error))
    frame, passing = attach(scope.frame)
    failing = F.count(F.when(~passing, 1))
    ((wrong, rows),) = frame.agg(failing, F.count(F.lit(1))).collect()
    metrics = _by_column(composite, verdicts).metrics
    if rows == 0:
        return Verdict(passed=False, reason=NO_VALUES, metrics=metrics, rows=attach)
    if wrong == 0:
        return Verdict(passed=True, metrics=metrics, rows=attach)
    return Verdict(passed=False, reason=unmet((rows - wrong) / rows), metrics=metrics, rows=attach)


def _rows_of(expression: Expression, verdicts: Mapping[Check, Verdict]) -> RowCheck:
    if isinstance(expression, Composite):
        members: list[RowCheck | None] = [_rows_of(one, verdicts) for one in expression.members]
        joined = _joined_rows(expression, members)
        assert joined is not None, "every member has a row check"
        return joined
    if expression.type in RATIOS or expression.threshold is not None:
        raise RuleFailedError(
            f"{expression} is about a ratio of rows, and cannot be evaluated row by row. Leave out "
            'the option "compositeRuleEvaluation.method".'
        )
    verdict = verdicts[expression]
    if verdict.rows is not None:
        return verdict.rows
    if verdict.reason and not verdict.metrics:
        raise RuleFailedError(verdict.reason)
    # What is said of the frame as a whole is true of each row, or of none.
    return lambda frame: (frame, F.lit(verdict.passed))


def _evaluated_text(rule: Rule, verdicts: Mapping[Check, Verdict]) -> str:
    return str(Rule(expression=_numbered(rule.expression, verdicts), own_labels=rule.own_labels))


def _numbered(expression: Expression, verdicts: Mapping[Check, Verdict]) -> Expression:
    if isinstance(expression, Composite):
        members = tuple(_numbered(one, verdicts) for one in expression.members)
        return Composite(operator=expression.operator, members=members)
    return verdicts[expression].evaluated or expression
