"""Which runtime a job gets.

Versions of Glue: https://docs.aws.amazon.com/glue/latest/dg/release-notes.html
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from glueball.core.errors import ConfigurationError
from glueball.core.glue_versions import DEFAULT_GLUE_VERSION
from glueball.launchers import java
from glueball.launchers.java import Requirement


@dataclass(frozen=True, kw_only=True, slots=True)
class Runtime:
    """A virtual environment that scripts run in; its packages are in `pins/<name>.txt`."""

    name: str
    #: interpreters that its pins suit, best first
    pythons: tuple[tuple[int, int], ...]
    #: None: no script of it uses Spark
    java: Requirement | None = None


_RUNTIMES = (
    Runtime(name=DEFAULT_GLUE_VERSION, pythons=((3, 11), (3, 12)), java=java.SPARK_3_5),
    Runtime(name="6.0", pythons=((3, 13), (3, 12), (3, 11)), java=java.SPARK_4_1),
    Runtime(name="shell", pythons=((3, 11), (3, 12))),
)
RUNTIMES = {runtime.name: runtime for runtime in _RUNTIMES}
NAMES = tuple(RUNTIMES)

#: the runtime of Spark jobs that name no version, the next one, and that of Python shell jobs
SPARK, SPARK4, SHELL = NAMES

#: how a job says that it leaves the version to us
DEFAULT = ("", "auto")

_SERVED = {**dict.fromkeys((*DEFAULT, "5.1", "5.0"), SPARK), "6.0": SPARK4}
#: served by a newer Spark than AWS has for them, and say so
_NEAREST = ("4.0", "3.0")
_NEAREST_NOTE = "Glue {version} jobs run on the 5.1 runtime here (Spark 3.5.6, Python {python})."


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Which runtime a run gets."""

    name: str
    #: a sentence for the run's log when it is not quite what the job asked for; else ""
    note: str = ""


def choose(command: str, glue_version: str, python_version: str = "3") -> Choice:
    """Return the runtime for a job.

    Args:
        command: "glueetl", "gluestreaming" or "pythonshell".
        glue_version: as in the job; "" and "auto" mean the default, 5.1. Python shell jobs
            ignore it.
        python_version: as in the job's command.

    Raises:
        ConfigurationError: no runtime can run it; the text says what to change.
    """
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    if command == "pythonshell":
        differs = python_version not in ("3", ours)
        note = f"Python {python_version} was asked for; Python shell jobs run on {ours} here."
        return Choice(name=SHELL, note=note if differs else "")
    if command not in ("glueetl", "gluestreaming"):
        raise ConfigurationError(
            f"Jobs of the command {command!r} cannot run here; glueetl, gluestreaming and "
            "pythonshell can."
        )
    if served := _SERVED.get(glue_version):
        return Choice(name=served)
    if glue_version in _NEAREST:
        return Choice(name=SPARK, note=_NEAREST_NOTE.format(version=glue_version, python=ours))
    raise ConfigurationError(
        f"There is no runtime for Glue {glue_version}; set the job's GlueVersion to 5.1 or 6.0 "
        "(5.0, 4.0 and 3.0 are accepted too)."
    )
