from __future__ import annotations

import pytest

from glueball.core.forecast_chains import Follower, PartEnd, PlannedRun, followers_after


def planned(job: str, kind: str = "STANDARD") -> PlannedRun:
    return PlannedRun(
        job_name=job, execution_class=kind, dpus=10, likely_seconds=100, careful_seconds=150
    )


def after(*watched: str, starts: tuple[PlannedRun, ...], any_of_them: bool = False) -> Follower:
    return Follower(watched=watched, any_of_them=any_of_them, starts=starts)


EXTRACT_ENDS = {"extract": PartEnd(likely=1000, late_by=50)}


@pytest.mark.parametrize(
    ("followers", "starts"),
    [
        # one after the other; what may be late makes all that follows later
        (
            [
                after("extract", starts=(planned("transform"),)),
                after("transform", starts=(planned("load"),)),
            ],
            [("transform", 1000, 200), ("load", 1100, 250)],
        ),
        # FLEX takes no share of STANDARD, but what follows it does
        (
            [
                after("extract", starts=(planned("transform", "FLEX"),)),
                after("transform", starts=(planned("load"),)),
            ],
            [("load", 1100, 250)],
        ),
        # all of several: the last one counts, in whatever order the triggers come
        (
            [
                after("left", "extract", starts=(planned("join"),)),
                after("extract", starts=(planned("left"),)),
            ],
            [("left", 1000, 200), ("join", 1100, 250)],
        ),
        # any of several: the first one
        (
            [
                after("extract", "left", starts=(planned("either"),), any_of_them=True),
                after("extract", starts=(planned("left"),)),
            ],
            [("either", 1000, 200), ("left", 1000, 200)],
        ),
        # a circle ends
        (
            [
                after("extract", starts=(planned("again"),)),
                after("again", starts=(planned("extract"),)),
            ],
            [("again", 1000, 200), ("extract", 1100, 250)],
        ),
        ([after("something else", starts=(planned("no"),))], []),
    ],
)
def test_what_follows(followers: list[Follower], starts: list[tuple[str, float, float]]) -> None:
    found = followers_after(EXTRACT_ENDS, followers, others_ended=False)
    assert [(start.job_name, start.at, start.seconds) for start in found] == starts


@pytest.mark.parametrize(("others_ended", "count"), [(True, 1), (False, 0)])
def test_what_a_chain_waits_for_may_have_ended_before(others_ended: bool, count: int) -> None:
    followers = [after("extract", "earlier", starts=(planned("join"),))]
    assert len(followers_after(EXTRACT_ENDS, followers, others_ended=others_ended)) == count
