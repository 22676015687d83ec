"""Deadlines: by when a job must be done, beyond what AWS knows.

A job says so by the tag `glueball:deadline`, a time of the day in UTC: "06:00".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from glueball.core.errors import InvalidInput

DEADLINE_TAG = "glueball:deadline"

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_DAY_SECONDS = 86_400


def check_deadline(tags: Mapping[str, str]) -> None:
    """Check the deadline among the tags that a job shall get; most jobs have none.

    Raises:
        InvalidInput: it is no time of the day.
    """
    if DEADLINE_TAG in tags:
        parse_deadline(tags[DEADLINE_TAG])


def parse_deadline(text: str) -> int:
    """Return the seconds after midnight (UTC) that a deadline names.

    Raises:
        InvalidInput: it is no time of the day.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise InvalidInput(
            f"The tag {DEADLINE_TAG} must be a time of the day in UTC, HH:MM from 00:00 to 23:59; "
            f"it is {text!r}."
        )
    return int(found[1]) * 3600 + int(found[2]) * 60


def next_deadline(text: str, after: float) -> float:
    """Return the first moment after `after` (epoch seconds) at which the day has this time.

    >>> next_deadline("06:00", 0.0), next_deadline("06:00", 21_600.0)
    (21600.0, 108000.0)
    """
    offset = parse_deadline(text)
    day = after // _DAY_SECONDS * _DAY_SECONDS
    due = day + offset
    return due if due > after else due + _DAY_SECONDS
