"""One field of AWS's cron(): which values its text means.

A list of items between commas. An item is a value, `*`, or a range `a-b`; each may be followed by
`/step`. https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html
What that page leaves open is as EventBridge's page and Quartz, whose syntax AWS's is, have it: a
range may run over the end of its field (`20-2`, `FRI-MON`), names have any case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from glueball.core.errors import InvalidInput

#: how EventBridge begins what it says of a schedule that it does not take
NOT_VALID = "Parameter ScheduleExpression is not valid"

_ITEM = re.compile(r"(?:(\*)|([0-9]{1,4}|[A-Z]{3})(?:-([0-9]{1,4}|[A-Z]{3}))?)(?:/([0-9]{1,4}))?")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Field:
    """A field and what it allows."""

    name: str  #: as AWS's table calls it
    first: int
    last: int
    names: Mapping[str, int] = field(default_factory=dict)
    wildcards: str = ", - * /"
    runs_over: bool = True  #: a range may run over the end; there is no year before the first

    @property
    def allowed(self) -> str:
        """What may stand here, for people."""
        names = list(self.names)
        spelled = f" or {names[0]}-{names[-1]}" if names else ""
        return f"{self.first}-{self.last}{spelled} and the wildcards {self.wildcards}"

    def refusal(self, text: str, why: str = "") -> InvalidInput:
        """Say that `text` cannot stand in this field, and what can."""
        reason = f" ({why})" if why else ""
        return InvalidInput(
            f"{NOT_VALID}: '{text}' in the field {self.name}{reason}. Allowed are {self.allowed}."
        )


def _numbered(first: int, names: str) -> Mapping[str, int]:
    return {name: first + place for place, name in enumerate(names.split())}


MINUTES = Field(name="Minutes", first=0, last=59)
HOURS = Field(name="Hours", first=0, last=23)
DAY_OF_MONTH = Field(name="Day-of-month", first=1, last=31, wildcards=", - * ? / L W")
MONTH = Field(
    name="Month",
    first=1,
    last=12,
    names=_numbered(1, "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"),
)
DAY_OF_WEEK = Field(
    name="Day-of-week",
    first=1,
    last=7,
    names=_numbered(1, "SUN MON TUE WED THU FRI SAT"),
    wildcards=", - * ? / L #",
)
YEAR = Field(name="Year", first=1970, last=2199, runs_over=False)


@lru_cache(maxsize=4096)
def values(field: Field, text: str) -> tuple[int, ...]:
    """Return the values that `text` means, in order.

    Raises:
        InvalidInput: it means none; the sentence names the field, the text and what is allowed.
    """
    found: set[int] = set()
    for item in text.upper().split(","):
        found.update(_of_item(field, item))
    return tuple(sorted(found))


def value(field: Field, text: str) -> int:
    """Return the one value that a number or a name means.

    Raises:
        InvalidInput: it is none of this field.
    """
    number = field.names.get(text, int(text) if re.fullmatch("[0-9]{1,4}", text) else None)
    if number is None or not field.first <= number <= field.last:
        raise field.refusal(text)
    return number


def _of_item(field: Field, item: str) -> range | list[int]:
    match = _ITEM.fullmatch(item)
    if match is None:
        raise field.refusal(item)
    star, low, high, step = match.groups()
    first = field.first if star else value(field, low)
    # a single value with a step goes on to the end of the field
    last = value(field, high) if high else field.last if star or step else first
    return _stepped(field, item, first, last, _step(field, item, step))


def _step(field: Field, item: str, text: str | None) -> int:
    step = 1 if text is None else int(text)
    if step == 0:
        raise field.refusal(item, "a step is 1 or more")
    # AWS takes 0/60, which is minute 0 alone, and refuses */60
    if item.startswith("*") and step > field.last:
        raise field.refusal(item, f"a step after * is {field.last} or less")
    return step


def _stepped(field: Field, item: str, first: int, last: int, step: int) -> range | list[int]:
    if first <= last:
        return range(first, last + 1, step)
    if not field.runs_over:
        raise field.refusal(item, "the first is after the last")
    size = field.last - field.first + 1
    return [
        (number - field.first) % size + field.first
        for number in range(first, last + size + 1, step)
    ]
