from __future__ import annotations

from typing import Any

import pytest

from glueball.core.advisor_hints import hints, schedule_hints
from glueball.core.past_runs import PastRun
from glueball.core.pricing import AWS_PRICES
from glueball.core.runs import RunState
from support.chains import job_facts
from support.past_runs import past_run

MINUTE = 60.0


def ran(*minutes: float, **changes: Any) -> list[PastRun]:
    return [
        past_run(f"jr_{number}", running=0.0, completed=length * MINUTE, **changes)
        for number, length in enumerate(minutes)
    ]


@pytest.mark.parametrize(
    ("timeout_minutes", "minutes", "says"),
    [
        # two days for six minutes: ten DPUs for 48 hours
        (2880, [6] * 5, "Its Timeout is 2 d 00 h, and 99 % of its runs took no more than 6 m 00 s: "
                        "one that hangs would cost up to $211.20. Timeout=18 would do."),
        (2880, [1] * 5, "Timeout=10 would do."),  # not too tight
        (2880, [1] * 99 + [200], "took no more than 1 m 00 s"),  # one of a hundred does not count
        (2880, [6] * 4, None),  # too few to tell
        (100, [6] * 5, None),  # not far above
        (2880, [200] * 5, None),
        (50, [1] * 5, None),  # far above, and yet less than an hour is at stake
    ],
)  # fmt: skip
def test_timeouts(timeout_minutes: int, minutes: list[float], says: str | None) -> None:
    job = job_facts(timeout_minutes=timeout_minutes)
    told = hints(job, ran(*minutes), prices=AWS_PRICES, days=30)
    assert says in told[0] if says else not told


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        # 5 × 10 DPU × 30 s × $0.44 / 3600 in ten days
        ([30] * 5, "5 of 5 runs took less than the 1 m 00 s that are billed at least: $0.55 a "
                   "month for nothing."),
        ([30] * 3 + [90] * 3, "3 of 6 runs"),
        ([30] * 2 + [90] * 3, None),  # the lesser part
        ([30] * 4, None),  # too few to tell
        ([60] * 5, None),
    ],
)  # fmt: skip
def test_runs_below_the_minute(seconds: list[float], says: str | None) -> None:
    runs = ran(*(one / MINUTE for one in seconds))
    told = hints(job_facts(timeout_minutes=10), runs, prices=AWS_PRICES, days=10)
    assert says in told[0] if says else not told


def test_what_costs_less_than_a_cent_is_not_told() -> None:
    runs = ran(*[0.9] * 5, dpus=0.0625, command="pythonshell")
    assert not hints(job_facts(timeout_minutes=10), runs, prices=AWS_PRICES, days=30)


@pytest.mark.parametrize(
    ("states", "says"),
    [
        ([RunState.FAILED] * 3, "None of its 3 retries succeeded: MaxRetries=0 would spare them."),
        ([RunState.FAILED] * 3 + [RunState.SUCCEEDED], None),
        ([RunState.FAILED] * 2, None),
    ],
)
def test_retries(states: list[RunState], says: str | None) -> None:
    runs = [
        past_run(f"jr_{number}", running=0.0, completed=300.0, attempt=1, state=state)
        for number, state in enumerate(states)
    ]
    told = hints(job_facts(timeout_minutes=10), runs, prices=AWS_PRICES, days=30)
    assert told == ((says,) if says else ())


@pytest.mark.parametrize(
    ("delays", "says"),
    [
        ([3000.0, 600.0], "waits for 10 m 00 s at least"),
        ([3000.0, 299.0], None),  # not each time
        ([0.0], None),
    ],
)
def test_a_schedule_that_always_waits(delays: list[float], says: str | None) -> None:
    told = schedule_hints(delays)
    assert says in told[0] if says else not told
