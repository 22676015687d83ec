"""Fetching the jars of `glueball_runtime.jars` with Apache Ivy, which Spark brings along.

`python -m glueball_runtime.ivy [JAVA]` fetches what is missing. From where is Ivy's to know: its
own default is Maven Central; settings of the user's own are found in `GLUEBALL_IVY_SETTINGS` or in
`~/.ivy2/ivysettings.xml` (https://ant.apache.org/ivy/history/2.5.1/settings.html).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from glueball_runtime import jars, jvm
from glueball_runtime.jars import Jar
from glueball_runtime.java import find_java
from glueball_runtime.launch_error import LaunchError

#: the environment variable that names the user's own settings of Ivy
SETTINGS = "GLUEBALL_IVY_SETTINGS"
#: a network that answers nothing must not hold an installation up for ever
_SECONDS = 300.0
_MODULE = """<ivy-module version="2.0">
  <info organisation="glueball" module="jars"/>
  <configurations><conf name="default"/></configurations>
  <dependencies>{dependencies}</dependencies>
</ivy-module>
"""


def install(java: Path, environment: Mapping[str, str]) -> list[str]:
    """Fetch the jars that are missing; return the features that still lack one.

    Raises:
        LaunchError: there is no pyspark, or no such Java.
    """
    spark = jvm.spark_version()
    wanted = jars.missing(spark)
    if not wanted:
        return []
    # All at once is one start of Java. Ivy keeps nothing when one is not found, so then each
    # feature gets its own try.
    if not _fetch(java, [jar for group in wanted.values() for jar in group], environment):
        for group in wanted.values():
            _fetch(java, group, environment)
    return list(jars.missing(spark))


def module(wanted: Iterable[Jar]) -> str:
    """Return the file that tells Ivy what to fetch: these jars and nothing that they name."""
    lines = (
        f"<dependency org={quoteattr(jar.organisation)} name={quoteattr(jar.name)} "
        f'rev={quoteattr(jar.version)} conf="default->default" transitive="false"/>'
        for jar in wanted
    )
    return _MODULE.format(dependencies="".join(lines))


def settings(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the option of Ivy that names the user's own settings, if there are any."""
    given = environment.get(SETTINGS)
    path = Path(given) if given else Path.home() / ".ivy2" / "ivysettings.xml"
    return ("-settings", str(path)) if given or path.is_file() else ()


def _fetch(java: Path, wanted: Iterable[Jar], environment: Mapping[str, str]) -> bool:
    """Fetch jars, all or none; of a failure Ivy's own words go to the standard output."""
    place = jars.folder()
    place.mkdir(parents=True, exist_ok=True)
    # beside their final place, so that each arrives there whole, by a rename
    with tempfile.TemporaryDirectory(dir=place, prefix=".fetch-") as name:
        scratch = Path(name)
        (scratch / "ivy.xml").write_text(module(wanted), encoding="utf-8")
        fetched = scratch / "jars"
        if not _ivy(java, scratch, fetched, environment):
            return False
        for file in fetched.glob("*.jar"):
            file.replace(place / file.name)
    return True


def _ivy(java: Path, scratch: Path, target: Path, environment: Mapping[str, str]) -> bool:
    spark = jvm.spark_home() / "jars"
    # Ivy reads its command line with the other
    needed = [*spark.glob("ivy-*.jar"), *spark.glob("commons-cli-*.jar")]
    command = [
        str(java),
        *("-cp", os.pathsep.join(map(str, needed))),
        "org.apache.ivy.Main",
        *settings(environment),
        *("-ivy", str(scratch / "ivy.xml")),
        *("-cache", str(scratch / "cache")),
        *("-retrieve", f"{target}/[artifact]-[revision].[ext]"),
        "-warn",
    ]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except OSError as error:
        raise LaunchError(f"{java} could not be started: {error.strerror}.") from error
    except subprocess.TimeoutExpired:
        sys.stdout.write(f"Ivy got no answer within {_SECONDS:.0f} seconds.\n")
        return False
    if done.returncode != 0:
        sys.stdout.write((done.stdout + done.stderr).decode(errors="replace"))
    return done.returncode == 0


def main(given: Sequence[str]) -> int:
    """Fetch what is missing with the given Java, or that of the runtime; return the status."""
    try:
        java = find_java(Path(given[0]) if given else None)
        lacking = install(java, os.environ)
    except (LaunchError, OSError) as error:
        sys.stdout.write(f"{error}\n")
        return 1
    if lacking:
        sys.stdout.write(f"No jars could be fetched for: {', '.join(lacking)}.\n")
        return 1
    sys.stdout.write(f"The jars are in {jars.folder()}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
