"""Two hundred short runs while the service is killed every few seconds.

The scripts themselves keep the ledger: what is written there really ran.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from support.service_process import ServiceProcess, wait_until

_RUNS = 200
_SEED = 20261121
_SCRIPT = """
import sys, time
from awsglue.utils import getResolvedOptions
args = getResolvedOptions(sys.argv, ["LEDGER"])
with open(args["LEDGER"], "a") as ledger:
    ledger.write(args["JOB_RUN_ID"] + "\\n")
time.sleep(int(args["JOB_RUN_ID"].split("_")[1][-2:], 16) / 512)
sys.exit(3 if args["JOB_RUN_ID"].split("_")[1][0] in "01" else 0)
"""


def test_two_hundred_runs_outlive_a_service_that_is_killed_every_few_seconds(
    fresh: ServiceProcess, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger"
    ledger.touch()
    chance = random.Random(_SEED)
    fresh.start()
    members: dict[str, Any] = {
        "DefaultArguments": {"--LEDGER": str(ledger)},
        "ExecutionProperty": {"MaxConcurrentRuns": 1000},
        "MaxRetries": 1,
    }
    fresh.shell_job("tiny", _SCRIPT, **members)
    fresh.shell_job("after", _SCRIPT, **(members | {"MaxRetries": 0}))
    _chain(fresh.client("glue"))
    answered = _start_while_it_is_killed(fresh, chance)
    ran = wait_until(lambda: _when_all_ended(fresh), seconds=240, what=f"all to end, seed {_SEED}")

    attempts = ran["tiny"] + ran["after"]
    assert set(answered) <= {run["Id"] for run in attempts}, "what was answered is there"
    assert Counter(ledger.read_text().split()) == Counter(run["Id"] for run in attempts)
    for run in attempts:
        fails = run["Id"].split("_")[1][0] in "01"
        assert run["JobRunState"] == ("FAILED" if fails else "SUCCEEDED"), run
    _check_retries(ran["tiny"])
    chained = [run for run in ran["tiny"] if run.get("TriggerName")]
    ended_well = [run for run in chained if run["JobRunState"] == "SUCCEEDED"]
    assert len(ran["after"]) == len(ended_well), "each end starts what waits for it once"
    wait_until(lambda: not fresh.left_processes(), seconds=10, what="no process to be left")


def _chain(glue: Any) -> None:
    glue.create_trigger(Name="begin", Type="ON_DEMAND", Actions=[{"JobName": "tiny"}])
    condition = {"LogicalOperator": "EQUALS", "JobName": "tiny", "State": "SUCCEEDED"}
    glue.create_trigger(
        Name="then",
        Type="CONDITIONAL",
        Predicate={"Conditions": [condition]},
        Actions=[{"JobName": "after"}],
        StartOnCreation=True,
    )


def _start_while_it_is_killed(service: ServiceProcess, chance: random.Random) -> list[str]:
    """Start runs, by hand and by the trigger; return the ids that were answered."""
    answered: list[str] = []
    asked = 0
    while asked < _RUNS:
        glue = service.client("glue", config=Config(retries={"total_max_attempts": 1}))
        end = time.monotonic() + chance.uniform(1.0, 4.0)
        with suppress(BotoCoreError, ClientError):
            while time.monotonic() < end and asked < _RUNS:
                asked += 1
                if chance.random() < 0.2:
                    glue.start_trigger(Name="begin")
                else:
                    answered.append(glue.start_job_run(JobName="tiny")["JobRunId"])
                time.sleep(chance.uniform(0.0, 0.2))
        service.kill()
        time.sleep(chance.uniform(0.0, 0.3))
        service.start()
    return answered


def _when_all_ended(service: ServiceProcess) -> dict[str, list[dict[str, Any]]] | None:
    pages = service.client("glue").get_paginator("get_job_runs")
    ran = {
        name: [run for page in pages.paginate(JobName=name) for run in page["JobRuns"]]
        for name in ("tiny", "after")
    }
    time.sleep(0.5)
    ended = all("CompletedOn" in run for runs in ran.values() for run in runs)
    return ran if ended else None


def _check_retries(runs: list[dict[str, Any]]) -> None:
    """A first attempt that failed has been followed by one more, and by no other."""
    followers = Counter(run.get("PreviousRunId") for run in runs if run["Attempt"] == 1)
    for run in runs:
        if run["Attempt"] == 0:
            assert followers[run["Id"]] == (run["JobRunState"] == "FAILED"), run["Id"]
    assert {run["Attempt"] for run in runs} <= {0, 1}
