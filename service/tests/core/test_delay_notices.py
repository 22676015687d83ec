from __future__ import annotations

from typing import Any

import pytest

from glueball.core.delay_notices import notice_due
from glueball.core.runs import RunState
from support.runs import make_run

_STARTED = 1000.0
_ASKED = {"Arguments": {}, "NotificationProperty": {"NotifyDelayAfter": 2}}


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({"state": RunState.STARTING, "modified": 1000.0}, 1120.0),
        ({"state": RunState.RUNNING, "modified": 1010.0}, 1120.0),  # from when it left the queue
        # each state once
        ({"state": RunState.RUNNING, "modified": 1010.0, "notified": 1120.0}, None),
        ({"state": RunState.STOPPING, "modified": 1500.0, "notified": 1120.0}, 1500.0),
        ({"state": RunState.STOPPING, "modified": 1500.0, "notified": 1500.0}, None),
        # a run that waits has not started
        ({"state": RunState.WAITING, "started": None}, None),
        ({"state": RunState.SUCCEEDED, "modified": 1500.0}, None),
        # nobody asked
        ({"state": RunState.RUNNING, "document": {"Arguments": {}}}, None),
        ({"state": RunState.RUNNING, "document": {"NotificationProperty": {}}}, None),
    ],
)
def test_when_a_delay_is_announced(changes: dict[str, Any], due: float | None) -> None:
    values: dict[str, Any] = {"started": _STARTED, "document": _ASKED}
    run = make_run(**(values | changes))
    assert notice_due(run) == due
