"""Following a run: its log as it is written, and a line that says what it does."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError
from rich.console import Console

_POLL_SECONDS = 0.25
_ENDED = frozenset({"STOPPED", "SUCCEEDED", "FAILED", "TIMEOUT", "ERROR", "EXPIRED"})
#: everything that could move a terminal's cursor or change its state
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(kw_only=True, slots=True)
class _Tail:
    """The place up to which a log stream was read."""

    group: str
    stream: str
    token: str | None = field(default=None)

    def new_messages(self, logs: Any) -> Iterator[str]:
        while True:
            place = {"nextToken": self.token} if self.token else {}
            try:
                page = logs.get_log_events(
                    logGroupName=self.group,
                    logStreamName=self.stream,
                    startFromHead=True,
                    **place,
                )
            except ClientError as error:
                if error.response["Error"]["Code"] == "ResourceNotFoundException":
                    return  # the run has not begun to write
                raise
            for event in page["events"]:
                yield event["message"]
            if page["nextForwardToken"] == self.token:
                return
            self.token = page["nextForwardToken"]


def follow(
    glue: Any,
    logs: Any,
    *,
    job_name: str,
    run_id: str,
    console: Console,
    write: Callable[[str], None],
) -> dict[str, Any]:
    """Write the output of a run until it ends.

    Args:
        glue: client of the service's Glue.
        logs: client of its CloudWatch Logs.
        console: where the changing line is shown, if it is a terminal.
        write: takes each line of output, without control characters.

    Returns:
        The `JobRun` as it ended.
    """
    with console.status("waiting for the service") as status:
        tail: _Tail | None = None
        while True:
            run: dict[str, Any] = glue.get_job_run(JobName=job_name, RunId=run_id)["JobRun"]
            tail = tail or _Tail(group=f"{run['LogGroupName']}/output", stream=run_id)
            for message in tail.new_messages(logs):
                write(_CONTROL.sub("", message))
            if run["JobRunState"] in _ENDED:
                return run
            status.update(progress(run, time.time()))
            time.sleep(_POLL_SECONDS)


def progress(run: dict[str, Any], now: float) -> str:
    """Say in a line what a run does now.

    Args:
        run: a `JobRun`.
        now: epoch seconds.
    """
    seconds = max(0.0, now - run["StartedOn"].timestamp())
    detail = f": {run['StateDetail']}" if run.get("StateDetail") else ""
    return f"{run['JobName']} {run['JobRunState']} for {seconds:.0f} s{detail}"
