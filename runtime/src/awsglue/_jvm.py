"""The few things that PySpark offers only through its JVM gateway. No other module touches py4j."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from awsglue._errors import PathNotFoundError, UnreadableFileError, UnwritableFieldError
from glueball_runtime import scala as compiled
from glueball_runtime.jvm import spark_home


@dataclass(frozen=True, kw_only=True, slots=True)
class FileStatus:
    """A file or directory, as Hadoop lists it."""

    path: str  #: with its scheme, not percent-encoded
    is_directory: bool
    modified_ms: int  #: milliseconds since the epoch
    size: int  #: bytes


class FileSystem:
    """Hadoop's view of the place that a path is in: `s3://`, `file:` or any other scheme."""

    def __init__(self, spark: SparkSession) -> None:
        self._spark = spark
        context = spark.sparkContext
        self._jvm: Any = context._jvm
        self._configuration: Any = context._jsc.hadoopConfiguration()

    def _open(self, path: str) -> tuple[Any, Any]:
        require_inside(path)
        place = self._jvm.org.apache.hadoop.fs.Path(path)
        try:
            return place.getFileSystem(self._configuration), place
        except Py4JJavaError as error:
            if "No FileSystem for scheme" not in str(error):
                raise
            scheme = path.partition(":")[0]
            raise ValueError(
                f"{path} cannot be reached: Spark knows no file system {scheme!r}. Write s3:// or "
                "file:, or bring its jar by --extra-jars."
            ) from error

    def status(self, path: str) -> FileStatus | None:
        """Return what is at a path; None when there is nothing, or no such bucket."""
        try:
            files, place = self._open(path)
            return _status(files.getFileStatus(place))
        except Py4JJavaError as error:
            if _is_absence(error):
                return None
            raise

    def has_bucket(self, address: str) -> bool:
        """Tell whether there is the bucket of an address, `s3://name`.

        Its root tells nothing: only what is inside of it makes Hadoop look.
        """
        files, place = self._open(f"{address}/_")
        try:
            files.getFileStatus(place)
        except Py4JJavaError as error:
            if _is_absence(error):
                return not any(sign in str(error) for sign in _NO_BUCKET)
            raise
        return True

    def glob(self, pattern: str) -> list[FileStatus]:
        """Return what matches a path with `*`, `?`, `[…]` or `{…}`."""
        try:
            files, place = self._open(pattern)
            return [_status(one) for one in files.globStatus(place) or ()]
        except Py4JJavaError as error:
            if _is_absence(error):
                return []
            raise

    def list(self, directory: str) -> list[FileStatus]:
        """Return what is in a directory."""
        files, place = self._open(directory)
        return [_status(one) for one in files.listStatus(place)]

    def walk(self, directory: str) -> Iterator[FileStatus]:
        """Yield every file below a directory that Spark would read: no `_temporary`, no `.crc`."""
        require_inside(directory)
        found = scala(self._spark).below(self._spark._jsparkSession, directory)
        for path, size, modified_ms in json.loads(found):
            yield FileStatus(path=path, is_directory=False, modified_ms=modified_ms, size=size)

    def walk_everything(self, directory: str) -> Iterator[FileStatus]:
        """Yield every file and directory below a directory, what is inside of one before it.

        Symbolic links of this machine are not followed: S3 has none.
        """
        for found in sorted(self.list(directory), key=lambda one: one.path):
            if found.is_directory and not self._is_link(found.path):
                yield from self.walk_everything(found.path)
            yield found

    def _is_link(self, path: str) -> bool:
        files, place = self._open(path)
        resolved = files.resolvePath(place).toUri()
        return resolved.getScheme() == "file" and os.path.islink(resolved.getPath())

    def head(self, path: str, size: int) -> bytes:
        """Return the first bytes of a file, decompressed when its name says how it is packed.

        Raises:
            UnreadableFileError: they cannot be read, or not be decompressed.
        """
        files, place = self._open(path)
        codecs = self._jvm.org.apache.hadoop.io.compress.CompressionCodecFactory
        codec = codecs(self._configuration).getCodec(place)
        stream = files.open(place)
        try:
            plain = stream if codec is None else codec.createInputStream(stream)
            return bytes(plain.readNBytes(size))
        except Py4JJavaError as error:
            java: Any = error.java_exception
            raise UnreadableFileError(path, str(java.getMessage() or java.toString())) from error
        finally:
            stream.close()

    def uri(self, path: str) -> str:
        """Return a path percent-encoded, as `input_file_name()` tells it."""
        return str(self._jvm.org.apache.hadoop.fs.Path(path).toUri().toString())

    def copy_here(self, path: str, target: Path) -> None:
        """Copy a file to this machine.

        Raises:
            PathNotFoundError: there is none at the path.
        """
        if self.status(path) is None:
            raise PathNotFoundError(path)
        files, place = self._open(path)
        # the last argument: without a file of checksums beside it
        files.copyToLocalFile(False, place, self._jvm.org.apache.hadoop.fs.Path(str(target)), True)

    def delete(self, path: str) -> None:
        """Delete a file; one that is gone already does no harm."""
        files, place = self._open(path)
        files.delete(place, False)

    def delete_empty(self, directory: str) -> None:
        """Delete a directory unless there is something in it, or has come into it meanwhile."""
        files, place = self._open(directory)
        try:
            files.delete(place, False)
        except Py4JJavaError as error:
            if not _is_absence(error) and not files.listStatus(place):
                raise

    def write(self, path: str, content: bytes) -> None:
        """Write a file, over one that is there."""
        files, place = self._open(path)
        stream = files.create(place, True)
        try:
            stream.write(content)
        finally:
            stream.close()


