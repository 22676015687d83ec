"""Starting Spark's JVM ourselves: no shell, no second JVM that only computes a command line.

What `spark-submit` would find out is known here already, which saves a second of every start.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from glueball_runtime import scala
from glueball_runtime.jars import present
from glueball_runtime.launch_error import LaunchError

_GATEWAY = "org.apache.spark.api.python.PythonGatewayServer"
#: how long a loaded machine may take to start a JVM
_START_SECONDS = 120.0
_POLL_SECONDS = 0.005

#: What Spark reflects on, from org.apache.spark.launcher.JavaModuleOptions. Spark 4 adds the module
#: jdk.incubator.vector there: only its linear algebra (MLlib) knows it, and is no faster for it, as
#: measured. Without it smaller builds of Java serve too, and no log begins with a warning.
_OPENED = (
    "java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio",
    "java.util", "java.util.concurrent", "java.util.concurrent.atomic", "jdk.internal.ref",
    "sun.nio.ch", "sun.nio.cs", "sun.security.action", "sun.util.calendar",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class JvmOptions:
    """What differs from one JVM to the next."""

    java: Path
    heap_mb: int
    properties: Mapping[str, str]
    #: jars of the job; `jars_first` puts them before Spark's own
    jars: tuple[Path, ...] = ()
    jars_first: bool = False
    flags: tuple[str, ...] = ()
    environment: Mapping[str, str]
    tmp: Path
    #: where the JVM's own output goes
    log_descriptor: int


class Gateway:
    """A JVM that is starting, and then waits for a Python process to use it."""

    def __init__(self, options: JvmOptions) -> None:
        """Start the JVM and return at once.

        Raises:
            LaunchError: there is no such program.
        """
        command_line = "\n".join(map(_quoted, _arguments(options)))
        self._folder = tempfile.TemporaryDirectory(dir=options.tmp, prefix="jvm-")
        self._contact = Path(self._folder.name) / "contact"
        arguments = Path(self._folder.name) / "arguments"
        # settings may hold secrets: a file of ours, not a command line that all can read
        arguments.touch(mode=0o600)
        arguments.write_text(command_line, encoding="utf-8")
        environment = {
            **options.environment,
            "_PYSPARK_DRIVER_CONN_INFO_PATH": str(self._contact),
            "SPARK_HOME": str(spark_home()),
            "SPARK_LOCAL_IP": "127.0.0.1",
        }
        try:
            self.process = subprocess.Popen(
                [str(options.java), f"@{arguments}", _GATEWAY],
                stdin=subprocess.PIPE,  # its end of file tells the JVM that we are gone
                stdout=options.log_descriptor,
                stderr=options.log_descriptor,
                env=environment,
            )
        except OSError as error:
            self._folder.cleanup()
            raise LaunchError(f"{options.java} could not be started: {error.strerror}.") from error

    def wait(self) -> tuple[int, str]:
        """Return port and secret of the gateway, as soon as it listens.

        Raises:
            LaunchError: the JVM ended, or did not listen in time.
        """
        deadline = time.monotonic() + _START_SECONDS
        while not self._contact.exists():
            if (code := self.process.poll()) is not None:
                raise LaunchError(
                    f"The Java machine of Spark ended with status {code} while it started; the "
                    "run's error log says why. Often the worker type asks for more memory than "
                    "the machine has."
                )
            if time.monotonic() > deadline:
                self.process.kill()
                raise LaunchError(
                    f"The Java machine of Spark did not start within {_START_SECONDS:.0f} seconds."
                )
            time.sleep(_POLL_SECONDS)
        port, secret = _read_contact(self._contact.read_bytes())
        self._folder.cleanup()
        return port, secret

    def close(self, seconds: float) -> None:
        """Let the JVM end by itself, in its own order.

        Raises:
            subprocess.TimeoutExpired: it did not within that time, and was killed.
        """
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def spark_home() -> Path:
    """Return where pyspark and its jars lie, without importing pyspark.

    Raises:
        LaunchError: the runtime has no pyspark.
    """
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise LaunchError("The runtime has no pyspark; run `glueball runtime install`.")
    return Path(spec.origin).parent


def spark_version() -> tuple[int, ...]:
    """Return the version of pyspark, (3, 5, 6) say, without importing it.

    Raises:
        LaunchError: the runtime has no pyspark.
    """
    for jar in (spark_home() / "jars").glob("spark-core_*.jar"):
        if match := re.fullmatch(r"spark-core_[\d.]+-([\d.]+)\.jar", jar.name):
            return tuple(int(part) for part in match[1].split("."))
    raise LaunchError("The runtime's pyspark is damaged: it has no jars. Remove the runtime.")


def class_archive(java: Path) -> Path:
    """Return where the classes that this Java keeps for Spark are (or would be) archived.

    An archive serves only the very Java that wrote it; a wrong one is ignored by the JVM.

    Raises:
        LaunchError: there is no such program.
    """
    real = java.resolve()
    try:
        key = f"{real}:{real.stat().st_mtime_ns}:{spark_home()}"
    except OSError as error:
        raise LaunchError(f"{java} could not be started: {error.strerror}.") from error
    name = hashlib.sha256(key.encode()).hexdigest()[:16]
    return Path(sys.prefix) / "share" / "glueball" / f"spark-{name}.jsa"


def _arguments(options: JvmOptions) -> list[str]:
    # in this order, as a class archive serves only class paths that begin like its own
    spark = [*sorted((spark_home() / "jars").glob("*.jar")), *present(spark_version())]
    spark += filter(None, [scala.find_jar(spark_home())])
    jars = [*options.jars, *spark] if options.jars_first else [*spark, *options.jars]
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED]
    return [
        "-cp",
        os.pathsep.join(map(str, jars)),
        f"-Xmx{options.heap_mb}m",
        "-XX:+IgnoreUnrecognizedVMOptions",
        *opened,
        "--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
        "-Djdk.reflect.useDirectMethodHandle=false",
        *_sharing(options.java),
        *options.flags,
        *(f"-D{name}={value}" for name, value in options.properties.items()),
    ]


def _sharing(java: Path) -> Sequence[str]:
    archive = class_archive(java)
    if not archive.is_file():
        return ()
    return (f"-XX:SharedArchiveFile={archive}", "-Xshare:auto", "-Xlog:cds=off", "-Xlog:cds*=off")


def _quoted(argument: str) -> str:
    """Write one argument of a java argument file (JDK tools, "java @argfiles")."""
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    for character, letter in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"), ("\f", "\\f")):
        escaped = escaped.replace(character, letter)
    return f'"{escaped}"'


def _read_contact(data: bytes) -> tuple[int, str]:
    """Read what PythonGatewayServer writes: port and secret, as DataOutputStream does."""
    port, length = struct.unpack_from(">ii", data)
    return port, data[8 : 8 + length].decode("utf-8")
