"""Following a run: its log as it is written, and a line that says what it does."""

from __future__ import annotations

import re
import shlex
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.text import Text

from glueball.core.runs import TERMINAL

_POLL_SECONDS = 0.25
#: how long a stopped run may take to end: its grace, and some more
_STOP_SECONDS = 15.0
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
    """Write the output of a run until it ends; when this process is asked to end, stop the run.

    Args:
        glue: client of the service's Glue.
        logs: client of its CloudWatch Logs.
        console: where it is told what the run does: in one changing line if it is a terminal,
            else in a line for each change.
        write: takes each line of output, without control characters.

    Returns:
        The `JobRun` as it ended.

    Raises:
        KeyboardInterrupt: Ctrl-C; the run was stopped before.
        OSError: nobody reads the output any more, or the terminal is gone; likewise.
        SystemExit: a signal asked for the end; likewise.
    """
    try:
        with _terminable():
            return _follow(glue, logs, job_name, run_id, console, write)
    except (KeyboardInterrupt, OSError, SystemExit):
        stop(glue, job_name, run_id, console)
        raise


def _follow(
    glue: Any,
    logs: Any,
    job_name: str,
    run_id: str,
    console: Console,
    write: Callable[[str], None],
) -> dict[str, Any]:
    tail: _Tail | None = None
    said = ""
    with console.status("waiting for the service") as status:
        while True:
            run: dict[str, Any] = glue.get_job_run(JobName=job_name, RunId=run_id)["JobRun"]
            tail = tail or _Tail(group=f"{run['LogGroupName']}/output", stream=run_id)
            for message in tail.new_messages(logs):
                write(_CONTROL.sub("", message))
            if run["JobRunState"] in TERMINAL:
                return run
            if console.is_terminal:
                status.update(_fitting(progress(run, time.time()), console))
            elif condition(run) != said:
                said = condition(run)
                say(console, said)
            time.sleep(_POLL_SECONDS)


def say(console: Console, text: str) -> None:
    """Print a line as it is: no markup, no colours; only a terminal may break it."""
    console.print(text, markup=False, highlight=False, emoji=False, soft_wrap=True)


def _fitting(text: str, console: Console) -> Text:
    """Cut a line that changes so that it stays one line, beside the spinner."""
    line = Text(text)
    line.truncate(max(10, console.width - 3), overflow="ellipsis")
    return line


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end this process in an orderly way."""

    def leave(number: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stop(glue: Any, job_name: str, run_id: str, console: Console) -> None:
    """Stop a run, wait until it has ended, and say what became of it.

    Nothing that goes wrong is raised: the terminal may be gone, and the service too.
    """
    told = f"Run {run_id} has not ended yet; look at it with: {_look(job_name, run_id)}"
    try:
        glue.batch_stop_job_run(JobName=job_name, JobRunIds=[run_id])
        with suppress(OSError):
            say(console, f"Stopping run {run_id} …")
        end = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < end:
            state = glue.get_job_run(JobName=job_name, RunId=run_id)["JobRun"]["JobRunState"]
            if state in TERMINAL:
                told = f"The run ended: {state}."
                break
            time.sleep(_POLL_SECONDS)
    except (KeyboardInterrupt, BotoCoreError, ClientError):
        pass
    with suppress(OSError):
        say(console, told)


def _look(job_name: str, run_id: str) -> str:
    return f"aws glue get-job-run --job-name {shlex.quote(job_name)} --run-id {run_id}"


def progress(run: dict[str, Any], now: float) -> str:
    """Say in a line what a run does now, and for how long.

    Args:
        run: a `JobRun`.
        now: epoch seconds.
    """
    seconds = max(0.0, now - run["StartedOn"].timestamp())
    detail = f": {run['StateDetail']}" if run.get("StateDetail") else ""
    return f"{run['JobName']} {run['JobRunState']} for {seconds:.0f} s{detail}"


def condition(run: dict[str, Any]) -> str:
    """Say in a line what a run does, as long as it does it."""
    detail = f": {run['StateDetail']}" if run.get("StateDetail") else ""
    return f"{run['JobName']} {run['JobRunState']}{detail}"
