"""When a run that ended is tried again.

https://docs.aws.amazon.com/glue/latest/webapi/API_Job.html (MaxRetries: "the maximum number of
times to retry this job after a JobRun fails"); a timeout is not retried.
"""

from __future__ import annotations

from glueball.core.runs import Run, RunState


def is_retried(run: Run, ended: RunState) -> bool:
    """Tell whether `run`, which ends in state `ended`, gets another attempt.

    Only failures are tried again: what a person stopped stays stopped, and what ran into its
    timeout would do so again. With MaxRetries 2, attempts 0 and 1 are followed by another.
    """
    return ended is RunState.FAILED and run.attempt < run.max_retries
