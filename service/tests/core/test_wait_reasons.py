from __future__ import annotations

import pytest

from glueball.core.wait_reasons import kept_deadline

_SIX = 21_600.0  # 06:00 on 1970-01-01


@pytest.mark.parametrize(
    ("detail", "ended", "succeeded", "says"),
    [
        (None, _SIX - 1920, True, "done 32 min before its deadline of 06:00 UTC"),
        # it was in time after all
        (
            "will miss its deadline of 06:00 UTC: needs about 2 h; ahead of the reserve for its "
            "deadline of 06:00 UTC",
            _SIX - 60,
            True,
            "ahead of the reserve for its deadline of 06:00 UTC; done 1 min before its deadline "
            "of 06:00 UTC",
        ),
        # what it began with is still told
        ("runs with 100", _SIX + 7800, True, "runs with 100; ended 2 h 10 min after its deadline "
         "of 06:00 UTC"),
        # nothing was done, and there is time for another attempt
        ("will miss its deadline of 06:00 UTC: needs about 2 h", _SIX - 60, False, None),
        (None, _SIX + 60, False, "ended 1 min after its deadline of 06:00 UTC"),
    ],
)  # fmt: skip
def test_a_run_that_has_ended_tells_what_became_of_its_deadline(
    detail: str | None, ended: float, succeeded: bool, says: str | None
) -> None:
    assert kept_deadline(detail, _SIX, ended, succeeded=succeeded) == says
