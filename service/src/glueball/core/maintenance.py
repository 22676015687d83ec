"""When a streaming job's run is restarted.

https://docs.aws.amazon.com/glue/latest/dg/glue-streaming-maintenance.html: a run with a timeout is
not; others after seven days, and where the job has a maintenance window, in the first one after
them. We need no maintenance, yet jobs meet the same restarts here as on AWS: one that cannot go on
from its checkpoint is found out before it matters.
"""

from __future__ import annotations

import re

from glueball.core.runs import Run, RunState

STREAMING = "gluestreaming"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WINDOW = re.compile(rf"({'|'.join(_DAYS)}):([01]?[0-9]|2[0-3])")
_HOUR_SECONDS = 3600
_DAY_SECONDS = 24 * _HOUR_SECONDS
_WEEK_SECONDS = 7 * _DAY_SECONDS
#: "AWS Glue will restart the job within 3 hours of the specified maintenance window"
_WINDOW_SECONDS = 3 * _HOUR_SECONDS
#: Monday 1970-01-05 00:00 UTC
_A_MONDAY = 4 * _DAY_SECONDS
#: no stream runs longer: a week, and a week until the window comes round
_LONGEST_SECONDS = 2 * _WEEK_SECONDS


def restart_due(run: Run) -> float | None:
    """Return when a run is to be restarted, in epoch seconds; None where it never is.

    Args:
        run: in any state; one that has not started yet has no such time.
    """
    if run.command != STREAMING or run.timeout_minutes or run.started is None:
        return None
    if run.state not in (RunState.STARTING, RunState.RUNNING):
        return None
    window = _WINDOW.fullmatch(run.document.get("MaintenanceWindow", ""))
    week_over = run.started + _WEEK_SECONDS
    if window is None:
        return week_over
    offset = _DAYS.index(window[1]) * _DAY_SECONDS + int(window[2]) * _HOUR_SECONDS
    return _first_within(offset, week_over)


def longest_seconds(run: Run) -> float:
    """Return how long the script of a run goes on at most."""
    return run.timeout_minutes * 60.0 or _LONGEST_SECONDS


def is_restarted(run: Run, ended: RunState) -> bool:
    """Tell whether another run takes the place of one that has ended.

    Args:
        run: as it was before it ended: one that was asked to end for maintenance.
        ended: the state that it is in now.
    """
    return run.stop_cause is RunState.EXPIRED and ended is RunState.EXPIRED


def _first_within(offset: int, moment: float) -> float:
    """Return the first time from `moment` on that lies in a weekly window.

    Args:
        offset: seconds after Monday 00:00 UTC at which the window opens.
    """
    into = (moment - _A_MONDAY - offset) % _WEEK_SECONDS
    return moment if into < _WINDOW_SECONDS else moment + _WEEK_SECONDS - into
