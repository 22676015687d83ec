"""`EvaluateDataQuality`, as job scripts call it.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-EvaluateDataQuality.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame

from awsglue._options import flag
from awsglue._records import Lazy, Records
from awsglue._types import from_spark_schema
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.gluetypes import StructType
from awsgluedq import history
from awsgluedq._dqdl.parser import parse
from awsgluedq._evaluation.evaluator import Setting, evaluate
from awsgluedq._evaluation.operands import Surroundings
from awsgluedq._evaluation.outcome import RuleOutcome
from awsgluedq._evaluation.results import ADDED, row_outcomes, rule_outcomes

#: The frames of `process_rows`.
FRAMES = RULE_OUTCOMES, ROW_OUTCOMES, ORIGINAL = "ruleOutcomes", "rowLevelOutcomes", "originalData"

METHOD = "compositeRuleEvaluation.method"
CACHING = "performanceTuning.caching"
FILTERED_LABEL = "rowLevelConfiguration.filteredRowLabel"
RULE_LABELS = "rowLevelConfiguration.ruleWithLabels"
#: The values that options may have; other options are accepted, and change nothing here.
CHOICES = {
    METHOD: ("COLUMN", "ROW"),
    CACHING: ("CACHE_NOTHING", "CACHE_INPUT"),
    FILTERED_LABEL: ("PASSED", "SKIPPED"),
    RULE_LABELS: ("DISABLED", "ENABLED"),
}
#: Where AWS publishes results and this library does not, with the default of each.
PUBLISHING = {
    "enableDataQualityCloudWatchMetrics": False,
    "enableDataQualityResultsPublishing": False,
}

_told: set[str] = set()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Evaluated:
    """A frame with the outcomes of its rules."""

    records: Records
    outcomes: list[RuleOutcome]


class EvaluateDataQuality:
    """Evaluates a ruleset against a frame.

    Args of its functions:
        frame: what to evaluate; rules call it `primary`.
        ruleset: DQDL.
        publishing_options: `dataQualityEvaluationContext` names the statistics of earlier runs.
            Results are published nowhere; the log says so once.
        additional_options: `compositeRuleEvaluation.method` (`COLUMN`, `ROW`),
            `rowLevelConfiguration.filteredRowLabel` (`PASSED`, `SKIPPED`),
            `rowLevelConfiguration.ruleWithLabels` (`DISABLED`, `ENABLED`),
            `performanceTuning.caching` (`CACHE_NOTHING`, `CACHE_INPUT`); others are accepted.
        additional_data_sources: frames by the aliases that rules call them by.
        transformation_ctx: accepted; there is no state.

    All raise:
        RulesetSyntaxError: the ruleset is not DQDL.
        RuleNotValidError: a rule cannot be meant as it is written.
        WhereClauseError: a where clause is not a condition over the frame.
        ValueError: an option has an unknown value.
    """

    @staticmethod
    def apply(
        frame: DynamicFrame,
        ruleset: str,
        publishing_options: Mapping[str, Any] | None = None,
        additional_options: Mapping[str, Any] | None = None,
        additional_data_sources: Mapping[str, DynamicFrame | DataFrame] | None = None,
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        """Return one record for each rule.

        Returns:
            `Rule`, `Outcome` (`Passed`, `Failed`), `FailureReason`, `EvaluatedMetrics` (numbers by
            name) and `EvaluatedRule`; with `Labels` when a rule has labels.
        """
        options = _checked(additional_options)
        evaluated = _evaluated(
            frame, ruleset, publishing_options or {}, options, additional_data_sources or {}
        )
        return _rule_outcomes(frame, evaluated)

    def process_rows(
        self,
        frame: DynamicFrame,
        ruleset: str,
        publishing_options: Mapping[str, Any] | None = None,
        additional_options: Mapping[str, Any] | None = None,
        additional_data_sources: Mapping[str, DynamicFrame | DataFrame] | None = None,
        transformation_ctx: str = "",
    ) -> DynamicFrameCollection:
        """Return the outcomes of the rules and of the rows.

        Returns:
            The frames `ruleOutcomes` (as `apply` returns), `rowLevelOutcomes` (the records with
            `DataQualityRulesPass`, `DataQualityRulesFail`, `DataQualityRulesSkip` and
            `DataQualityEvaluationResult`) and `originalData`.
        """
        options = _checked(additional_options)
        evaluated = _evaluated(
            frame, ruleset, publishing_options or {}, options, additional_data_sources or {}
        )
        with_labels = options[RULE_LABELS] == "ENABLED"
        frames = {
            RULE_OUTCOMES: _rule_outcomes(frame, evaluated),
            ROW_OUTCOMES: _row_outcomes(frame, evaluated, with_labels),
            ORIGINAL: frame,
        }
        return DynamicFrameCollection(frames, frame.glue_ctx)

    def __call__(self, *args: Any, **kwargs: Any) -> DynamicFrame:
        """Do what `apply` does."""
        return self.apply(*args, **kwargs)


def _checked(given: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the options that count, with their defaults.

    Raises:
        ValueError: one has an unknown value.
    """
    options = {}
    for name, (default, *others) in CHOICES.items():
        value = str((given or {}).get(name, default)).upper()
        if value not in (default, *others):
            raise ValueError(f"{name} is {value!r}. It may be {' or '.join((default, *others))}.")
        options[name] = value
    return options


