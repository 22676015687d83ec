"""Noting failed records while they fail, so that nobody has to compute them again to count them.

A step on Spark's workers reports once for each partition, when it has seen the partition's last
record; a partition that is read in part (`take`) says nothing. Reports travel in one accumulator
for the whole application, keyed by step, stage and partition: a task that Spark repeats replaces
its own report, and two actions are never added up.
"""

from __future__ import annotations

import threading
import uuid
import weakref
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pyspark import AccumulatorParam, SparkContext, TaskContext
from pyspark.accumulators import Accumulator

#: A failed record: what was said, where, and the record as text.
Failure: TypeAlias = tuple[str, str, str]
#: What one pass over one partition met: all failures counted, and the first of them.
Pass: TypeAlias = tuple[int, list[Failure]]
#: Step, stage and partition; the attempt at the task, with its passes.
Reports: TypeAlias = dict[tuple[str, int, int], tuple[int, list[Pass]]]

_MOST_ROWS = 1_000
_MOST_CHARACTERS = 1_000_000


class _Merged(AccumulatorParam[Reports]):
    """Reports brought together; the later attempt at a task stands for it."""

    def zero(self, value: Reports) -> Reports:
        return {}

    def addInPlace(self, value1: Reports, value2: Reports) -> Reports:
        for key, (attempt, passes) in value2.items():
            known = value1.get(key)
            same = known is not None and known[0] == attempt
            value1[key] = (attempt, [*known[1], *passes] if known and same else passes)
        return value1


_accumulators: weakref.WeakKeyDictionary[SparkContext, Accumulator[Reports]] = (
    weakref.WeakKeyDictionary()
)
_lock = threading.Lock()


def _accumulator(context: SparkContext) -> Accumulator[Reports]:
    with _lock:
        if context not in _accumulators:
            _accumulators[context] = context.accumulator({}, _Merged())
        return _accumulators[context]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The failures of a whole step."""

    count: int
    failures: list[Failure]  #: the first of each partition

    @property
    def whole(self) -> bool:
        """Whether every failure is here, not only counted."""
        return self.count == len(self.failures)


@dataclass(slots=True)
class Notes:
    """What a worker writes down while it computes one partition."""

    step: str
    accumulator: Accumulator[Reports]
    count: int = 0
    failures: list[Failure] = field(default_factory=list)
    characters: int = 0

    def failed(self, failure: Failure) -> None:
        """Note a failed record; the first ones in full."""
        self.count += 1
        self.characters += sum(map(len, failure))
        if len(self.failures) < _MOST_ROWS and self.characters < _MOST_CHARACTERS:
            self.failures.append(failure)

    def close(self) -> None:
        """Report: the partition's last record was seen."""
        task = TaskContext.get()
        if task is None:
            return  # outside of Spark there is nobody to tell
        key = (self.step, task.stageId(), task.partitionId())
        report: Pass = (self.count, self.failures)
        self.accumulator.add({key: (task.taskAttemptId(), [report])})


class Ledger:
    """The reports of one step, on the driver.

    Args:
        context: the application.
    """

    def __init__(self, context: SparkContext) -> None:
        self.step = uuid.uuid4().hex
        self.accumulator = _accumulator(context)
        weakref.finalize(self, _forget, self.accumulator, self.step)

    def found(self, partitions: int | None) -> Found | None:
        """Return what the step met in an action that computed all of it; None if none did.

        Args:
            partitions: how many the step has; None takes any action for a whole one.
        """
        stages: dict[int, list[Pass]] = {}
        for (step, stage, _), (_, passes) in list(self.accumulator.value.items()):
            if step == self.step:
                stages.setdefault(stage, []).extend(passes)
        for passes in stages.values():
            if partitions is None or len(passes) == partitions:
                failures = [failure for _, some in passes for failure in some]
                return Found(count=sum(count for count, _ in passes), failures=failures)
        return None


def _forget(accumulator: Accumulator[Any], step: str) -> None:
    for key in [key for key in list(accumulator.value) if key[0] == step]:
        accumulator.value.pop(key, None)
