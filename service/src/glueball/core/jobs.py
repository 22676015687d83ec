"""Job definitions: what is filled in, what is refused, and what a run takes from its job.

https://docs.aws.amazon.com/glue/latest/webapi/API_CreateJob.html and API_UpdateJob.html.
Members are those of AWS's `Job` shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueball.core.crawls import run_name
from glueball.core.errors import InvalidInput
from glueball.core.glue_versions import DEFAULT_GLUE_VERSION, version_number
from glueball.core.runs import ExecutionClass
from glueball.core.workers import capacity_of

#: what `Command.Name` may say; the last one cannot be started yet
COMMANDS = ("glueetl", "pythonshell", "gluestreaming", "glueray")
RUNNABLE_COMMANDS = frozenset({"glueetl", "pythonshell", "gluestreaming"})

MAX_RETRIES = 10
MAX_TIMEOUT_MINUTES = 7 * 24 * 60
#: "The maximum total size of arguments is 260 KB" (job arguments page)
MAX_ARGUMENT_BYTES = 260 * 1024

_FLEX_SINCE = (3, 0)
_WORKER_MEMBERS = ("WorkerType", "NumberOfWorkers")
_CAPACITY_MEMBERS = ("WorkerType", "NumberOfWorkers", "MaxCapacity", "AllocatedCapacity")
_KEPT_FROM_JOB = (
    "SecurityConfiguration",
    "NotificationProperty",
    "MaintenanceWindow",
    "JobRunQueuingEnabled",
)


def check_name(name: str) -> None:
    """Check that a job may be called so.

    Raises:
        InvalidInput: reports would take its runs for the crawls of a crawler.
    """
    if name.startswith(run_name("")):
        raise InvalidInput(
            f"Names that begin with {run_name('')} are those of crawls in reports; call the job "
            "otherwise."
        )


def define(members: Mapping[str, Any]) -> dict[str, Any]:
    """Complete a definition that a client sent with the defaults that AWS documents.

    Nothing else is added: what GetJob shows and nobody has given is a change to Terraform. So a
    Spark job without ExecutionClass has none, and its runs are STANDARD ones.

    Args:
        members: those of CreateJob or JobUpdate, without `Name` and `Tags`.

    Returns:
        The members of a `Job`, ready to be kept.

    Raises:
        InvalidInput: the members contradict each other or AWS's limits.
    """
    job = dict(members)
    command = _checked_command(job)
    job.setdefault("JobMode", "SCRIPT")
    job.setdefault("MaxRetries", 0)
    job.setdefault("ExecutionProperty", {"MaxConcurrentRuns": 1})
    job["ExecutionProperty"].setdefault("MaxConcurrentRuns", 1)
    if command != "pythonshell":
        job.setdefault("GlueVersion", DEFAULT_GLUE_VERSION)
    timeout = default_timeout(command, job.get("GlueVersion"))
    if timeout is not None:
        job.setdefault("Timeout", timeout)
    _check_numbers(job)
    check_execution_class(job.get("ExecutionClass"), command, job.get("GlueVersion"))
    _fill_capacity(job, command)
    check_arguments(job.get("DefaultArguments", {}))
    check_arguments(job.get("NonOverridableArguments", {}))
    return job


def update(current: Mapping[str, Any], members: Mapping[str, Any]) -> dict[str, Any]:
    """Replace a definition, as UpdateJob does.

    "Unspecified configuration is removed or reset to default values" (API_UpdateJob). `Role` and
    `Command` have no default to be reset to, and a job without them could never run again, so they
    alone are kept when they are left out.
    """
    kept = {name: current[name] for name in ("Role", "Command") if name in current}
    return define({**kept, **members})


def run_members(job: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Work out the members of a `JobRun` from its job and from what StartJobRun overrides.

    A run that names only one of WorkerType and NumberOfWorkers takes the other from its job; apart
    from that capacity is overridden as a whole. NonOverridableArguments win over the run's
    arguments, which win over DefaultArguments.

    Raises:
        InvalidInput: the job cannot be started with these members.
    """
    command = job["Command"]["Name"]
    if command not in RUNNABLE_COMMANDS:
        raise InvalidInput(
            "Ray is not available in Glueball: jobs of the command glueray can be defined but not "
            "started. Jobs of glueetl, gluestreaming and pythonshell run."
        )
    if "ScriptLocation" not in job["Command"]:
        raise InvalidInput("The job has no Command.ScriptLocation, so there is no script to run.")
    members: dict[str, Any] = {
        "JobMode": job.get("JobMode", "SCRIPT"),
        "GlueVersion": job.get("GlueVersion"),
        "Timeout": overrides.get("Timeout", job.get("Timeout")),
        "ExecutionClass": overrides.get("ExecutionClass", _execution_class(job)),
        "Arguments": _merged_arguments(job, overrides),
        **{name: job[name] for name in _KEPT_FROM_JOB if name in job},
        **{name: overrides[name] for name in _KEPT_FROM_JOB if name in overrides},
    }
    members.update(_asked_capacity(job, overrides))
    _check_numbers(members)
    check_execution_class(members["ExecutionClass"], command, members["GlueVersion"])
    _fill_capacity(members, command)
    check_arguments(members["Arguments"])
    return {name: value for name, value in members.items() if value is not None}


