"""The run that this process belongs to, as the launcher described it.

`GLUEBALL_RUN_SPEC` names the file. Without it the process belongs to no run: a script that a
developer starts by hand, or a unit test.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glueball_runtime import jvm
from glueball_runtime.errors import RunSpecUnreadable
from glueball_runtime.launch_error import LaunchError

#: the environment variable that names the run's launch.json
RUN_SPEC = "GLUEBALL_RUN_SPEC"
#: the version that counts where nothing says another one
DEFAULT_GLUE_VERSION = "5.1"
#: the version that counts outside of runs where Spark 4 is installed
_ON_SPARK_4 = "6.0"


@dataclass(frozen=True, kw_only=True, slots=True)
class CurrentRun:
    """What a script's process knows of its run."""

    job_name: str
    run_id: str
    token: str  #: fencing token of this attempt; only its holder may write results
    arguments: Mapping[str, str]  #: the job's resolved arguments, names with their leading "--"
    endpoint_url: str
    region: str
    glue_version: str
    #: whether connections may have driver options that read files or run code
    allow_unsafe_connections: bool = False


def current_run() -> CurrentRun | None:
    """Return the run of this process, or None outside a service.

    Raises:
        RunSpecUnreadable: GLUEBALL_RUN_SPEC names a file that does not describe a run.
    """
    path = os.environ.get(RUN_SPEC)
    return None if not path else read_run(Path(path))


def glue_version() -> str:
    """Return the version of Glue whose rules count: the run's; outside a run that of the Spark
    which is installed.

    Raises:
        RunSpecUnreadable: GLUEBALL_RUN_SPEC names a file that does not describe a run.
    """
    if (run := current_run()) is not None:
        return run.glue_version
    try:
        return _ON_SPARK_4 if jvm.spark_version() >= (4,) else DEFAULT_GLUE_VERSION
    except LaunchError:  # a Python shell script, which needs no Spark
        return DEFAULT_GLUE_VERSION


def read_run(path: Path) -> CurrentRun:
    """Read the run that a launch.json describes.

    Raises:
        RunSpecUnreadable: it is missing, or does not describe a run.
    """
    try:
        launch = json.loads(path.read_text(encoding="utf-8"))
        return _from_launch(launch)
    except (OSError, ValueError) as error:
        raise RunSpecUnreadable(str(path), str(error)) from error
    except (KeyError, TypeError, AttributeError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise RunSpecUnreadable(str(path), reason) from error


def _from_launch(launch: Mapping[str, Any]) -> CurrentRun:
    run = launch["run"]
    return CurrentRun(
        job_name=run["job_name"],
        run_id=run["run_id"],
        token=launch["token"],
        arguments=dict(run["arguments"]),
        endpoint_url=run["endpoint_url"],
        region=run["region"],
        glue_version=run.get("glue_version") or DEFAULT_GLUE_VERSION,
        allow_unsafe_connections=bool(run.get("allow_unsafe_connections")),
    )
