"""The rules about files: those at a path, or those that the frame was read from.

https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types-FileFreshness.html and its neighbours.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import unquote

from pyspark.sql import Column
from pyspark.sql import functions as F

from awsglue._jvm import FileStatus, FileSystem
from awsgluedq._dqdl.model import Check, Condition, Operand, Text
from awsgluedq._evaluation import operands
from awsgluedq._evaluation.judging import Judge, judge_number
from awsgluedq._evaluation.outcome import RuleFailedError, Verdict, unmet
from awsgluedq._evaluation.scope import Scope, Statistic

#: Functions of Spark's over the bytes of a file, by AWS's names.
HASHES: dict[str, Callable[[Column], Column]] = {
    "MD5": F.md5,
    "SHA-1": F.sha1,
    "SHA-256": lambda content: F.sha2(content, 256),
}
FILTERS = ("recentFiles", "uriRegex")


def freshness(check: Check, scope: Scope) -> Judge:
    """When the files were last changed; a day begins at 00:00 UTC."""
    zone = check.tag("timeZone")
    points = [
        _point(one, scope.surroundings.now, zone if isinstance(zone, str) else None)
        for one in _condition(check).operands
    ]
    return _share(
        check,
        scope,
        "FileFreshness",
        lambda file: _meets(file.modified_ms / 1000, _condition(check), points),
    )


def _condition(check: Check) -> Condition:
    assert check.condition is not None
    return check.condition


def _point(operand: Operand, now: datetime, zone: str | None) -> float:
    found = operands.moment(operand, now, zone)
    if found is None:
        raise RuleFailedError(f"{operand} is no date and no time.")
    if isinstance(found, date) and not isinstance(found, datetime):
        found = datetime.combine(found, time(), UTC)
    return found.timestamp()


def _meets(value: float, condition: Condition, numbers: Sequence[float]) -> bool:
    match condition.kind:
        case "between":
            return (numbers[0] < value < numbers[1]) is not condition.negated
        case "in":
            return (value in numbers) is not condition.negated
        case "=":
            return value == numbers[0]
        case "!=":
            return value != numbers[0]
        case ">":
            return value > numbers[0]
        case ">=":
            return value >= numbers[0]
        case "<":
            return value < numbers[0]
    return value <= numbers[0]


def sizes(check: Check, scope: Scope) -> Judge:
    """The sizes of the files."""
    wanted = [float(operands.size(one)) for one in _condition(check).operands]
    return _share(
        check, scope, "FileSize", lambda file: _meets(file.size, _condition(check), wanted)
    )


def _share(check: Check, scope: Scope, metric: str, passes: Callable[[FileStatus], bool]) -> Judge:
    """Judge by the part of the files that pass: all, or as the threshold says."""

    def judge() -> Verdict:
        files = _files(check, check.names[:1], scope)
        ratio = sum(map(passes, files)) / len(files)
        metrics = {
            f"Dataset.*.{metric}.Compliance": ratio,
            "Dataset.*.FileCount": float(len(files)),
        }
        if metric == "FileSize":
            metrics["Dataset.*.MinimumFileSize"] = float(min(file.size for file in files))
            metrics["Dataset.*.MaximumFileSize"] = float(max(file.size for file in files))
        past = scope.past(check, f"Dataset.*.{metric}.Compliance")
        fast = check.tag("failFast") == "true" or check.threshold is None
        passed = ratio == 1.0 if fast else operands.holds(ratio, _threshold(check), past)
        return Verdict(passed=passed, reason=None if passed else unmet(ratio), metrics=metrics)

    return judge


def _threshold(check: Check) -> Condition:
    assert check.threshold is not None
    return check.threshold


def uniqueness(check: Check, scope: Scope) -> Judge:
    """The part of the files whose content no other one has; their names, if so tagged."""

    def judge() -> Verdict:
        files = _files(check, check.names[:1], scope)
        if check.tag("matchFileName") == "true":
            kinds = [_name(file) for file in files]
        else:
            kinds = list(_hashes(files, "SHA-256", scope).values())
        counts = Counter(kinds)
        ratio = sum(1 for kind in kinds if counts[kind] == 1) / len(files)
        statistic = Statistic(name="Dataset.*.FileUniquenessRatio", value=lambda: ratio)
        verdict = judge_number(check, scope, statistic)
        return _with_count(verdict, len(files))

    return judge


def _with_count(verdict: Verdict, count: int) -> Verdict:
    return Verdict(
        passed=verdict.passed,
        reason=verdict.reason,
        metrics={**verdict.metrics, "Dataset.*.FileCount": float(count)},
        evaluated=verdict.evaluated,
    )


def match(check: Check, scope: Scope) -> Judge:
    """The files have one of some checksums, or are those of another place."""
    if len(check.names) == 2 and check.condition is None:
        return lambda: _compared(check, scope)
    if check.condition is None or len(check.names) > 1:
        raise RuleFailedError('FileMatch needs a second path, or checksums: in ["…"].')
    algorithm = check.tag("hashAlgorithm") or "SHA-256"
    if algorithm not in HASHES:
        raise RuleFailedError(f"There is no hash algorithm {algorithm}: {', '.join(HASHES)}.")
    return lambda: _checksums(check, scope, str(algorithm))


def _checksums(check: Check, scope: Scope, algorithm: str) -> Verdict:
    files = _files(check, check.names[:1], scope)
    known = {one.value.lower() for one in _condition(check).operands if isinstance(one, Text)}
    found = _hashes(files, algorithm, scope)
    wrong = [
        f"{path} has {digest}"
        for path, digest in found.items()
        if (digest in known) is _condition(check).negated
    ]
    reason = f"Files whose checksum is another: {'; '.join(wrong)}" if wrong else None
    return _with_count(Verdict(passed=not wrong, reason=reason), len(files))


def _compared(check: Check, scope: Scope) -> Verdict:
    one, other = (_files(check, [path], scope) for path in check.names)
    digests = [Counter(_hashes(files, "SHA-256", scope).values()) for files in (one, other)]
    passed = digests[0] == digests[1]
    if passed and check.tag("matchFileName") == "true":
        passed = Counter(map(_name, one)) == Counter(map(_name, other))
    reason = None if passed else f"The files of {check.names[0]} and {check.names[1]} differ."
    return _with_count(Verdict(passed=passed, reason=reason), len(one))


def _name(file: FileStatus) -> str:
    return file.path.rsplit("/", 1)[-1]


def _hashes(files: Sequence[FileStatus], algorithm: str, scope: Scope) -> dict[str, str]:
    reader = scope.spark.read.format("binaryFile").option("recursiveFileLookup", "true")
    digest = HASHES[algorithm](F.col("content"))
    rows: list[Any] = reader.load([file.path for file in files]).select("path", digest).collect()
    return {row[0]: row[1] for row in rows}


def _files(check: Check, paths: Sequence[str], scope: Scope) -> list[FileStatus]:
    """Return the files at paths, or those of the frame, as the tags of the rule choose them."""
    system = FileSystem(scope.spark)
    inferred = [unquote(path) for path in scope.frame.inputFiles()] if not paths else []
    if not paths and not inferred:
        raise RuleFailedError("Unable to parse file path from DataFrame")
    found: list[FileStatus] = []
    for path in paths or inferred:
        status = system.status(path)
        if status is None:
            raise RuleFailedError(f"There is no file at {path}.")
        found += system.walk(path) if status.is_directory else [status]
    chosen = _chosen(check, found)
    if not chosen:
        raise RuleFailedError("There are no files to evaluate.")
    return chosen


def _chosen(check: Check, files: list[FileStatus]) -> list[FileStatus]:
    order = check.tag("filterOrder") or FILTERS
    for name in order:
        if name not in FILTERS:
            raise RuleFailedError(f"filterOrder names {name}. It may name {' and '.join(FILTERS)}.")
        value = check.tag(name)
        if value is None:
            continue
        if name == "uriRegex":
            files = [file for file in files if re.search(str(value), file.path)]
        else:
            files = sorted(files, key=lambda file: -file.modified_ms)[: int(str(value))]
    return files