#: how ViewFs and S3A speak of a bucket that is not there
_NO_BUCKET = ("target File System", "UnknownStoreException", "NoSuchBucket")


def _is_absence(error: Py4JJavaError) -> bool:
    """Tell whether an error of Hadoop says that there is no such file, or no such bucket."""
    exception: Any = error.java_exception
    text = str(exception.toString())
    return text.startswith("java.io.FileNotFoundException") or any(
        sign in text for sign in _NO_BUCKET
    )


def require_inside(path: Any) -> None:
    """Refuse a path that leads out of a bucket, or names none.

    S3 has no `..`, but a directory that is mounted as a bucket would follow it.

    Raises:
        ValueError: the path has such a segment, or nothing but a scheme, or is no text.
    """
    if not isinstance(path, str) or not path.strip() or path.endswith("://"):
        raise ValueError(f"{path!r} is not a path. Write s3://bucket/prefix/.")
    if ".." in path.split("/"):
        raise ValueError(f"{path} must not contain '..'.")


def _status(java: Any) -> FileStatus:
    return FileStatus(
        path=java.getPath().toString(),
        is_directory=java.isDirectory(),
        modified_ms=java.getModificationTime(),
        size=java.getLen(),
    )


def wrap_dataframe(java_dataframe: Any, spark: SparkSession) -> DataFrame:
    """Return the Python face of a JVM DataFrame."""
    return DataFrame(java_dataframe, spark)


_SCALA = "org.apache.spark.sql.glueball.Reading"
#: what `Files.naming` of the Scala part says
_UNREADABLE = re.compile(r"IOException: (\S.*?) cannot be read: ([^\n]*)")


def scala(spark: SparkSession) -> Any:
    """Return what reads records in Scala; its public methods are those of `Reading.scala`.

    The jar is on the class path of runs. A session that was started otherwise gets it now.
    """
    session: Any = spark._jsparkSession
    loader = session.sharedState().jarClassLoader()
    try:
        return _instance(spark, _SCALA, loader)
    except Py4JJavaError as error:
        java: Any = error.java_exception
        if not str(java.toString()).startswith("java.lang.ClassNotFoundException"):
            raise
    jvm: Any = spark.sparkContext._jvm
    home = Path(jvm.java.lang.System.getProperty("java.home"))
    jar = compiled.jar(home / "bin" / "java", spark_home())
    session.sessionState().resourceLoader().addJar(jar.as_uri())
    return _instance(spark, _SCALA, loader)


def _instance(spark: SparkSession, name: str, loader: Any) -> Any:
    context = spark.sparkContext
    gateway: Any = context._gateway
    jvm: Any = context._jvm
    nothing = gateway.new_array(jvm.java.lang.Object, 0)
    no_types = gateway.new_array(jvm.java.lang.Class, 0)
    found = jvm.java.lang.Class.forName(name, True, loader)
    return found.getDeclaredConstructor(no_types).newInstance(nothing)


@contextmanager
def naming_unreadable_files() -> Iterator[None]:
    """Turn the error of a job that could not read a file into ours.

    Raises:
        UnreadableFileError: instead of Spark's.
    """
    try:
        yield
    except Py4JJavaError as error:
        if (said := _UNREADABLE.search(str(error))) is None:
            raise
        raise UnreadableFileError(said[1], said[2]) from error


