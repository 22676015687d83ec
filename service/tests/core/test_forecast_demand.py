from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.forecast_demand import DAYS, LONGEST_SPAN, SLOT_SECONDS, DemandHistory, slot_of

DAY = 86_400
HOUR = 3_600
MONDAY = 1_767_571_200  # 2026-01-05 00:00 UTC
FIRST = MONDAY // SLOT_SECONDS


def history_of(changes: list[tuple[float, float]], *, until: float) -> DemandHistory:
    history = DemandHistory(MONDAY)
    for time, dpus in sorted(changes):
        history.change(time, dpus)
    history.advance(until)
    return history


def test_a_rise_counts_from_where_demand_stood() -> None:
    changes = [
        (MONDAY + 0.0, 40.0),
        (MONDAY + 700, 5.0),
        (MONDAY + 800, -5.0),
        (MONDAY + 900, -10.0),
    ]
    history = history_of(changes, until=MONDAY + 1500)
    assert list(history.rises(range(FIRST, FIRST + 5), 1)) == [40, 0, 5, 0, 0]
    assert list(history.rises(range(FIRST, FIRST + 4), 2)) == [40, 5, 5, 0]
    assert list(history.rises(range(FIRST, FIRST + 4, 2), 2)) == [40, 5]


def test_what_comes_late_counts_from_the_open_slot() -> None:
    history = DemandHistory(MONDAY)
    history.advance(MONDAY + HOUR)
    history.change(MONDAY + 60, 10)
    history.advance(MONDAY + 2 * HOUR)
    slot = slot_of(MONDAY + HOUR)
    assert list(history.rises(range(slot - 1, slot + 2), 1)) == [0, 10, 0]


def test_only_what_is_over_and_not_too_old_is_told() -> None:
    history = DemandHistory(MONDAY)
    assert list(history.closed) == []
    history.advance(MONDAY + 601)
    assert history.closed == range(FIRST, FIRST + 2)
    days = 2 * DAYS + 3
    for day in range(days):
        history.advance(MONDAY + day * DAY)
    assert history.closed.stop == slot_of(MONDAY + (days - 1) * DAY)
    assert DAYS * DAY // SLOT_SECONDS <= len(history.closed) <= 2 * DAYS * DAY // SLOT_SECONDS


steps = st.lists(
    st.tuples(st.integers(0, 3 * DAY), st.integers(1, 20 * HOUR), st.integers(1, 160)), max_size=20
)


@settings(deadline=None)
@given(steps, st.integers(1, LONGEST_SPAN), st.integers(0, 900), st.integers(1, 5))
def test_it_agrees_with_a_look_at_every_change(
    runs: list[tuple[int, int, int]], span: int, begin: int, step: int
) -> None:
    changes = [
        change
        for at, length, sixteenths in runs
        for change in (
            (float(MONDAY + at), sixteenths / 16),
            (float(MONDAY + at + length), -sixteenths / 16),
        )
    ]
    history = history_of(changes, until=MONDAY + 9 * DAY)
    slots = range(FIRST + begin, min(FIRST + begin + 20, history.closed.stop - span + 1), step)
    found = list(history.rises(slots, span)) if slots else []
    assert found == [
        _rise(changes, slot * SLOT_SECONDS, (slot + span) * SLOT_SECONDS) for slot in slots
    ]


def _rise(changes: list[tuple[float, float]], begin: float, end: float) -> float:
    stood = sum(dpus for time, dpus in changes if time < begin)
    level, highest = stood, stood
    for time, dpus in sorted(changes):
        if begin <= time < end:
            level += dpus
            highest = max(highest, level)
    return highest - stood
