"""Spark on this machine outside of any run: for unit tests, notebooks and trying things out.

It is started as that of a run is: no shell, no Spark script, `s3://` served from files.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glueball_runtime import jars, jvm
from glueball_runtime.java import find_java
from glueball_runtime.launch_error import LaunchError
from glueball_runtime.spark import LOGGING, mount, s3_from_files

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: what runs have and a laptop's own defaults differ in: 2 cores, 2 partitions, UTC, no web server
SETTINGS = {
    "spark.master": "local[2]",
    "spark.app.name": "glueball",
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
    "user.timezone": "UTC",
}
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_MEBIBYTES = {"m": 1, "g": 1024}
_END_SECONDS = 30.0
#: of the JVM's log, when it does not start
_LAST_LINES = 5


class LocalSpark:
    """A Spark session, and buckets that are directories.

    While it lives, the time zone of this process is UTC, as that of every run is.

    Args:
        folder: an empty directory for all that Spark writes: `spark.log`, its warehouse, buckets.
        settings: Spark's, over SETTINGS; `spark.driver.memory` in whole "m" or "g".

    Raises:
        LaunchError: there is a session already, no Java, or Java did not start.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        from pyspark import SparkContext
        from pyspark.sql import SparkSession

        if SparkContext._active_spark_context is not None:
            raise LaunchError("Spark runs in this process already; stop that session first.")
        self._folder = folder
        self._zone = os.environ.get("TZ")
        _set_zone("UTC")
        self._gateway = self._start({**SETTINGS, **(settings or {})})
        with _environment(self._connection()):
            self.session: SparkSession = SparkSession.builder.getOrCreate()
        self._mounted: dict[str, Path] = {}

    def bucket(self, name: str) -> Path:
        """Return the directory that `s3://<name>/` is: the same for the same name.

        Raises:
            ValueError: no bucket can be named so, or the name begins like another one's and a dot.
        """
        if name not in self._mounted:
            self.mount(name, self._folder / "buckets" / name)
        return self._mounted[name]

    def mount(self, name: str, directory: Path) -> None:
        """Let `s3://<name>/` be a directory, which is made if it is missing.

        Raises:
            ValueError: as `bucket` does, or the bucket is another directory already.
        """
        if not _BUCKET.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a bucket: 3 to 63 of a-z, 0-9, '-' and '.'.")
        for other in self._mounted:
            if name == other or name.startswith(f"{other}.") or other.startswith(f"{name}."):
                raise ValueError(f"The bucket {name!r} collides with {other!r}; rename one.")
        directory.mkdir(parents=True, exist_ok=True)
        context: Any = self.session.sparkContext
        context._jsc.hadoopConfiguration().set(*mount(name, directory))
        self._mounted[name] = directory

    def close(self) -> None:
        """Stop the session and its JVM."""
        from pyspark import SparkContext

        self.session.stop()
        gateway: Any = SparkContext._gateway
        gateway.shutdown()
        # so that another session of this process starts a JVM of its own
        SparkContext._gateway = SparkContext._jvm = None
        self._gateway.close(_END_SECONDS)
        _set_zone(self._zone)

    def _start(self, settings: Mapping[str, str]) -> jvm.Gateway:
        tmp = self._folder / "tmp"
        tmp.mkdir(parents=True)
        extra = jars.present(jvm.spark_version())
        properties = {
            "spark.local.dir": str(tmp),
            "spark.sql.warehouse.dir": (self._folder / "warehouse").as_uri(),
            "java.io.tmpdir": str(tmp),
            "derby.system.home": str(tmp),
            "spark.jars": ",".join(jar.as_uri() for jar in extra),
            **s3_from_files(),
            **LOGGING,
            **settings,
        }
        with (self._folder / "spark.log").open("ab") as log:
            options = jvm.JvmOptions(
                java=find_java(),
                heap_mb=_mebibytes(settings["spark.driver.memory"]),
                properties=properties,
                jars=_class_path(properties["spark.jars"]),
                environment={**os.environ, "PYSPARK_PYTHON": sys.executable},
                tmp=tmp,
                log_descriptor=log.fileno(),
            )
            return jvm.Gateway(options)

    def _connection(self) -> dict[str, str]:
        try:
            port, secret = self._gateway.wait()
        except LaunchError as error:
            log = (self._folder / "spark.log").read_text("utf-8", "replace").splitlines()
            raise LaunchError("\n".join([str(error), *log[-_LAST_LINES:]])) from error
        return {
            "PYSPARK_GATEWAY_PORT": str(port),
            "PYSPARK_GATEWAY_SECRET": secret,
            "PYSPARK_PYTHON": sys.executable,
        }


def _class_path(spark_jars: str) -> tuple[Path, ...]:
    return tuple(Path(jar.removeprefix("file://")) for jar in spark_jars.split(",") if jar)


def _mebibytes(text: str) -> int:
    number, unit = text[:-1], text[-1:].lower()
    if unit not in _MEBIBYTES or not number.isdecimal():
        raise ValueError(f"spark.driver.memory is {text!r}; write it as 700m or 2g.")
    return int(number) * _MEBIBYTES[unit]


def _set_zone(name: str | None) -> None:
    if name is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = name
    time.tzset()


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables for a moment: children of this process must not find our JVM."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
