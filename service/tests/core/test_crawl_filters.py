from __future__ import annotations

from typing import Any

import pytest

from glueball.core.crawl_filters import matches, parse_filters
from glueball.core.errors import InvalidInput

CRAWL = {"CrawlId": "a-1", "State": "COMPLETED", "StartTime": 1000.0, "DPUHour": 0.05}


def asked(*filters: tuple[str, str, str]) -> list[dict[str, str]]:
    names = ("FieldName", "FilterOperator", "FieldValue")
    return [dict(zip(names, one, strict=True)) for one in filters]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ((), True),
        ((("CRAWL_ID", "EQ", "a-1"),), True),
        ((("CRAWL_ID", "NE", "a-1"),), False),
        ((("STATE", "EQ", "COMPLETED"),), True),
        ((("STATE", "NE", "COMPLETED"),), False),
        # times are milliseconds
        ((("START_TIME", "GE", "1000000"),), True),
        ((("START_TIME", "GT", "1000000"),), False),
        ((("START_TIME", "LT", "1000001"),), True),
        # it has not ended
        ((("END_TIME", "LT", "9e15"),), False),
        ((("DPU_HOUR", "LE", "0.05"),), True),
        # all of them must hold
        ((("STATE", "EQ", "COMPLETED"), ("DPU_HOUR", "GT", "1")), False),
    ],
)
def test_filters(filters: tuple[tuple[str, str, str], ...], found: bool) -> None:
    assert matches(parse_filters(asked(*filters)), CRAWL) is found


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"FieldName": "STATE"}, "needs FilterOperator and FieldValue"),
        (asked(("STATE", "GT", "COMPLETED"))[0], "compared by EQ and NE"),
        (asked(("STATE", "EQ", "SUCCEEDED"))[0], "RUNNING, COMPLETED, FAILED, STOPPED"),
        (asked(("START_TIME", "GT", "today"))[0], "is a number"),
        (asked(("DPU_HOUR", "GT", ""))[0], "is a number"),
        (asked(("DPU_HOUR", "EQ", "nan"))[0], "is a number"),
    ],
)
def test_filters_that_mean_nothing(given: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        parse_filters([given])
