"""What the evaluation of a rule comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pyspark.sql import Column, DataFrame

from awsgluedq._dqdl.model import Check, Rule

#: Makes a column that is true in rows that pass, false in those that fail, null in skipped ones;
#: returns it with the frame that it is a column of, which has the rows and columns of the given
#: one and maybe more columns.
RowCheck = Callable[[DataFrame], tuple[DataFrame, Column]]


class RuleFailedError(Exception):
    """A rule cannot be evaluated over this frame, so it fails.

    Args:
        reason: what becomes the rule's FailureReason.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What one rule of one type came to."""

    passed: bool
    reason: str | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)  #: for the result
    evaluated: Check | None = None  #: the rule with numbers in place of earlier runs' values
    rows: RowCheck | None = None  #: None where the rule says nothing of single rows


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleOutcome:
    """A row of the results."""

    rule: Rule
    passed: bool
    reason: str | None
    metrics: Mapping[str, float]
    evaluated: str  #: the rule with numbers in place of earlier runs' values
    rows: RowCheck | None

    @property
    def word(self) -> str:
        """`Passed` or `Failed`."""
        return word(self.passed)


def word(passed: bool) -> str:
    """Return how results call it."""
    return "Passed" if passed else "Failed"


def unmet(value: float | None) -> str:
    """Return AWS's sentence about a value that does not meet its condition."""
    shown = "NULL" if value is None else str(float(value))
    return f"Value: {shown} does not meet the constraint requirement!"


def share(ratio: float) -> str:
    """Return AWS's sentence about the part of the rows that meet a condition."""
    return f"{ratio * 100:.2f} % of rows passed the threshold"
