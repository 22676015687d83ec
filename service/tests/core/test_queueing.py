from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueball.core.queueing import Claim, Limits, kept_back


def claim(run_id: str, job: str = "etl", dpus: float = 10.0) -> Claim:
    return Claim(run_id=run_id, job_name=job, dpus=dpus)


def limits(
    of_job: dict[str, int] | None = None, runs: int | None = None, dpus: float | None = None
) -> Limits:
    return Limits(runs_of_job=of_job or {}, runs=runs, dpus=dpus)


@pytest.mark.parametrize(
    ("started", "waiting", "limits_", "expected"),
    [
        pytest.param([], [claim("a")], limits({"etl": 1}), {}, id="a first run starts"),
        pytest.param(
            [claim("a")],
            [claim("b")],
            limits({"etl": 1}),
            {"b": "the job may have 1 concurrent run, and has as many"},
            id="MaxConcurrentRuns is reached",
        ),
        pytest.param(
            [claim("a")],
            [claim("b"), claim("c")],
            limits({"etl": 2}),
            {"c": "the job may have 2 concurrent runs, and has as many"},
            id="the one that came first goes first",
        ),
        pytest.param(
            [claim("a")],
            [claim("b"), claim("c", job="other")],
            limits({"etl": 1}),
            {"b": "the job may have 1 concurrent run, and has as many"},
            id="another job is not held up",
        ),
        pytest.param(
            [claim("a")],
            [claim("b", job="gone")],
            limits({"etl": 1}),
            {},
            id="a job that was deleted meanwhile has no limit of its own",
        ),
        pytest.param(
            [claim("a", job="x")],
            [claim("b", job="y")],
            limits(runs=1),
            {"b": "the account may have 1 concurrent run"},
            id="the account's runs",
        ),
        pytest.param(
            [claim("a", dpus=8)],
            [claim("b", dpus=3), claim("c", dpus=2)],
            limits(dpus=10),
            {"b": "needs 3 DPU; active runs ask for 8 of the 10 that the account may have"},
            id="the account's DPUs, where a smaller run still fits",
        ),
        pytest.param(
            [],
            [claim("a", dpus=20)],
            limits(dpus=10),
            {},
            id="a run that is larger than the account's DPUs starts alone, or it never would",
        ),
    ],
)
def test_what_limits_keep_back(
    started: list[Claim], waiting: list[Claim], limits_: Limits, expected: dict[str, str]
) -> None:
    assert kept_back(started, waiting, limits_) == expected


_CLAIMS = st.lists(st.sampled_from("abc"), max_size=12)


@given(started=_CLAIMS, waiting=_CLAIMS, most=st.integers(1, 4), runs=st.integers(1, 10))
def test_no_limit_is_exceeded_by_those_that_are_let_through(
    started: list[str], waiting: list[str], most: int, runs: int
) -> None:
    of_job = dict.fromkeys("abc", most)
    before = [claim(f"s{n}", job=job) for n, job in enumerate(started)]
    after = [claim(f"w{n}", job=job) for n, job in enumerate(waiting)]
    back = kept_back(before, after, limits(of_job, runs=runs))
    through = [one for one in after if one.run_id not in back]
    for job in {one.job_name for one in through}:
        assert sum(one.job_name == job for one in before + through) <= most
    assert not through or len(before) + len(through) <= runs
    for one in after:
        if one.run_id in back:
            full = sum(o.job_name == one.job_name for o in before + through) >= most
            assert full or len(before) + len(through) >= runs
