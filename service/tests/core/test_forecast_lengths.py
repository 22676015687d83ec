from __future__ import annotations

import pytest

from glueball.core.forecast_lengths import predict_seconds


@pytest.mark.parametrize(
    ("history", "timeout", "median", "predicted"),
    [
        # the last two, whatever came before
        ([9000, 100, 300], None, None, 200),
        ([120], None, None, 120),
        # no run of this job yet: the class
        ([], 28800, 600, 600),
        # not less than the class
        ([10, 20], 28800, 600, 600),
        ([700, 900], 28800, 600, 800),
        # never longer than it is let to run
        ([7000, 9000], 3600, None, 3600),
        ([], 300, 600, 300),
        # the bound is all that is known
        ([], 28800, None, 28800),
        ([], None, None, None),
    ],
)
def test_prediction(
    history: list[float], timeout: float | None, median: float | None, predicted: float | None
) -> None:
    assert predict_seconds(history, timeout, median) == predicted
