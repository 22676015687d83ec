"""Spark as a run gets it: on this machine, with s3:// served from files."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from glueball_runtime import arguments, jvm
from glueball_runtime.java import find_java
from glueball_runtime.launch_error import InvalidArgument
from glueball_runtime.objects import buckets
from glueball_runtime.scripts import PythonFiles
from glueball_runtime.specification import Specification

#: Hadoop's own file system that maps s3://bucket/ to a folder; it is part of stock PySpark
_VIEW_FS = "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme"
_SCHEMES = ("s3", "s3a", "s3n")
#: Hadoop's default for s3a:// is a class of its S3 client, which files need not and PySpark has not
_S3A_COMMITTER = {
    "spark.hadoop.mapreduce.outputcommitter.factory.scheme.s3a": (
        "org.apache.hadoop.mapreduce.lib.output.FileOutputCommitterFactory"
    )
}

#: what a job may write in `--conf` and what has no effect here, with the reason for its log
_IGNORED = {
    "spark.master": "runs are local to this machine",
    "spark.submit.deployMode": "runs are local to this machine",
    "spark.driver.memory": "the worker type decides",
    "spark.driver.host": "runs are local to this machine",
    "spark.driver.bindAddress": "runs are local to this machine",
    "spark.jars.packages": "bring jars by --extra-jars",
    **{f"spark.hadoop.fs.{scheme}.impl": "s3:// is served from files" for scheme in _SCHEMES},
}
_JAVA_OPTIONS = "spark.driver.extraJavaOptions"
_CLASS_PATH = "spark.driver.extraClassPath"
#: options that only tune the JVM; agents and options that start programs are not among them
_HARMLESS = (
    "-D", "-XX:", "-Xss", "-Xlog:", "-verbose:", "--add-opens=", "--add-exports=", "--add-modules=",
)  # fmt: skip
_HARMFUL = ("-XX:OnError", "-XX:OnOutOfMemoryError", "-XX:Flags", "-XX:VMOptionsFile")


_PATTERN = "glueball.log.pattern"
#: the JVM's log goes to its standard error, in the form that AWS documents as the default of
#: --continuous-log-conversionPattern
LOGGING = {
    "log4j2.configurationFile": str(resources.files("glueball_runtime") / "log4j2.properties"),
    _PATTERN: "%d{yy/MM/dd HH:mm:ss} %p %c{1}: %m%n",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """All that the JVM of a run is told."""

    properties: dict[str, str]
    flags: tuple[str, ...]
    jars: tuple[Path, ...]
    notes: tuple[str, ...]  #: for the run's log


def settings(specification: Specification, files: PythonFiles, jars: tuple[Path, ...]) -> Settings:
    """Return Spark's settings for a run: ours, then those that the job gives.

    Raises:
        InvalidArgument: the job gives one that is refused.
    """
    given = arguments.spark_conf(specification.arguments.get("--conf", ""))
    notes = [f"--conf {key} has no effect: {_IGNORED[key]}." for key in given if key in _IGNORED]
    if "--enable-glue-datacatalog" in specification.arguments:
        notes.append(
            "--enable-glue-datacatalog has no effect: Spark SQL does not see the Data Catalog. "
            "create_dynamic_frame.from_catalog and create_data_frame.from_catalog read its tables."
        )
    if formats := specification.arguments.get("--datalake-formats"):
        notes.append(f"--datalake-formats {formats} brings no jars: name them in --extra-jars.")
    given = {key: value for key, value in given.items() if key not in _IGNORED}
    _refuse_mounts(given)
    flags = _java_flags(given.pop(_JAVA_OPTIONS, ""))
    extra = tuple(Path(part) for part in given.pop(_CLASS_PATH, "").split(os.pathsep) if part)
    mounted, unmounted = mounts(specification.objects_root, specification.default_temp_dir)
    notes += [
        f"s3://{bucket}/ is not visible to Spark: there is also a bucket that is named like its "
        "beginning. Use bucket names without dots."
        for bucket in unmounted
    ]
    properties = {
        **_basics(specification),
        **_shipped(files, jars),
        **_event_log(specification),
        **_auto_scaling(specification),
        **_executor_variables(specification),
        **given,
        **mounted,
        **_logging(specification),
    }
    return Settings(properties=properties, flags=flags, jars=(*jars, *extra), notes=tuple(notes))


def launch(
    specification: Specification,
    chosen: Settings,
    environment: Mapping[str, str],
    log_descriptor: int,
) -> jvm.Gateway:
    """Start the JVM of a run.

    Raises:
        LaunchError: there is no Java, or it could not be started.
    """
    options = jvm.JvmOptions(
        java=find_java(specification.java),
        heap_mb=specification.memory_mb,
        properties=chosen.properties,
        jars=chosen.jars,
        jars_first=specification.arguments.get("--user-jars-first", "").lower() == "true",
        flags=chosen.flags,
        environment=environment,
        tmp=specification.tmp,
        log_descriptor=log_descriptor,
    )
    return jvm.Gateway(options)


def mounts(root: Path, temp_dir: str) -> tuple[dict[str, str], list[str]]:
    """Return the settings by which Spark sees every bucket, and the buckets it cannot see.

    `fs.viewfs.overload.scheme.target` is never set: with it a bucket that does not exist would
    be looked for on the host. The bucket of the default TempDir comes into being by its first use.
    Hadoop takes the setting of a bucket "a.b" for a faulty one of a bucket "a"; so when there are
    both, "a.b" is left out.
    """
    names = {*buckets(root), temp_dir.removeprefix("s3://").partition("/")[0]}
    hidden = sorted(name for name in names if any(name.startswith(f"{n}.") for n in names))
    settings = s3_from_files()
    for name in sorted(names.difference(hidden)):
        key, value = mount(name, root / name)
        settings[f"spark.hadoop.{key}"] = value
    return settings, hidden


def s3_from_files() -> dict[str, str]:
    """Return the settings by which Spark looks for s3:// among its mounts, and writes to them."""
    settings = {f"spark.hadoop.fs.{scheme}.impl": _VIEW_FS for scheme in _SCHEMES}
    return {**settings, **_S3A_COMMITTER}


