"""The real service dies at every place between two durable steps; what it promised holds."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from glueball.core.triggers import Trigger, TriggerState, TriggerType
from glueball.failpoints import FAILPOINTS
from glueball.stores import triggers
from glueball.stores.database import Database
from support.service_process import ServiceProcess, wait_until

_LEDGER = """
import sys
from awsglue.utils import getResolvedOptions
args = getResolvedOptions(sys.argv, ["LEDGER", "JOB_NAME"])
with open(args["LEDGER"], "a") as ledger:
    ledger.write(args["JOB_NAME"] + " " + args["JOB_RUN_ID"] + "\\n")
"""
_SLEEP = "import time\nprint('asleep', flush=True)\ntime.sleep(600)\n"
#: what a service commits at once is over when it is ready; later commits are met by counting
_TIMES = {"database.uncommitted": (1, 3, 5), "database.committed": (1, 3, 5)}
_CASES = [f"{place}:{times}" for place in FAILPOINTS for times in _TIMES.get(place, (1,))]


@pytest.fixture
def prepared(tmp_path: Path) -> Iterator[ServiceProcess]:
    """A home with a chain of two jobs, a sleeping one, and a schedule that has come due."""
    service = ServiceProcess(tmp_path / "home").start()
    ledger = tmp_path / "ledger"
    ledger.touch()
    members: dict[str, Any] = {
        "DefaultArguments": {"--LEDGER": str(ledger)},
        "ExecutionProperty": {"MaxConcurrentRuns": 10},
    }
    for name in ("first", "second"):
        service.shell_job(name, _LEDGER, **members)
    service.shell_job("sleeper", _SLEEP)
    glue = service.client("glue")
    glue.create_trigger(Name="begin", Type="ON_DEMAND", Actions=[{"JobName": "first"}])
    condition = {"LogicalOperator": "EQUALS", "JobName": "first", "State": "SUCCEEDED"}
    glue.create_trigger(
        Name="then",
        Type="CONDITIONAL",
        Predicate={"Conditions": [condition]},
        Actions=[{"JobName": "second"}],
        StartOnCreation=True,
    )
    service.stop()
    _schedule(service.home / "glueball.db")
    yield service
    service.close()


def _schedule(path: Path) -> None:
    """Add a trigger that is due, and not again for a long time."""
    database = Database(path)
    now = time.time()
    trigger = Trigger(
        name="hourly",
        type=TriggerType.SCHEDULED,
        state=TriggerState.ACTIVATED,
        workflow_name=None,
        schedule="rate(10 days)",
        created=now - 864_001,
        modified=now - 864_001,
        activated=now - 864_001,
        next_due=now - 1,
        document={"Actions": [{"JobName": "first"}]},
    )
    with database.write() as connection:
        triggers.insert(connection, trigger, ())
    database.close()


@pytest.mark.parametrize("case", _CASES)
def test_what_was_promised_holds_wherever_the_service_dies(
    prepared: ServiceProcess, case: str
) -> None:
    ledger = prepared.home.parent / "ledger"
    prepared.variables["GLUEBALL_FAILPOINT"] = case
    asked = _live_until_it_dies(prepared)
    assert asked.died, f"the service never came by {case}"
    del prepared.variables["GLUEBALL_FAILPOINT"]
    prepared.start()
    ran = wait_until(lambda: _when_all_ended(prepared), seconds=60, what="every run to end")
    assert {run["JobRunState"] for run in ran["sleeper"]} <= {"STOPPED"}
    done = ran["first"] + ran["second"]
    assert [run.get("ErrorMessage") for run in done if run["JobRunState"] != "SUCCEEDED"] == []
    lines = Counter(line.split()[1] for line in ledger.read_text().splitlines())
    assert lines == Counter(run["Id"] for run in done), "an attempt ran twice, or not at all"
    by_hand = [run for run in ran["first"] if run.get("TriggerName") == "begin"]
    on_time = [run for run in ran["first"] if run.get("TriggerName") == "hourly"]
    assert len(on_time) == 1, "a due time fires once"
    assert asked.answered <= len(by_hand) <= 1, "what was answered is there"
    assert len(ran["second"]) == len(ran["first"]), "each end starts what waits for it once"
    wait_until(lambda: not prepared.left_processes(), seconds=10, what="no process to be left")


class _Asked:
    """What was asked of a service that died."""

    def __init__(self) -> None:
        self.answered = 0
        self.died = False


def _live_until_it_dies(service: ServiceProcess) -> _Asked:
    asked = _Asked()
    if not service.try_to_start():
        asked.died = True
        return asked
    glue = service.client("glue", config=Config(retries={"total_max_attempts": 1}))
    with suppress(BotoCoreError, ClientError):
        glue.start_trigger(Name="begin")
        asked.answered = 1
    with suppress(BotoCoreError, ClientError):
        run_id = glue.start_job_run(JobName="sleeper")["JobRunId"]
        while glue.get_job_run(JobName="sleeper", RunId=run_id)["JobRun"]["JobRunState"] in (
            "WAITING",
            "STARTING",
        ):
            time.sleep(0.05)
        glue.batch_stop_job_run(JobName="sleeper", JobRunIds=[run_id])
    asked.died = service.dies_within(15)
    return asked


def _when_all_ended(service: ServiceProcess) -> dict[str, list[dict[str, Any]]] | None:
    """Return the runs of each job when all have ended; sleepers are ended."""
    glue = service.client("glue")
    ran = {
        name: glue.get_job_runs(JobName=name)["JobRuns"] for name in ("first", "second", "sleeper")
    }
    active = [run["Id"] for run in ran["sleeper"] if run["JobRunState"] in ("WAITING", "RUNNING")]
    if active:
        glue.batch_stop_job_run(JobName="sleeper", JobRunIds=active)
    ended = all("CompletedOn" in run for runs in ran.values() for run in runs)
    # each end is followed in the same transaction, so that nothing can be on its way
    return ran if ended and ran["first"] else None
