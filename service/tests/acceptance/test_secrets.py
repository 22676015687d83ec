"""A canary among the arguments and passwords: who may see it, and where it must not be."""

from __future__ import annotations

import stat
from typing import Any

from support.service_process import ServiceProcess

_CANARY = "c4n4ry-in-a-coal-mine"
_SCRIPT = """
import sys
from awsglue.utils import getResolvedOptions
password = getResolvedOptions(sys.argv, ["password"])["password"]
print("turned round:", password[::-1])
raise ValueError(f"the database refused {password}")
"""


def _files_with(service: ServiceProcess, text: str) -> list[str]:
    return [
        str(path.relative_to(service.home))
        for path in service.home.rglob("*")
        if path.is_file() and text.encode() in path.read_bytes()
    ]


def test_a_secret_is_shown_to_who_asks_and_is_in_no_file(fresh: ServiceProcess) -> None:
    fresh.start()
    glue = fresh.client("glue")
    arguments = {"--password": _CANARY, "--day": "2026-01-01"}
    fresh.shell_job("secretive", _SCRIPT, DefaultArguments=arguments)
    properties = {"JDBC_CONNECTION_URL": "jdbc:mysql://h/d", "USERNAME": "u", "PASSWORD": _CANARY}
    given: dict[str, Any] = {"Name": "shop", "ConnectionType": "JDBC"}
    glue.create_connection(ConnectionInput={**given, "ConnectionProperties": properties})
    glue.create_trigger(
        Name="nightly",
        Type="ON_DEMAND",
        Actions=[{"JobName": "secretive", "Arguments": {"--api-key": _CANARY}}],
    )

    run_id = glue.start_job_run(JobName="secretive")["JobRunId"]
    ended = fresh.wait_for("secretive", run_id)
    assert ended["ErrorMessage"] == "ValueError: the database refused ****"
    lines = fresh.messages("/aws-glue/python-jobs/output", run_id)
    assert f"turned round: {_CANARY[::-1]}" in lines, "the script itself has it"
    fresh.kill()
    assert _files_with(fresh, _CANARY) == []

    fresh.start()
    glue = fresh.client("glue")
    assert glue.get_job(JobName="secretive")["Job"]["DefaultArguments"] == arguments
    shown = glue.get_connection(Name="shop")["Connection"]["ConnectionProperties"]
    assert shown == properties
    hidden = glue.get_connection(Name="shop", HidePassword=True)["Connection"]
    assert "PASSWORD" not in hidden["ConnectionProperties"]
    (action,) = glue.get_trigger(Name="nightly")["Trigger"]["Actions"]
    assert action["Arguments"] == {"--api-key": _CANARY}


def test_only_the_owner_can_read_the_home(fresh: ServiceProcess) -> None:
    fresh.home.mkdir(mode=0o755)
    fresh.start()
    fresh.shell_job("job", "print('x')")
    run_id = fresh.client("glue").start_job_run(JobName="job")["JobRunId"]
    fresh.wait_for("job", run_id)
    assert stat.S_IMODE(fresh.home.stat().st_mode) == 0o700
    launch = fresh.home / "runs" / run_id / "launch.json"
    logs = [path for path in (fresh.home / "logs").rglob("*") if path.is_file()]
    files = [fresh.home / "credentials", *fresh.home.glob("glueball.db*"), launch, *logs]
    modes = {str(path): stat.S_IMODE(path.stat().st_mode) for path in files}
    assert set(modes.values()) == {0o600}, modes
