from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from glueball.cli.follow import follow, progress, say

_START = datetime(2026, 1, 1, tzinfo=UTC)


class _Glue:
    """Answers the states of a run one after the other."""

    def __init__(self, *states: str) -> None:
        self._states = list(states)
        self.stopped: list[str] = []
        self.detail = ""

    def batch_stop_job_run(self, **request: Any) -> None:
        self.stopped += request["JobRunIds"]
        self._states = ["STOPPED"]

    def get_job_run(self, **_: str) -> dict[str, Any]:
        state = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        return {
            "JobRun": {
                "JobName": "etl",
                "JobRunState": state,
                "StartedOn": _START,
                "LogGroupName": "/aws-glue/jobs",
                "StateDetail": self.detail,
            }
        }


class _Logs:
    """A stream that does not exist at first, and grows."""

    def __init__(self, *pages: list[str] | None) -> None:
        self._pages = list(pages)
        self._place = 0

    def get_log_events(self, **request: Any) -> dict[str, Any]:
        page = self._pages[0] if self._pages else []
        if request.get("nextToken") == f"f/{self._place}" and not self._pages:
            return {"events": [], "nextForwardToken": f"f/{self._place}"}
        if self._pages:
            self._pages.pop(0)
        if page is None:
            error = {"Error": {"Code": "ResourceNotFoundException", "Message": "no"}}
            raise ClientError(error, "GetLogEvents")  # type: ignore[arg-type]
        self._place += len(page)
        events = [{"message": message} for message in page]
        return {"events": events, "nextForwardToken": f"f/{self._place}"}


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO())


def _followed(glue: _Glue, logs: _Logs, console: Console) -> tuple[dict[str, Any], list[str]]:
    lines: list[str] = []
    write: Callable[[str], None] = lines.append
    run = follow(glue, logs, job_name="etl", run_id="jr_1", console=console, write=write)
    return run, lines


def _told(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_every_line_is_written_once(console: Console) -> None:
    glue = _Glue("WAITING", "RUNNING", "RUNNING", "SUCCEEDED")
    run, lines = _followed(glue, _Logs(None, ["a"], ["b", "c"], ["d"]), console)
    assert lines == ["a", "b", "c", "d"]
    assert run["JobRunState"] == "SUCCEEDED"


def test_what_could_move_the_terminal_is_taken_out(console: Console) -> None:
    _, lines = _followed(_Glue("FAILED"), _Logs(["\x1b[31mred\x1b[0m\rfake\x07\ttab"]), console)
    assert lines == ["[31mred[0mfake\ttab"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), BrokenPipeError(), SystemExit(143)])
def test_what_ends_the_follower_stops_the_run_first(error: BaseException) -> None:
    console = Console(file=io.StringIO())
    glue = _Glue("RUNNING")

    def write(_: str) -> None:
        raise error

    with pytest.raises(type(error)):
        follow(glue, _Logs(["a"]), job_name="etl", run_id="jr_1", console=console, write=write)
    assert glue.stopped == ["jr_1"]
    assert _told(console) == ["Stopping run jr_1 …", "The run ended: STOPPED."]


def test_without_a_terminal_each_change_is_a_line(console: Console) -> None:
    _followed(_Glue("WAITING", "RUNNING", "RUNNING", "SUCCEEDED"), _Logs(), console)
    assert _told(console) == ["etl WAITING", "etl RUNNING"]


def test_a_terminal_shows_one_line_that_fits() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=20, color_system=None)
    glue = _Glue("WAITING", "WAITING", "SUCCEEDED")
    glue.detail = "needs 10 DPU; 4 spare [bold]"
    _followed(glue, _Logs(), console)
    lines = re.findall(r"etl WAITING[^\r\n\x1b]*", "".join(_told(console)))
    assert lines
    assert all(len(line) <= 18 and line.endswith("…") for line in lines)


@pytest.mark.parametrize("text", ["[bold]x[/bold]", ":smile:", "y" * 200])
def test_what_is_said_is_said_as_it_is(text: str, console: Console) -> None:
    say(console, text)
    assert _told(console) == [text]


def test_the_line_says_state_time_and_reason() -> None:
    run = {
        "JobName": "etl",
        "JobRunState": "WAITING",
        "StartedOn": _START,
        "StateDetail": "needs 10 DPU",
    }
    assert progress(run, _START.timestamp() + 5.2) == "etl WAITING for 5 s: needs 10 DPU"
