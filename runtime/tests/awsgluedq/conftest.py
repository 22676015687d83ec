"""The Spark session of the tests of awsglue, and a short way to evaluate rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pytest
from pyspark.sql import DataFrame

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsgluedq.transforms import EvaluateDataQuality
from tests.lake import Make

__all__ = ["Evaluate", "Make"]

Outcomes = dict[str, dict[str, Any]]


class Evaluate(Protocol):
    """Evaluates rules."""

    def __call__(
        self,
        frame: DynamicFrame,
        *rules: str,
        options: Mapping[str, str] | None = None,
        sources: Mapping[str, DynamicFrame | DataFrame] | None = None,
    ) -> Outcomes: ...


@pytest.fixture(scope="session")
def evaluate(glue: GlueContext) -> Evaluate:
    """Evaluates rules, and gives their outcomes by their texts."""

    def outcomes(
        frame: DynamicFrame,
        *rules: str,
        options: Mapping[str, str] | None = None,
        sources: Mapping[str, DynamicFrame | DataFrame] | None = None,
    ) -> Outcomes:
        found = EvaluateDataQuality.apply(
            frame,
            f"Rules = [ {', '.join(rules)} ]",
            additional_options=options,
            additional_data_sources=sources,
        )
        rows = [row.asDict(recursive=True) for row in found.toDF().collect()]
        assert len(rows) == len(rules)
        return dict(zip(rules, rows, strict=True))

    return outcomes


def passed(outcomes: Outcomes) -> list[str]:
    """Return the rules that passed."""
    return [rule for rule, outcome in outcomes.items() if outcome["Outcome"] == "Passed"]
