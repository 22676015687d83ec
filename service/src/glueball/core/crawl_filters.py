"""Filters of ListCrawls. https://docs.aws.amazon.com/glue/latest/webapi/API_CrawlsFilter.html"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glueball.core.errors import InvalidInput

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "GT": operator.gt,
    "GE": operator.ge,
    "LT": operator.lt,
    "LE": operator.le,
    "EQ": operator.eq,
    "NE": operator.ne,
}
#: texts have no order
_OF_TEXTS = frozenset({"EQ", "NE"})
_STATES = ("RUNNING", "COMPLETED", "FAILED", "STOPPED")


@dataclass(frozen=True, kw_only=True, slots=True)
class CrawlFilter:
    """One condition; all of them must hold."""

    member: str  #: of AWS's CrawlerHistory
    holds: Callable[[Any, Any], bool]
    value: str | float


def parse_filters(given: Iterable[Mapping[str, Any]]) -> list[CrawlFilter]:
    """Understand filters.

    Args:
        given: AWS's `CrawlsFilter` shapes.

    Raises:
        InvalidInput: a member is missing, or the value is none of its field.
    """
    return [_parse(one) for one in given]


def matches(filters: Sequence[CrawlFilter], crawl: Mapping[str, Any]) -> bool:
    """Tell whether a crawl (AWS's `CrawlerHistory` shape) is asked for. One that has no value yet
    matches nothing that is asked of it."""
    return all(
        crawl.get(one.member) is not None and one.holds(crawl[one.member], one.value)
        for one in filters
    )


def _parse(given: Mapping[str, Any]) -> CrawlFilter:
    missing = [name for name in ("FieldName", "FilterOperator", "FieldValue") if name not in given]
    if missing:
        raise InvalidInput(f"A filter of crawls needs {' and '.join(missing)}.")
    field, comparison = given["FieldName"], given["FilterOperator"]
    member, understood = _FIELDS[field]
    if understood in (_text, _state) and comparison not in _OF_TEXTS:
        raise InvalidInput(f"{field} can be compared by EQ and NE; it is {comparison}.")
    value = understood(field, given["FieldValue"])
    return CrawlFilter(member=member, holds=_COMPARISONS[comparison], value=value)


def _text(_field: str, value: str) -> str:
    return value


def _state(field: str, value: str) -> str:
    if value not in _STATES:
        raise InvalidInput(f"{field} is one of {', '.join(_STATES)}; it is {value!r}.")
    return value


def _number(field: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InvalidInput(f"{field} is a number; it is {value!r}.")
    return number


def _seconds(field: str, value: str) -> float:
    """Times are given in milliseconds since the epoch."""
    return _number(field, value) / 1000


#: the member that a field stands for, and how its values are understood
_FIELDS: Mapping[str, tuple[str, Callable[[str, str], str | float]]] = {
    "CRAWL_ID": ("CrawlId", _text),
    "STATE": ("State", _state),
    "START_TIME": ("StartTime", _seconds),
    "END_TIME": ("EndTime", _seconds),
    "DPU_HOUR": ("DPUHour", _number),
}
