from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from glueball_runtime import bookmarks
from glueball_runtime.bookmarks import SourceFile
from glueball_runtime.errors import BookmarkVersionMismatch, RunSpecUnreadable
from tests.bookmark_service import REGION, BookmarkService

A = SourceFile(path="s3://b/a", modified_ms=1_000, size=1)
B = SourceFile(path="s3://b/b", modified_ms=2_000, size=1)
#: stands for the GlueContext, which `Job` only keeps
CONTEXT = cast(Any, SimpleNamespace())


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A script's process begins without a job, and outside a service."""
    monkeypatch.delenv("GLUEBALL_RUN_SPEC", raising=False)
    monkeypatch.setattr(Job, "_initialized", False)
    bookmarks.deactivate()
    yield
    bookmarks.deactivate()


class Runs:
    """Puts this process into one run after the other."""

    def __init__(
        self, service: BookmarkService, directory: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._service = service
        self._directory = directory
        self._monkeypatch = monkeypatch

    def begin(self, run_id: str, **arguments: str) -> list[str]:
        """Enter a run; return its `sys.argv`. An argument `a_b` is passed as `--a-b`."""
        named = {f"--{name.replace('_', '-')}": value for name, value in arguments.items()}
        run = {
            "job_name": "flights",
            "run_id": run_id,
            "arguments": named,
            "endpoint_url": self._service.endpoint_url,
            "region": REGION,
        }
        launch = {"token": f"token-{run_id[3:]}", "run": run}
        path = self._directory / f"{run_id}.json"
        path.write_text(json.dumps(launch))
        self._monkeypatch.setenv("GLUEBALL_RUN_SPEC", str(path))
        words = [word for argument in named.items() for word in argument]
        return ["script.py", "--JOB_NAME", "flights", *words]


@pytest.fixture
def runs(
    bookmark_service: BookmarkService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Runs:
    return Runs(bookmark_service, tmp_path, monkeypatch)


def read(*files: SourceFile) -> list[SourceFile]:
    """Read as a source does, in the running job."""
    active = bookmarks.active()
    return list(files) if active is None else active.select_files("source", files)


def script(argv: list[str], *files: SourceFile) -> list[SourceFile]:
    """Run what nearly every job script does; return what its source read."""
    args = getResolvedOptions(argv, ["JOB_NAME"])
    job = Job(CONTEXT)
    job.init(args["JOB_NAME"], args)
    chosen = read(*files)
    job.commit()
    return chosen


def test_with_a_bookmark_the_second_run_reads_what_is_new(runs: Runs) -> None:
    argv = runs.begin("jr_1", job_bookmark_option="job-bookmark-enable")
    assert script(argv, A) == [A]
    argv = runs.begin("jr_2", job_bookmark_option="job-bookmark-enable")
    assert script(argv, A, B) == [B]


@pytest.mark.parametrize("arguments", [{}, {"job_bookmark_option": "job-bookmark-disable"}])
def test_without_a_bookmark_every_run_reads_everything(
    runs: Runs, bookmark_service: BookmarkService, arguments: dict[str, str]
) -> None:
    for run_id in ("jr_1", "jr_2"):
        assert script(runs.begin(run_id, **arguments), A, B) == [A, B]
    assert bookmark_service.calls == []


def test_paused_reads_from_the_last_commit_and_writes_nothing(
    runs: Runs, bookmark_service: BookmarkService
) -> None:
    script(runs.begin("jr_1", job_bookmark_option="job-bookmark-enable"), A)
    argv = runs.begin("jr_2", job_bookmark_option="job-bookmark-pause")
    assert script(argv, A, B) == [B]
    assert script(argv, A, B) == [B]
    assert bookmark_service.newest("flights").version == 1


def test_paused_with_a_range_reads_what_those_runs_read(runs: Runs) -> None:
    enabled = {"job_bookmark_option": "job-bookmark-enable"}
    script(runs.begin("jr_1", **enabled), A)
    script(runs.begin("jr_2", **enabled), A, B)
    argv = runs.begin(
        "jr_2",
        job_bookmark_option="job-bookmark-pause",
        job_bookmark_from="jr_1",
        job_bookmark_to="jr_2",
    )
    assert script(argv, A, B) == [B]


def test_one_end_of_a_range_is_not_enough(runs: Runs) -> None:
    runs.begin("jr_1", job_bookmark_option="job-bookmark-pause", job_bookmark_from="jr_0")
    with pytest.raises(ValueError, match="given together"):
        Job(CONTEXT).init("flights")


def test_a_failed_run_is_read_again(runs: Runs, bookmark_service: BookmarkService) -> None:
    runs.begin("jr_1", job_bookmark_option="job-bookmark-enable")
    Job(CONTEXT).init("flights")
    assert read(A) == [A]
    assert bookmark_service.history == {}, "nothing is written before the commit"
    argv = runs.begin("jr_2", job_bookmark_option="job-bookmark-enable")
    assert script(argv, A) == [A]


def test_a_run_that_was_overtaken_fails(runs: Runs, bookmark_service: BookmarkService) -> None:
    argv = runs.begin("jr_1", job_bookmark_option="job-bookmark-enable")
    job = Job(CONTEXT)
    job.init("flights", getResolvedOptions(argv, []))
    read(A)
    bookmark_service.put("flights", "")
    with pytest.raises(BookmarkVersionMismatch):
        job.commit()


@pytest.mark.parametrize(
    ("run_option", "args", "expected", "reason"),
    [
        ("job-bookmark-enable", {}, True, "init without args: the run's own arguments count"),
        (
            "job-bookmark-enable",
            {"job_bookmark_option": "job-bookmark-disable"},
            False,
            "the script's word counts",
        ),
        (
            "job-bookmark-disable",
            {"job_bookmark_option": "job-bookmark-enable"},
            True,
            "the script's word counts",
        ),
    ],
)
def test_who_decides(
    runs: Runs, run_option: str, args: dict[str, str], expected: bool, reason: str
) -> None:
    runs.begin("jr_1", job_bookmark_option=run_option)
    Job(CONTEXT).init("flights", args)
    assert (bookmarks.active() is not None) is expected, reason


def test_an_unknown_option_is_refused(runs: Runs) -> None:
    runs.begin("jr_1", job_bookmark_option="yes")
    with pytest.raises(ValueError, match=r"must be one of job-bookmark-enable.*'yes'"):
        Job(CONTEXT).init("flights")


def test_outside_a_service_nothing_happens(caplog: pytest.LogCaptureFixture) -> None:
    argv = ["script.py", "--JOB_NAME", "flights", "--job-bookmark-option", "job-bookmark-enable"]
    assert script(argv, A) == [A]
    assert script(argv, A) == [A]
    assert "belongs to no run of a service" in caplog.text


def test_a_broken_description_of_the_run_is_no_silent_read_of_everything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GLUEBALL_RUN_SPEC", str(tmp_path / "missing.json"))
    with pytest.raises(RunSpecUnreadable):
        Job(CONTEXT).init("flights")


def test_one_job_per_process() -> None:
    assert not Job(CONTEXT).isInitialized()
    Job(CONTEXT).init("flights")
    assert Job(CONTEXT).isInitialized()


def test_commit_without_init_says_so(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        Job(CONTEXT).commit()
    assert "Job.commit without Job.init" in caplog.text


def test_the_names_of_the_options() -> None:
    assert Job.job_bookmark_options() == [
        "job-bookmark-enable",
        "job-bookmark-pause",
        "job-bookmark-disable",
    ]
    assert Job.continuation_options() == [
        "continuation-enabled",
        "continuation-readonly",
        "continuation-ignore",
    ]
    assert Job.job_bookmark_range_options() == ["job-bookmark-from", "job-bookmark-to"]
    assert Job.id_params() == ["JOB_NAME", "JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION"]
    assert Job.encryption_type_options() == ["sse-s3"]
    assert Job.data_lineage_options() == ["enable-data-lineage"]
