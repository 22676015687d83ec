"""`glueball backup` of a service at work, and the service on the copy."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from support.service_process import ServiceProcess


def _back_up(service: ServiceProcess, target: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "glueball", "backup", str(target), "--home"]
    return subprocess.run(
        [*command, str(service.home)], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("name", ["copy", "copy.tar.gz"])
def test_a_copy_of_a_service_at_work_starts_and_holds_everything(
    fresh: ServiceProcess, tmp_path: Path, name: str
) -> None:
    fresh.start()
    fresh.shell_job("job", "print('hello')", DefaultArguments={"--password": "pa55word"})
    run_id = fresh.client("glue").start_job_run(JobName="job")["JobRunId"]
    fresh.wait_for("job", run_id)
    fresh.client("s3").put_object(
        Bucket="scripts", Key="a/b", Body=b"x" * 100_000, Metadata={"who": "me"}
    )
    made: list[str] = []
    ending = threading.Event()

    def write() -> None:
        glue = fresh.client("glue")
        while not ending.is_set():
            database = f"d{len(made)}"
            glue.create_database(DatabaseInput={"Name": database})
            made.append(database)

    writer = threading.Thread(target=write)
    writer.start()
    before = len(made)
    result = _back_up(fresh, tmp_path / name)
    ending.set()
    writer.join()
    assert result.returncode == 0, result.stderr
    home = tmp_path / name
    if name.endswith(".gz"):
        (tmp_path / "unpacked").mkdir()
        subprocess.run(["tar", "xf", str(home), "-C", str(tmp_path / "unpacked")], check=True)
        home = tmp_path / "unpacked" / "home"
    assert stat.S_IMODE((home / "credentials").stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "glueball.db").stat().st_mode) == 0o600

    copy = ServiceProcess(home)
    try:
        copy.start()
        glue = copy.client("glue")
        assert glue.get_job(JobName="job")["Job"]["DefaultArguments"] == {"--password": "pa55word"}
        assert copy.run("job", run_id)["JobRunState"] == "SUCCEEDED"
        assert copy.messages("/aws-glue/python-jobs/output", run_id) == ["hello"]
        answer = copy.client("s3").get_object(Bucket="scripts", Key="a/b")
        assert (len(answer["Body"].read()), answer["Metadata"]) == (100_000, {"who": "me"})
        pages = glue.get_paginator("get_databases").paginate()
        databases = {one["Name"] for page in pages for one in page["DatabaseList"]}
        assert databases >= set(made[:before])
        assert databases == {f"d{number}" for number in range(len(databases))}, "one moment"
        again = glue.start_job_run(JobName="job")["JobRunId"]
        assert copy.wait_for("job", again)["JobRunState"] == "SUCCEEDED"
    finally:
        copy.close()


def test_a_run_that_was_under_way_is_not_touched_by_the_copy(
    fresh: ServiceProcess, tmp_path: Path
) -> None:
    """The copy must not take the original's processes for its own."""
    fresh.start()
    end = tmp_path / "end"
    fresh.shell_job(
        "slow", f"import os, time\nwhile not os.path.exists({str(end)!r}): time.sleep(.1)"
    )
    run_id = fresh.client("glue").start_job_run(JobName="slow")["JobRunId"]
    fresh.wait_for("slow", run_id, "RUNNING")
    assert _back_up(fresh, tmp_path / "copy").returncode == 0
    copy = ServiceProcess(tmp_path / "copy")
    try:
        copy.start()
        assert copy.wait_for("slow", run_id)["JobRunState"] == "FAILED"
    finally:
        copy.close()
    assert fresh.run("slow", run_id)["JobRunState"] == "RUNNING"
    end.touch()
    assert fresh.wait_for("slow", run_id)["JobRunState"] == "SUCCEEDED"


def test_a_target_that_exists_is_left_alone(fresh: ServiceProcess, tmp_path: Path) -> None:
    fresh.start()
    fresh.stop()
    (tmp_path / "copy").mkdir()
    result = _back_up(fresh, tmp_path / "copy")
    assert result.returncode == 1 and "exists" in result.stderr
    assert _back_up(fresh, tmp_path / "other").returncode == 0, "without a service, too"
    assert (tmp_path / "other" / "glueball.db").is_file()
