"""Deleting old files, and moving them to other storage classes.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote

from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession

from awsglue import gluetypes as glue
from awsglue._catalog import table_partitions
from awsglue._catalog.table import NULL_VALUE
from awsglue._errors import StorageError
from awsglue._files import storage_classes
from awsglue._jvm import FileStatus, FileSystem
from awsglue._paths import as_list, quote
from awsglue._steps.rewrite import Item

#: hours for which files stay when nothing else is said: a week
RETENTION_HOURS = 168.0
_HOUR_MS = 3_600_000
#: files that are worked on at once
_THREADS = 8

#: the options of `purge_…` and `transition_…`, and what each does
OPTIONS: Mapping[str, str] = {
    "retentionPeriod": "hours, 168 by default: younger files stay",
    "partitionPredicate": "a condition of Spark SQL over the partition keys",
    "partition_predicate": "another name of partitionPredicate",
    "excludeStorageClasses": "files of these classes stay",
    "manifestFilePath": "a directory, in which <transformation_ctx>/Success.csv and Failed.csv "
    "tell each file",
}
#: those that only `transition_…` has
TRANSITION_OPTIONS: Mapping[str, str] = {
    "accountId": "accepted and not needed",
    "roleArn": "accepted and not needed",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Which files are chosen, and where is written down what became of them."""

    retention_hours: float  #: younger files stay
    predicate: str  #: a condition of Spark SQL over partition keys
    excluded_classes: frozenset[str]  #: storage classes whose files stay
    manifest: str  #: a directory; "" for none

    @classmethod
    def to_purge(cls, options: Mapping[str, Any] | None, transformation_ctx: str) -> Choice:
        """Read the options of `purge_…`.

        Raises:
            ValueError: an option does not exist or has no meaning: nothing is to be deleted then.
        """
        return cls._of(options or {}, OPTIONS, transformation_ctx)

    @classmethod
    def to_transition(cls, options: Mapping[str, Any] | None, transformation_ctx: str) -> Choice:
        """Read the options of `transition_…`; see `to_purge`."""
        return cls._of(options or {}, {**OPTIONS, **TRANSITION_OPTIONS}, transformation_ctx)

    @classmethod
    def _of(
        cls, options: Mapping[str, Any], names: Iterable[str], transformation_ctx: str
    ) -> Choice:
        _require_names(options, names)
        hours = float(options.get("retentionPeriod", RETENTION_HOURS))
        if not hours >= 0:
            raise ValueError(f"retentionPeriod {hours} is not a number of hours.")
        manifest = str(options.get("manifestFilePath") or "").rstrip("/")
        return cls(
            retention_hours=hours,
            predicate=_predicate(options),
            excluded_classes=frozenset(
                storage_classes.checked(one)
                for one in as_list(options.get("excludeStorageClasses") or ())
            ),
            manifest=f"{manifest}/{transformation_ctx}".rstrip("/") if manifest else "",
        )


def _require_names(options: Mapping[str, Any], names: Iterable[str]) -> None:
    """Refuse what would be ignored: an option that is not understood may be what spares files."""
    unknown = sorted(str(name) for name in options if name not in set(names))
    if unknown:
        raise ValueError(
            f"There is no option {', '.join(map(repr, unknown))}; no file was touched. "
            f"These exist: {', '.join(sorted(names))}."
        )