def mount(bucket: str, directory: Path) -> tuple[str, str]:
    """Return Hadoop's setting, key and value, by which a bucket is a directory."""
    return f"fs.viewfs.mounttable.{bucket}.linkFallback", directory.as_uri()


def _basics(specification: Specification) -> dict[str, str]:
    tmp = specification.tmp
    return {
        "spark.master": f"local[{specification.cores}]",
        "spark.app.name": specification.job_name,
        "spark.driver.memory": f"{specification.memory_mb}m",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": str(tmp),
        "spark.sql.warehouse.dir": (tmp / "spark-warehouse").as_uri(),
        # a bucket is a folder of this machine; asking where its blocks are starts a process a file
        "spark.sql.sources.ignoreDataLocality": "true",
        # adaptive execution joins small partitions but never splits one that is only large
        "spark.sql.shuffle.partitions": str(max(8, 2 * specification.cores)),
        "spark.glue.GLUE_VERSION": specification.glue_version,
        "spark.glue.JOB_NAME": specification.job_name,
        "spark.glue.JOB_RUN_ID": specification.run_id,
        "java.io.tmpdir": str(tmp),
        "derby.system.home": str(tmp),
        "user.timezone": "UTC",
    }


def _auto_scaling(specification: Specification) -> dict[str, str]:
    """Return what lets Spark take and give back executors (auto-scaling.html): NumberOfWorkers is
    the most, the driver's worker included. Where everything runs in one process Spark passes it
    over."""
    if specification.arguments.get("--enable-auto-scaling", "").lower() != "true":
        return {}
    return {
        "spark.dynamicAllocation.enabled": "true",
        "spark.dynamicAllocation.shuffleTracking.enabled": "true",
        "spark.dynamicAllocation.minExecutors": "1",
        "spark.dynamicAllocation.maxExecutors": str(max(1, specification.number_of_workers - 1)),
    }


def _shipped(files: PythonFiles, jars: tuple[Path, ...]) -> dict[str, str]:
    shipped = {}
    if files.ship:
        shipped["spark.submit.pyFiles"] = ",".join(map(str, files.ship))
    if jars:
        shipped["spark.jars"] = ",".join(jar.as_uri() for jar in jars)
    return shipped


def _event_log(specification: Specification) -> dict[str, str]:
    given = specification.arguments
    place = given.get("--spark-event-logs-path", "")
    if given.get("--enable-spark-ui", "").lower() != "true" or not place:
        return {}
    bucket, _, prefix = re.sub("^s3[an]?://", "", place).partition("/")
    if bucket in buckets(specification.objects_root) and ".." not in prefix.split("/"):
        # Spark wants the folder to be there
        (specification.objects_root / bucket / prefix).mkdir(parents=True, exist_ok=True)
    return {"spark.eventLog.enabled": "true", "spark.eventLog.dir": place}


def _executor_variables(specification: Specification) -> dict[str, str]:
    variables = arguments.customer_variables(
        specification.arguments, "--customer-executor-env-vars"
    )
    return {f"spark.executorEnv.{name}": value for name, value in variables.items()}


def _logging(specification: Specification) -> dict[str, str]:
    pattern = specification.arguments.get("--continuous-log-conversionPattern", "")
    return {**LOGGING, _PATTERN: pattern} if pattern else LOGGING


def _refuse_mounts(given: Mapping[str, str]) -> None:
    for key in given:
        if key.startswith("spark.hadoop.fs.viewfs."):
            raise InvalidArgument("--conf", key, "Where s3:// leads is the service's to say.")


def _java_flags(text: str) -> tuple[str, ...]:
    try:
        flags = shlex.split(text)
    except ValueError as error:
        raise InvalidArgument("--conf", f"{_JAVA_OPTIONS}={text}", f"{error}.") from error
    for flag in flags:
        if not flag.startswith(_HARMLESS) or flag.startswith(_HARMFUL):
            raise InvalidArgument(
                "--conf",
                f"{_JAVA_OPTIONS}={flag}",
                f"Options that begin with {', '.join(_HARMLESS)} serve; agents, programs to start "
                "and the size of the heap do not.",
            )
    return tuple(flags)