def check_execution_class(
    execution_class: str | None, command: str, glue_version: str | None
) -> None:
    """Refuse FLEX for anything but a Spark job of Glue 3.0 or later.

    "Only jobs with Glue version 3.0 and above and command type glueetl will be allowed to set
    ExecutionClass to FLEX" (API_CreateJob).
    """
    if execution_class != ExecutionClass.FLEX:
        return
    if command != "glueetl":
        raise InvalidInput(f"Execution Class FLEX is not supported for Job Command {command}.")
    if version_number(glue_version) < _FLEX_SINCE:
        raise InvalidInput(
            f"Execution Class FLEX is not supported for Glue Version {glue_version}."
        )


def default_timeout(command: str, glue_version: str | None) -> int | None:
    """Return the minutes after which a run is ended when nobody said: 480 from Glue 5.0 on, 2,880
    before and for Python shell jobs (API_CreateJob); None, for never, for streaming jobs."""
    if command == "gluestreaming":
        return None
    if command == "pythonshell" or version_number(glue_version) < (5, 0):
        return 2880
    return 480


def check_arguments(arguments: Mapping[str, str]) -> None:
    """Refuse arguments that are too large in all."""
    size = sum(len(key.encode()) + len(value.encode()) for key, value in arguments.items())
    if size > MAX_ARGUMENT_BYTES:
        raise InvalidInput(
            f"The arguments take {size} bytes; a job may have {MAX_ARGUMENT_BYTES}. Pass long "
            "values as an object in S3 and give the job its location."
        )


def _execution_class(job: Mapping[str, Any]) -> str | None:
    """Return the class of a job's runs; None where its command has none."""
    default = ExecutionClass.STANDARD.value if job["Command"]["Name"] == "glueetl" else None
    execution_class: str | None = job.get("ExecutionClass", default)
    return execution_class


def _checked_command(job: Mapping[str, Any]) -> str:
    if "Command" not in job:
        raise InvalidInput("Command cannot be null or empty.")
    name = job["Command"].get("Name", "glueetl")
    if name not in COMMANDS:
        raise InvalidInput(f"Command name should be one of {', '.join(COMMANDS)}; it is {name}.")
    job["Command"]["Name"] = name
    return str(name)


def _check_numbers(members: Mapping[str, Any]) -> None:
    retries = members.get("MaxRetries", 0)
    if not 0 <= retries <= MAX_RETRIES:
        raise InvalidInput(f"MaxRetries must be between 0 and {MAX_RETRIES}; it is {retries}.")
    timeout = members.get("Timeout")
    if timeout is not None and not 1 <= timeout <= MAX_TIMEOUT_MINUTES:
        raise InvalidInput(
            f"Timeout must be between 1 and {MAX_TIMEOUT_MINUTES} minutes; it is {timeout}."
        )
    concurrent = members.get("ExecutionProperty", {}).get("MaxConcurrentRuns", 1)
    if concurrent < 1:
        raise InvalidInput(f"MaxConcurrentRuns must be at least 1; it is {concurrent}.")


def _fill_capacity(members: dict[str, Any], command: str) -> None:
    dpus = capacity_of(
        command=command,
        glue_version=members.get("GlueVersion"),
        worker_type=members.get("WorkerType"),
        number_of_workers=members.get("NumberOfWorkers"),
        max_capacity=members.get("MaxCapacity"),
        allocated_capacity=members.get("AllocatedCapacity"),
    )
    members["MaxCapacity"] = dpus
    members["AllocatedCapacity"] = int(dpus)


def _asked_capacity(job: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    asked = {name: overrides[name] for name in _CAPACITY_MEMBERS if name in overrides}
    # a job's MaxCapacity beside its workers is only what they come to
    own = _WORKER_MEMBERS if "WorkerType" in job else ("MaxCapacity",)
    if asked and not (asked.keys() <= set(own) and own is _WORKER_MEMBERS):
        return asked
    return {name: job[name] for name in own} | asked


def _merged_arguments(job: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, str]:
    return {
        **job.get("DefaultArguments", {}),
        **overrides.get("Arguments", {}),
        **job.get("NonOverridableArguments", {}),
    }
