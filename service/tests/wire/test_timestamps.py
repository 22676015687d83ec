"""The times that requests carry."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueball.wire.timestamps import format_basic, parse_basic, parse_http_date

seconds = st.integers(min_value=-62_135_596_800, max_value=253_402_300_799)


@given(seconds)
def test_what_is_written_is_read(epoch: int) -> None:
    assert parse_basic(format_basic(epoch)) == epoch
    assert parse_http_date(format_basic(epoch)) == epoch


@given(st.integers(min_value=0, max_value=253_402_300_799), st.booleans())
def test_date_headers_as_python_writes_them(epoch: int, gmt: bool) -> None:
    assert parse_http_date(formatdate(epoch, usegmt=gmt)) == epoch


@pytest.mark.parametrize("epoch", [1e300, -1e300, 253_402_300_799.5])
def test_times_beyond_the_calendar_are_clamped(epoch: float) -> None:
    assert len(format_basic(epoch)) == len("20150830T123600Z")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Sun, 14 Mar 2026 25:00:00 GMT", id="hour 25"),
        pytest.param("Sun, 14 Mar 2026 15:09:26 CET", id="another zone"),
        pytest.param("14 Mar 2026 15:09:26 GMT", id="no weekday"),
        pytest.param("Sun, 14 Mrz 2026 15:09:26 GMT", id="not a month"),
        pytest.param("", id="empty"),
    ],
)
def test_date_headers_that_are_none(text: str) -> None:
    assert parse_http_date(text) is None
