"""The times that requests carry."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

_BASIC = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_RFC1123 = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) "
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) "
    r"(\d\d):(\d\d):(\d\d) (?:GMT|UTC|[+-]0000)",
    re.ASCII,
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=256)
def parse_basic(text: str) -> float | None:
    """Return the epoch seconds of SigV4's form, ``20150830T123600Z``; None if it is not that."""
    match = _BASIC.fullmatch(text)
    return _epoch(*map(int, match.groups())) if match else None


def parse_http_date(text: str) -> float | None:
    """Return the epoch seconds of a `Date` header, RFC 1123 or SigV4's form; None if neither."""
    match = _RFC1123.fullmatch(text)
    if match is None:
        return parse_basic(text)
    day, month, year, *clock = match.groups()
    return _epoch(int(year), _MONTHS.index(month) + 1, int(day), *map(int, clock))


def format_basic(epoch: float) -> str:
    """Return epoch seconds in SigV4's form; what lies outside of years 1 to 9999 is clamped."""
    low, high = -62_135_596_800, 253_402_300_799
    moment = datetime.fromtimestamp(min(max(int(epoch), low), high), UTC)
    return f"{moment.year:04}{moment:%m%dT%H%M%SZ}"


def _epoch(year: int, month: int, day: int, hour: int, minute: int, second: int) -> float | None:
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:  # 30 February, hour 25, year 0
        return None
