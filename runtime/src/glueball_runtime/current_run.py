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

from glueball_runtime.errors import RunSpecUnreadable

#: the environment variable that names the run's launch.json
RUN_SPEC = "GLUEBALL_RUN_SPEC"
#: the version that counts outside a run: the newest one that this runtime serves
DEFAULT_GLUE_VERSION = "5.1"


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


def current_run() -> CurrentRun | None:
    """Return the run of this process, or None outside a service.

    Raises:
        RunSpecUnreadable: GLUEBALL_RUN_SPEC names a file that does not describe a run.
    """
    path = os.environ.get(RUN_SPEC)
    return None if not path else read_run(Path(path))


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
    )