_REFUSED = re.compile(r"glueball refuses (\[.*?\]) glueball")


def refusal(field: str, type_name: str, target: str, remedy: str) -> str:
    """Return the text by which an expression of Spark refuses a value; see below."""
    told = json.dumps([field, type_name, target, remedy]).replace("]", "\\u005d")[:-6] + "]"
    return f"glueball refuses {told} glueball"


@contextmanager
def naming_refused_values() -> Iterator[None]:
    """Turn the error of a job in which an expression refused a value into ours.

    Raises:
        UnwritableFieldError: instead of Spark's.
    """
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        if (said := _REFUSED.search(str(error))) is None:
            raise
        field, type_name, target, remedy = json.loads(said[1])
        raise UnwritableFieldError(field, type_name, target, remedy) from error


def partitions(frame: DataFrame) -> int | None:
    """Return how many partitions Spark computes of a DataFrame, without computing any.

    None when Spark decides that on the way, as it does behind a shuffle.
    """
    execution: Any = frame._jdf.queryExecution()
    if execution.executedPlan().nodeName().startswith("AdaptiveSparkPlan"):
        return None
    return int(execution.toRdd().getNumPartitions())


# Files of columns give the same rows in the same order, whichever columns are asked for.
_COLUMN_FORMATS = ("ParquetFileFormat", "OrcFileFormat")
_REPEATABLE_NODES = ("Project", "Filter", "Union", "LocalRelation", "Range", "OneRowRelation")


def repeats_itself(frame: DataFrame) -> bool:
    """Tell whether a DataFrame has the same rows in the same order each time it is computed."""
    plan: Any = frame._jdf.queryExecution().optimizedPlan()
    return bool(plan.deterministic()) and _is_repeatable(plan)


def _is_repeatable(plan: Any) -> bool:
    kind = plan.getClass().getSimpleName()
    if kind == "LogicalRelation":
        relation = plan.relation()
        return (
            relation.getClass().getSimpleName() == "HadoopFsRelation"
            and relation.fileFormat().getClass().getSimpleName() in _COLUMN_FORMATS
        )
    children = plan.children()
    return kind in _REPEATABLE_NODES and all(
        _is_repeatable(children.apply(number)) for number in range(children.size())
    )


#: An option of a reader: of how many files it is known that each has all columns that are read.
COMPLETE_FILES = "glueball.completefiles"


def columns_are_everywhere(frame: DataFrame) -> bool:
    """Tell whether all files of a DataFrame are known to have all columns, with all their fields.

    Spark may have found one more file than those that were looked into.
    """
    leaves: Any = frame._jdf.queryExecution().optimizedPlan().collectLeaves()
    return all(_is_complete(leaves.apply(number)) for number in range(leaves.size()))


def _is_complete(leaf: Any) -> bool:
    if leaf.getClass().getSimpleName() != "LogicalRelation":
        return False
    relation = leaf.relation()
    if not relation.options().contains(COMPLETE_FILES):
        return False
    return int(relation.options().apply(COMPLETE_FILES)) == len(relation.location().inputFiles())


def settled(frame: DataFrame) -> DataFrame:
    """Return a DataFrame whose partitions are settled now, and not each time it is computed."""
    session: Any = frame.sparkSession._jsparkSession
    rows = scala(frame.sparkSession).settled(session, frame._jdf.queryExecution().toRdd())
    java = session.internalCreateDataFrame(rows, frame._jdf.schema(), False)
    return wrap_dataframe(java, frame.sparkSession)


@contextmanager
def settled_parallelism(spark: SparkSession) -> Iterator[None]:
    """Let Spark cut its sources the same way while this lasts, though executors come and go."""
    name = "spark.sql.leafNodeDefaultParallelism"
    before = spark.conf.get(name, None)
    spark.conf.set(name, before or str(spark.sparkContext.defaultParallelism))
    try:
        yield
    finally:
        if before is None:
            spark.conf.unset(name)


def logger(spark: SparkSession, name: str) -> Any:
    """Return a logger of the JVM that also lets `info` through, whatever Spark's own level is."""
    jvm: Any = spark.sparkContext._jvm
    log4j = jvm.org.apache.logging.log4j
    log4j.core.config.Configurator.setLevel(name, log4j.Level.INFO)
    return jvm.org.slf4j.LoggerFactory.getLogger(name)
