"""The Scala part of the runtime, compiled once for each version of Spark.

PySpark brings the Scala compiler in its own jars, so any Java is enough: no JDK, no build tool.
`python -m glueball_runtime.scala [JAVA]` compiles it now; else the first run that needs it does.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from glueball_runtime import jars
from glueball_runtime.launch_error import LaunchError

_SOURCES = Path(__file__).parent / "jvm"
#: what the compiler needs for its deepest recursion
_STACK = "-Xss8m"
#: a time that every zip program accepts: the same sources give the same jar
_MOMENT = (1980, 1, 1, 0, 0, 0)


def jar(java: Path, spark: Path) -> Path:
    """Return the jar of the Scala sources for the installed Spark, compiled if it is not there.

    Several processes may ask at once: one compiles, the others wait for it.

    Args:
        java: any Java that Spark runs on.
        spark: where pyspark and its jars lie.

    Raises:
        LaunchError: they could not be compiled; the text holds what the compiler said.
    """
    if (made := find_jar(spark)) is not None:
        return made
    target = _folder() / _name(spark)
    with _lock(target.with_suffix(".lock")):
        if not target.is_file():
            _make(java, spark, target)
    return target


def find_jar(spark: Path) -> Path | None:
    """Return the jar if it was compiled before."""
    name = _name(spark)
    return next((place / name for place in _folders() if (place / name).is_file()), None)


def _name(spark: Path) -> str:
    digest = hashlib.sha256()
    for source in sources():
        digest.update(f"{source.name}\0".encode())
        digest.update(source.read_bytes())
    for part in ("spark-sql_*", "scala-library-*"):  # their names hold the versions
        digest.update("".join(sorted(path.name for path in (spark / "jars").glob(part))).encode())
    return f"glueball-{digest.hexdigest()[:16]}.jar"


def sources() -> list[Path]:
    """Return the Scala files; those for Ion only where Ion's library is."""
    ion = sorted(_SOURCES.glob("ion/*.scala")) if _ion() else []
    return [*sorted(_SOURCES.glob("*.scala")), *ion]


def reads_ion() -> bool:
    """Tell whether the part for Ion is compiled with the others."""
    return bool(_ion())


def _ion() -> list[Path]:
    """Return the jars that only the part for Ion needs, if they are there."""
    needed = [jars.folder() / jar.file for jar in jars.groups(())["Ion"]]
    return needed if all(path.is_file() for path in needed) else []


def _folders() -> list[Path]:
    """Return where the jar may be: with the runtime, or with the user who may not write there."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return [Path(sys.prefix) / "share" / "glueball", Path(cache) / "glueball"]


def _folder() -> Path:
    for place in _folders():
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(place, os.W_OK):
            return place
    raise LaunchError(
        "The Scala part of the runtime has no place to be kept in. Make one of these writable: "
        f"{', '.join(map(str, _folders()))}."
    )


def _make(java: Path, spark: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="compiling-") as folder:
        classes = Path(folder) / "classes"
        classes.mkdir()
        _compile(java, spark, classes)
        fresh = Path(folder) / target.name
        _pack(classes, fresh)
        fresh.replace(target)


def _compile(java: Path, spark: Path, classes: Path) -> None:
    compiler = "scala.tools.nsc.Main"
    path = os.pathsep.join([f"{spark / 'jars'}{os.sep}*", *map(str, _ion())])
    command = [str(java), _STACK, "-cp", path, compiler]
    command += ["-usejavacp", "-nowarn", "-d", str(classes), *map(str, sources())]
    # Variables that add options to every Java print a line each, and may not suit this one.
    environment = {
        name: value for name, value in os.environ.items() if not name.endswith("JAVA_OPTIONS")
    }
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    except OSError as error:
        raise LaunchError(f"{java} could not be started: {error.strerror}.") from error
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()[-4000:]
        raise LaunchError(f"The Scala part of the runtime could not be compiled: {said}")


def _pack(classes: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(classes.rglob("*.class")):
            entry = zipfile.ZipInfo(path.relative_to(classes).as_posix(), _MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, path.read_bytes())


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main(given: Sequence[str]) -> int:
    """Compile with the given Java, or that of the runtime; return the exit status."""
    # These ask this module for the jar.
    from glueball_runtime.java import find_java
    from glueball_runtime.jvm import spark_home

    try:
        made = jar(find_java(Path(given[0]) if given else None), spark_home())
    except (LaunchError, OSError) as error:
        sys.stdout.write(f"{error}\n")
        return 1
    sys.stdout.write(f"Compiled {made}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
