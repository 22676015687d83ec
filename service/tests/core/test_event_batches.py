from __future__ import annotations

import pytest

from glueball.core.event_batches import Batching, batching_of, is_due, listed, met

_FIVE = Batching(size=5, window=300)


@pytest.mark.parametrize(
    ("document", "size", "window"),
    [
        ({}, 1, 900),  # "the batch size is 1, the default window 900 seconds"
        ({"EventBatchingCondition": {"BatchSize": 5}}, 5, 900),
        ({"EventBatchingCondition": {"BatchSize": 5, "BatchWindow": 60}}, 5, 60),
    ],
)
def test_what_a_trigger_asks_for(document: dict[str, object], size: int, window: int) -> None:
    assert batching_of(document) == Batching(size=size, window=window)


@pytest.mark.parametrize(
    ("waiting", "now", "due"),
    [
        (5, 1000.0, True),  # the size
        (4, 1000.0, False),
        (4, 1299.9, False),
        (4, 1300.0, True),  # the window
        (9, 1000.0, True),
        (1, 999.0, False),  # the clock went back a little
        (1, 699.0, True),  # … and by more than a window
    ],
)
def test_when_events_are_a_batch(waiting: int, now: float, due: bool) -> None:
    assert is_due(_FIVE, waiting, 1000.0, now) is due


def test_the_condition_that_was_met_is_not_zero() -> None:
    assert met(_FIVE, 5) == {"BatchSize": 5, "BatchWindow": 0}
    assert met(_FIVE, 4) == {"BatchSize": 0, "BatchWindow": 300}


def test_the_property_is_written_as_scripts_cut_it() -> None:
    assert listed(["a-1"])[1:-1] == "a-1"
    assert listed(["a-1", "b-2"]) == "[a-1, b-2]"