def _predicate(options: Mapping[str, Any]) -> str:
    """Return the condition. AWS documents partitionPredicate; scripts also use the name that
    sources take, partition_predicate."""
    spellings = ("partitionPredicate", "partition_predicate")
    predicates = {str(options[name]) for name in spellings if options.get(name)}
    if len(predicates) > 1:
        raise ValueError("partitionPredicate and partition_predicate differ: give one of them.")
    return next(iter(predicates), "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of files."""

    failures: Mapping[str, str]  #: the reasons by the files' paths; "" where it succeeded
    emptied: frozenset[str]  #: those of the given paths that have no file any more


def purge(
    spark: SparkSession, paths: Sequence[str], choice: Choice, predicate: str = ""
) -> Outcome:
    """Delete the files below paths that are old enough; empty directories go with them.

    Args:
        spark: the session whose file systems are used.
        paths: directories or files. One that is not there does no harm; a bucket stays.
        choice: which files.
        predicate: a condition over the `name=value` directories; "" holds for all.
    """
    files = FileSystem(spark)
    failures: dict[str, str] = {}
    emptied = set()
    for path in paths:
        base, found = everything_at(files, path)
        known = [one for one in found if not one.is_directory]
        old = [one.path for one in known if _is_old(one, choice)]
        chosen = _satisfying(spark, base, _not_excluded(base, old, choice), predicate)
        done = for_each(chosen, files.delete)
        for one in found:
            if one.is_directory:
                files.delete_empty(one.path)
        if len(known) == sum(not reason for reason in done.values()):
            emptied.add(path)
        failures |= done
    return Outcome(failures=failures, emptied=frozenset(emptied))


def _not_excluded(base: str, files: list[str], choice: Choice) -> list[str]:
    if not choice.excluded_classes or not files:
        return files
    classes = storage_classes.classes_below(base)
    standard = storage_classes.STANDARD
    return [one for one in files if classes.get(one, standard) not in choice.excluded_classes]


def transition(
    spark: SparkSession,
    paths: Sequence[str],
    storage_class: str,
    choice: Choice,
    predicate: str = "",
) -> Outcome:
    """Give the files below paths another storage class, as far as they are old enough.

    Args:
        spark: the session whose file systems are used.
        paths: S3 paths.
        storage_class: the class that they get.
        choice: which files.
        predicate: a condition over the `name=value` directories; "" holds for all.

    Raises:
        ValueError: there is no such storage class, or a path is not on S3.
    """
    wanted = storage_classes.checked(storage_class)
    files = FileSystem(spark)
    failures: dict[str, str] = {}
    for path in paths:
        classes = storage_classes.classes_below(path)
        base, found = everything_at(files, path)
        old = [one.path for one in found if not one.is_directory and _is_old(one, choice)]
        left = {None, wanted, *choice.excluded_classes}
        movable = [one for one in old if classes.get(one) not in left]
        chosen = _satisfying(spark, base, movable, predicate)
        change = partial(_change, classes, wanted)
        failures |= for_each(chosen, change)
    return Outcome(failures=failures, emptied=frozenset())


def _change(classes: Mapping[str, str], wanted: str, path: str) -> None:
    storage_classes.change(path, classes[path], wanted)


def everything_at(files: FileSystem, path: str) -> tuple[str, list[FileStatus]]:
    """Return a path as files below it are told, and the files and directories at and below it."""
    status = files.status(path)
    if status is None:
        return path, []
    if not status.is_directory:
        return status.path, [status]
    inside = list(files.walk_everything(status.path))
    return status.path, inside if _is_bucket(status.path) else [*inside, status]


def _is_bucket(path: str) -> bool:
    _, _, rest = path.partition("://")
    return "/" not in rest.rstrip("/")


def _is_old(file: FileStatus, choice: Choice) -> bool:
    age_ms = time.time_ns() // 1_000_000 - file.modified_ms
    return age_ms >= choice.retention_hours * _HOUR_MS


def _satisfying(spark: SparkSession, path: str, files: Sequence[str], predicate: str) -> list[str]:
    """Return the files whose `name=value` directories below a path satisfy a condition."""
    if not predicate:
        return list(files)
    values = [_values(one[len(path.rstrip("/")) :]) for one in files]
    keys = list(dict.fromkeys(key for one in values for key in one))
    items = [Item(key, quote(key), glue.StringType()) for key in keys]
    rows = [[one.get(key) for key in keys] for one in values]
    try:
        numbers = table_partitions.holding(spark, keys, rows, items, predicate)
    except AnalysisException as error:
        raise ValueError(
            f"The condition {predicate!r} cannot be checked against the name=value directories "
            f"below {path}: {', '.join(keys) or 'there are none'}."
        ) from error
    return [files[number] for number in numbers]


def _values(path: str) -> dict[str, str | None]:
    pairs = [one.partition("=") for one in path.split("/")[:-1] if "=" in one]
    return {
        unquote(name): None if value == NULL_VALUE else unquote(value) for name, _, value in pairs
    }


def for_each(paths: Iterable[str], step: Callable[[str], None]) -> dict[str, str]:
    """Call a step with each path; return the reasons of those that failed, "" for the others."""

    def attempt(path: str) -> str:
        try:
            step(path)
        except Exception as error:  # each file's own failure is written down; the others go on
            return " ".join(str(error).split()) or type(error).__name__
        return ""

    known = list(paths)
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        return dict(zip(known, pool.map(attempt, known), strict=True))


def record(spark: SparkSession, choice: Choice, outcome: Outcome, what: str) -> None:
    """Write down what became of files: `Success.csv` and `Failed.csv`, without header lines.

    Raises:
        StorageError: something failed.
    """
    failed = {path: reason for path, reason in outcome.failures.items() if reason}
    if choice.manifest:
        files = FileSystem(spark)
        succeeded = [(path,) for path, reason in outcome.failures.items() if not reason]
        files.write(f"{choice.manifest}/Success.csv", _csv(succeeded))
        files.write(f"{choice.manifest}/Failed.csv", _csv(failed.items()))
    if failed:
        path, reason = next(iter(failed.items()))
        raise StorageError(what, len(failed), path, reason)


def _csv(rows: Iterable[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
