"""What the service says about the run that this process has to start."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glueball_runtime.launch_error import LaunchError

#: set by the supervisor: the descriptor of the arguments whose values launch.json masks
SECRETS_DESCRIPTOR = "GLUEBALL_SECRETS_FD"


@dataclass(frozen=True, kw_only=True, slots=True)
class Specification:
    """The `run` part of launch.json."""

    directory: Path  #: the run's own, with work/ and tmp/
    run_id: str
    job_name: str
    job_id: str
    command: str  #: "glueetl", "gluestreaming" or "pythonshell"
    script_location: str
    arguments: Mapping[str, str]
    glue_version: str
    cores: int
    memory_mb: int
    number_of_workers: int  #: 0 where nobody said
    region: str
    account_id: str
    objects_root: Path
    modules_root: Path
    notify_fifo: Path
    java: Path | None  #: None: the runtime's own
    notes: tuple[str, ...]
    secrets: tuple[str, ...] = field(
        default=(), repr=False
    )  #: values of arguments that no file may show

    @property
    def uses_spark(self) -> bool:
        return self.command != "pythonshell"

    @property
    def work(self) -> Path:
        return self.directory / "work"

    @property
    def tmp(self) -> Path:
        return self.directory / "tmp"

    @property
    def default_temp_dir(self) -> str:
        """The place that Glue Studio gives to jobs that name none."""
        return f"s3://aws-glue-assets-{self.account_id}-{self.region}/temporary/"

    @property
    def temp_dir(self) -> str:
        return self.arguments.get("--TempDir") or self.default_temp_dir


def load(path: Path) -> Specification:
    """Read launch.json.

    Raises:
        LaunchError: it is missing or malformed; the text names the file and the fault.
    """
    try:
        launch = json.loads(path.read_bytes())
    except OSError as error:
        raise LaunchError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise LaunchError(f"{path} is not JSON: {error}.") from error
    run = launch.get("run") if isinstance(launch, dict) else None
    if not isinstance(run, dict):
        raise LaunchError(f'{path} lacks the object "run".')
    try:
        return _read(path.parent, run, _secrets())
    except KeyError as error:
        raise LaunchError(f"{path} lacks the member {error} of run.") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise LaunchError(f"{path} has a member of a wrong type: {error}.") from error


def _secrets() -> dict[str, str]:
    """Return the arguments that launch.json masks; they can be read once.

    Raises:
        ValueError: what the supervisor wrote is not a JSON object.
    """
    number = os.environ.pop(SECRETS_DESCRIPTOR, None)
    if number is None:
        return {}
    with os.fdopen(int(number), "rb") as file:
        return dict(json.loads(file.read()))


def _read(directory: Path, run: Mapping[str, Any], secrets: Mapping[str, str]) -> Specification:
    return Specification(
        directory=directory,
        run_id=str(run["run_id"]),
        job_name=str(run["job_name"]),
        job_id=str(run["job_id"]),
        command=str(run["command"]),
        script_location=str(run["script_location"]),
        arguments={
            **{str(name): str(value) for name, value in run["arguments"].items()},
            **secrets,
        },
        glue_version=str(run["glue_version"]),
        cores=int(run["cores"]),
        memory_mb=int(run["memory_mb"]),
        number_of_workers=int(run["number_of_workers"]),
        region=str(run["region"]),
        account_id=str(run["account_id"]),
        objects_root=Path(run["objects_root"]),
        modules_root=Path(run["modules_root"]),
        notify_fifo=Path(run["notify_fifo"]),
        java=Path(run["java"]) if run["java"] else None,
        notes=tuple(str(note) for note in run["notes"]),
        secrets=tuple(secrets.values()),
    )
