"""Terraform with the provider of AWS, unmodified: apply, an empty plan, destroy.

The tests are there where Terraform and the provider are installed; docs/clients.md says how.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from docs.operations_page import ROOT
from support.service_process import ServiceProcess
from support.terraform import Terraform, mirror

_EXAMPLE = ROOT / "examples" / "terraform" / "main.tf"
_SCRIPT = ROOT / "examples" / "flights_etl.py"
#: of `terraform plan -detailed-exitcode`
_NO_CHANGES = 0


def names_left(service: ServiceProcess) -> dict[str, Any]:
    """Return the names of everything that the example makes and the service still has."""
    glue, iam, events = (service.client(name) for name in ("glue", "iam", "events"))
    logs = service.client("logs")
    return {
        "buckets": [each["Name"] for each in service.client("s3").list_buckets()["Buckets"]],
        "jobs": glue.list_jobs()["JobNames"],
        "triggers": glue.list_triggers()["TriggerNames"],
        "crawlers": glue.list_crawlers()["CrawlerNames"],
        "workflows": glue.list_workflows()["Workflows"],
        "databases": [each["Name"] for each in glue.get_databases()["DatabaseList"]],
        "connections": [each["Name"] for each in glue.get_connections()["ConnectionList"]],
        "roles": [each["RoleName"] for each in iam.list_roles()["Roles"]],
        "users": [each["UserName"] for each in iam.list_users()["Users"]],
        "policies": [each["PolicyName"] for each in iam.list_policies(Scope="Local")["Policies"]],
        "rules": [each["Name"] for each in events.list_rules()["Rules"]],
        "groups": [each["logGroupName"] for each in logs.describe_log_groups()["logGroups"]],
    }


def example_is_applied_planned_and_destroyed(
    service: ServiceProcess, directory: Path, plugins: Path
) -> None:
    shutil.copy(_EXAMPLE, directory)
    variables = {"bucket": "flights", "script": str(_SCRIPT)}
    terraform = Terraform(directory, plugins, service, variables)
    terraform.do("init")
    assert "Apply complete!" in terraform.do("apply", "-auto-approve")
    job = service.client("glue").get_job(JobName="flights-defaults")["Job"]
    assert "ExecutionClass" not in job
    plan = terraform.run("plan", "-detailed-exitcode")
    assert plan.returncode == _NO_CHANGES, plan.stdout + plan.stderr
    assert "Destroy complete!" in terraform.do("destroy", "-auto-approve")
    assert {kind: names for kind, names in names_left(service).items() if names} == {}


_PLUGINS = mirror()

if _PLUGINS is not None:  # elsewhere there is nothing to try, and no test

    @pytest.fixture
    def running(fresh: ServiceProcess) -> ServiceProcess:
        return fresh.start()

    def test_the_example_is_applied_needs_no_change_and_is_destroyed(
        running: ServiceProcess, tmp_path: Path
    ) -> None:
        directory = tmp_path / "configuration"
        directory.mkdir()
        assert _PLUGINS is not None
        example_is_applied_planned_and_destroyed(running, directory, _PLUGINS)