def _evaluated(
    frame: DynamicFrame,
    ruleset: str,
    publishing: Mapping[str, Any],
    options: Mapping[str, str],
    sources: Mapping[str, DynamicFrame | DataFrame],
) -> _Evaluated:
    if not isinstance(frame, DynamicFrame):
        raise TypeError(
            f"frame is a {type(frame).__name__}. DynamicFrame.fromDF makes a DynamicFrame of a "
            "DataFrame."
        )
    rules = parse(ruleset)
    _tell_what_is_not_published(frame.glue_ctx, publishing)
    checked = frame._checked()
    if options[CACHING] == "CACHE_INPUT":
        checked.frame.persist()
    records = checked.complete()
    context = str(publishing.get("dataQualityEvaluationContext") or "default_context")
    setting = Setting(
        surroundings=Surroundings(now=datetime.now(UTC), context=context, history=history.store()),
        by_row=options[METHOD] == "ROW",
        skip_filtered=options[FILTERED_LABEL] == "SKIPPED",
    )
    others = {
        name: one if isinstance(one, DataFrame) else one.toDF() for name, one in sources.items()
    }
    return _Evaluated(records=records, outcomes=evaluate(records, rules, others, setting))


def _tell_what_is_not_published(glue_ctx: GlueContext, publishing: Mapping[str, Any]) -> None:
    wanted = [name for name, default in PUBLISHING.items() if flag(publishing.get(name), default)]
    wanted += ["resultsS3Prefix"] if publishing.get("resultsS3Prefix") else []
    new = [name for name in wanted if name not in _told]
    if new:
        _told.update(new)
        glue_ctx.get_logger().warn(
            f"Data quality results are not published ({', '.join(new)}): they are in the frames "
            "that EvaluateDataQuality returns."
        )


def _rule_outcomes(frame: DynamicFrame, evaluated: _Evaluated) -> DynamicFrame:
    outcomes = rule_outcomes(frame.glue_ctx.spark_session, evaluated.outcomes)
    return DynamicFrame.fromDF(outcomes, frame.glue_ctx, RULE_OUTCOMES)


def _row_outcomes(frame: DynamicFrame, evaluated: _Evaluated, with_labels: bool) -> DynamicFrame:
    records = evaluated.records
    rows = row_outcomes(records.frame, evaluated.outcomes, with_labels=with_labels)
    schema = StructType(
        [
            *(field for field in records.schema if field.name not in ADDED),
            *(field for field in from_spark_schema(rows.schema) if field.name in ADDED),
        ]
    )
    made = records.next(frame=rows, schema=schema)
    return DynamicFrame(Lazy.made(made), frame.glue_ctx, ROW_OUTCOMES)
