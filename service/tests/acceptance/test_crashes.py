"""kill -9 of the service at random moments of running jobs."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

from support.service_process import ServiceProcess, wait_until

_KILLS = 20
_SEED = 20130101
_SCRIPT = """
import sys, time
from awsglue.utils import getResolvedOptions
args = getResolvedOptions(sys.argv, ["LEDGER"])
with open(args["LEDGER"], "a") as ledger:
    ledger.write(args["JOB_RUN_ID"] + "\\n")
for line in range(20):
    print("line", line, flush=True)
    time.sleep(0.05)
sys.exit(5 if args["JOB_RUN_ID"][-1] in "01" else 0)
"""


def test_twenty_kills_lose_nothing_run_nothing_twice_and_leave_nothing(
    fresh: ServiceProcess, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger"
    ledger.touch()
    chance = random.Random(_SEED)
    fresh.start()
    fresh.shell_job(
        "tiny",
        _SCRIPT,
        DefaultArguments={"--LEDGER": str(ledger)},
        ExecutionProperty={"MaxConcurrentRuns": 1000},
    )
    answered: list[str] = []
    for _ in range(_KILLS):
        glue = fresh.client("glue")
        answered += [glue.start_job_run(JobName="tiny")["JobRunId"] for _ in range(2)]
        time.sleep(chance.uniform(0.0, 1.2))
        fresh.kill()
        time.sleep(chance.uniform(0.0, 0.4))
        fresh.start()

    ended = {run_id: fresh.wait_for("tiny", run_id) for run_id in answered}
    for run_id, run in ended.items():
        expected = "FAILED" if run_id[-1] in "01" else "SUCCEEDED"
        assert run["JobRunState"] == expected, run.get("ErrorMessage")
        output = fresh.messages("/aws-glue/python-jobs/output", run_id)
        assert output == [f"line {number}" for number in range(20)]
    assert Counter(ledger.read_text().split()) == Counter(answered), f"seed {_SEED}"
    wait_until(lambda: not fresh.left_processes(), seconds=10, what="no process to be left")


def test_a_run_stops_even_if_the_service_dies_while_it_is_stopping(
    fresh: ServiceProcess,
) -> None:
    stubborn = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""
    fresh.start()
    fresh.shell_job("stubborn", stubborn)
    glue = fresh.client("glue")
    run_id = glue.start_job_run(JobName="stubborn")["JobRunId"]
    fresh.wait_for("stubborn", run_id, "RUNNING")
    glue.batch_stop_job_run(JobName="stubborn", JobRunIds=[run_id])
    fresh.kill()
    fresh.start()
    assert fresh.wait_for("stubborn", run_id, seconds=30)["JobRunState"] == "STOPPED"
    wait_until(lambda: not fresh.left_processes(), seconds=10, what="no process to be left")


def test_a_timeout_holds_across_a_restart(fresh: ServiceProcess) -> None:
    fresh.start()
    fresh.shell_job("slow", "import time\nprint('up', flush=True)\ntime.sleep(600)\n", Timeout=1)
    run_id = fresh.client("glue").start_job_run(JobName="slow")["JobRunId"]
    running = fresh.wait_for("slow", run_id, "RUNNING")
    assert running["Timeout"] == 1
    fresh.kill()
    time.sleep(1)
    fresh.start()
    ended = fresh.wait_for("slow", run_id, seconds=90)
    assert ended["JobRunState"] == "TIMEOUT"
    assert 60 <= ended["ExecutionTime"] <= 75
    wait_until(lambda: not fresh.left_processes(), seconds=10, what="no process to be left")


_SPARK = """
import sys, time
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME"])
glue = GlueContext(SparkContext.getOrCreate())
job = Job(glue)
job.init(args["JOB_NAME"], args)
frame = glue.create_dynamic_frame.from_options(
    connection_type="s3",
    connection_options={"paths": ["s3://inputs/days/"]},
    format="csv",
    format_options={"withHeader": True},
    transformation_ctx="days",
)
print("rows", frame.count(), flush=True)
time.sleep(2)
job.commit()
print("committed", flush=True)
"""


def test_a_spark_run_goes_on_and_commits_its_bookmark_once(fresh: ServiceProcess) -> None:
    fresh.start()
    fresh.upload("inputs", "days/1.csv", "day,count\n1,10\n2,20\n")
    location = fresh.upload("scripts", "spark.py", _SPARK)
    fresh.client("glue").create_job(
        Name="spark",
        Role="r",
        Command={"Name": "glueetl", "ScriptLocation": location, "PythonVersion": "3"},
        ExecutionClass="FLEX",
        GlueVersion="5.1",
        DefaultArguments={"--job-bookmark-option": "job-bookmark-enable"},
    )
    run_id = fresh.client("glue").start_job_run(JobName="spark")["JobRunId"]
    stream = ("/aws-glue/jobs/output", run_id)
    fresh.wait_for("spark", run_id, "RUNNING")
    fresh.kill()
    time.sleep(1)
    fresh.start()
    assert fresh.wait_for("spark", run_id)["JobRunState"] == "SUCCEEDED"
    assert fresh.messages(*stream) == ["rows 2", "committed"]
    glue = fresh.client("glue")
    entry = glue.get_job_bookmark(JobName="spark")["JobBookmarkEntry"]
    assert (entry["Version"], entry["Run"], entry["RunId"]) == (1, 1, run_id)

    again = glue.start_job_run(JobName="spark")["JobRunId"]
    fresh.wait_for("spark", again)
    assert fresh.messages("/aws-glue/jobs/output", again) == ["rows 0", "committed"]
    wait_until(lambda: not fresh.left_processes(), seconds=10, what="no process to be left")


def test_a_damaged_log_is_told_at_the_start(fresh: ServiceProcess) -> None:
    """One flipped byte after a kill: SQLite alone would forget what follows without a word."""
    fresh.start()
    glue = fresh.client("glue")
    for number in range(60):
        glue.create_database(DatabaseInput={"Name": f"d{number}"})
    fresh.kill()
    log = fresh.home / "glueball.db-wal"
    data = bytearray(log.read_bytes())
    data[len(data) // 2] ^= 1
    log.write_bytes(data)
    fresh.start()
    assert "write-ahead log of the database was damaged" in fresh.log()
    (copy,) = (fresh.home / "damaged").iterdir()
    assert str(copy) in fresh.log()
    assert (copy / "glueball.db-wal").read_bytes() == data


def test_what_was_answered_some_seconds_ago_does_not_lie_in_the_log_alone(
    fresh: ServiceProcess,
) -> None:
    fresh.start()
    fresh.client("glue").create_database(DatabaseInput={"Name": "somewhere-in-the-file"})
    database = fresh.home / "glueball.db"
    wait_until(
        lambda: b"somewhere-in-the-file" in database.read_bytes(), seconds=15, what="a checkpoint"
    )
