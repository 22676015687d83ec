from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.forecast_known import KnownDemand, KnownStart

NOW = 1_000_000.0


def start(after: float, dpus: float, seconds: float = 600, job: str = "nightly") -> KnownStart:
    return KnownStart(at=NOW + after, dpus=dpus, seconds=seconds, job_name=job)


@pytest.mark.parametrize(
    ("starts", "ends", "seconds", "dpus"),
    [
        # nothing is due in time
        ([start(1801, 10)], [], 1800, None),
        ([start(1800, 10)], [], 1800, 10),
        # runs that overlap add up
        ([start(0, 10), start(500, 20)], [], 1800, 30),
        # one that begins after another has ended does not
        ([start(0, 10), start(700, 20)], [], 1800, 20),
        # just when the other ends: that may be late
        ([start(0, 10), start(600, 20)], [], 1800, 30),
        # the peak lies behind
        ([start(0, 30, 60), start(700, 20)], [], 1800, 30),
        # what runs now gives back first
        ([start(500, 10)], [(400, 4)], 1800, 6),
        ([start(500, 10)], [(600, 4)], 1800, 10),
        ([start(500, 10)], [(400, 40)], 1800, None),
        # that should have started: counts from now
        ([start(-500, 10), start(400, 5)], [], 1800, 15),
    ],
)
def test_the_peak_of_what_is_known(
    starts: list[KnownStart], ends: list[tuple[float, float]], seconds: float, dpus: float | None
) -> None:
    known = KnownDemand(NOW, starts, [(NOW + after, back) for after, back in ends])
    peak = known.peak(seconds)
    assert (peak.dpus if peak else None) == dpus


def test_it_says_when_and_for_which_jobs() -> None:
    known = KnownDemand(
        NOW,
        [start(0, 1, 10, "over"), start(60, 10, 600, "first"), start(120, 5, 600, "second")],
        [],
    )
    peak = known.peak(3600)
    assert peak is not None
    assert (peak.at, peak.job_names) == (NOW + 120, ("second", "first"))
    early = known.peak(60)
    assert early is not None
    assert (early.at, early.dpus, early.job_names) == (NOW + 60, 10, ("first",))


starts_of = st.lists(
    st.builds(
        start,
        st.integers(-100, 5000),
        st.integers(1, 320).map(lambda n: n / 16),
        st.integers(1, 3000),
    ),
    max_size=10,
).map(lambda found: sorted(found, key=lambda one: one.at))
ends_of = st.lists(
    st.tuples(st.integers(1, 5000), st.integers(1, 320).map(lambda n: n / 16)), max_size=5
)


@settings(deadline=None)
@given(starts_of, ends_of, st.lists(st.integers(0, 6000), min_size=1, max_size=5))
def test_it_agrees_with_a_sum_at_every_start(
    starts: list[KnownStart], ends: list[tuple[float, float]], questions: list[int]
) -> None:
    known = KnownDemand(NOW, starts, [(NOW + after, back) for after, back in ends])
    for seconds in questions:
        highest = 0.0
        for index, one in enumerate(starts):
            at = max(NOW, one.at)
            if one.at <= NOW + seconds:
                going = [s for s in starts[: index + 1] if max(NOW, s.at) + s.seconds >= at]
                given_back = sum(back for after, back in ends if NOW + after < at)
                highest = max(highest, sum(s.dpus for s in going) - given_back)
        peak = known.peak(seconds)
        assert (peak.dpus if peak else 0) == highest


@settings(deadline=None)
@given(starts_of, ends_of)
def test_a_longer_look_never_sees_less(
    starts: list[KnownStart], ends: list[tuple[float, float]]
) -> None:
    known = KnownDemand(NOW, starts, [(NOW + after, back) for after, back in ends])
    peaks = [known.peak(seconds) for seconds in range(0, 6000, 200)]
    heights = [peak.dpus if peak else 0 for peak in peaks]
    assert heights == sorted(heights)
