"""The sentences that people read when a ruleset cannot be read or evaluated.

GlueError
└── DataQualityError
    ├── RulesetSyntaxError      the text is not DQDL
    ├── RuleNotValidError       the text is DQDL, and says something that no rule can
    └── WhereClauseError        a where clause is not SQL over this frame
"""

from __future__ import annotations

from collections.abc import Sequence

from awsglue._errors import GlueError


class DataQualityError(GlueError, ValueError):
    """The base of the errors of a ruleset."""


class RulesetSyntaxError(DataQualityError):
    """A ruleset is not DQDL.

    Args:
        line: of what cannot be read, from 1.
        column: of what cannot be read, from 1.
        found: it, as written.
        expected: what may stand there instead.
    """

    def __init__(self, line: int, column: int, found: str, expected: Sequence[str]) -> None:
        self.line, self.column, self.found, self.expected = line, column, found, list(expected)
        hope = f" Expected {_alternatives(self.expected)}." if expected else ""
        super().__init__(f"Line {line}, column {column} of the ruleset: unexpected {found}.{hope}")


class RuleNotValidError(DataQualityError):
    """A rule is well formed, and cannot be meant.

    Args:
        line: where the rule begins, from 1.
        column: where the rule begins, from 1.
        reason: what is wrong, as a sentence with its remedy.
    """

    def __init__(self, line: int, column: int, reason: str) -> None:
        self.line, self.column, self.reason = line, column, reason
        super().__init__(f"Line {line}, column {column} of the ruleset: {reason}")


class WhereClauseError(DataQualityError):
    """A where clause is not a condition over the frame; AWS ends the job too.

    https://docs.aws.amazon.com/glue/latest/dg/dqdl.html#dqdl-filtering-data-in-dqdl

    Args:
        rule: with the clause, as text.
        reason: what Spark says of it.
    """

    def __init__(self, rule: str, reason: str) -> None:
        self.rule, self.reason = rule, reason
        super().__init__(f"Rule {rule} has provided an invalid where clause : \n{reason}")


def _alternatives(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]
