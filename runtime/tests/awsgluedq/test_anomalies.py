"""What is far enough off to be an anomaly."""

from __future__ import annotations

import pytest

from awsgluedq._evaluation.anomalies import bounds


@pytest.mark.parametrize(
    ("earlier", "value", "anomaly"),
    [
        pytest.param([], 5.0, False, id="nothing is known"),
        pytest.param([1.0, 1.0], 99.0, False, id="too little is known"),
        pytest.param([10.0, 12.0, 11.0], 12.5, False, id="within three deviations"),
        pytest.param([10.0, 12.0, 11.0], 14.0, True, id="beyond them"),
        pytest.param([10.0, 12.0, 11.0], 8.0, True, id="below them"),
        pytest.param([7.0, 7.0, 7.0], 7.0, False, id="always the same"),
        pytest.param([7.0, 7.0, 7.0], 7.1, True, id="always the same, but now"),
        pytest.param([0.1, 0.1, 0.1], 0.1 + 1e-17, False, id="but for rounding"),
    ],
)
def test_anomalies(earlier: list[float], value: float, anomaly: bool) -> None:
    expected = bounds(earlier)
    assert (expected is not None and not expected.hold(value)) is anomaly
