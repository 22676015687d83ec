"""When a run has lasted so long that its owner wants to know.

https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html: "Only one
event is generated per job run status when the job delay notification threshold is exceeded."
"""

from __future__ import annotations

from glueball.core.runs import HOLDING, Run


def delay_minutes(run: Run) -> int | None:
    """Return the run's NotifyDelayAfter; None where nobody asked."""
    found: int | None = run.document.get("NotificationProperty", {}).get("NotifyDelayAfter")
    return found


def notice_due(run: Run) -> float | None:
    """Return when it is to be announced that a run lasts, in epoch seconds; None for never.

    The time counts from when the run left the queue. Each of STARTING, RUNNING and STOPPING is
    announced once.
    """
    minutes = delay_minutes(run)
    if minutes is None or run.started is None or run.state not in HOLDING:
        return None
    since = run.modified  # when it came into its state
    if run.notified is not None and run.notified >= since:
        return None
    return max(since, run.started + minutes * 60)
