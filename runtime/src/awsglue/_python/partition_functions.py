"""Users' functions over whole partitions: `mapPartitions`, as Spark's workers run them.

Such a function sees and gives records as dicts with three entries: `record`, `isError` and
`errorMessage`.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
from pyspark import TaskContext

from awsglue._python import packing
from awsglue._python.functions import PACKED_ARROW, Batches, as_json, records
from awsglue._python.ledger import Failure
from awsglue._python.shapes import plain
from awsglue.gluetypes import StructType

Raw = dict[str, Any]
Function = Callable[[int, Iterator[Raw]], Iterable[Raw]]

_AT_ONCE = 4096  # records that are packed together


@dataclass(frozen=True, kw_only=True, slots=True)
class PartitionMapping:
    """A function of `mapPartitionsWithIndex`, with what it needs on a worker."""

    function: Function
    schema: StructType
    zone: str  #: the session's time zone, for times of day without one
    row_bytes: int  #: how many packed bytes one row may stand for

    def pack(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """Call the function, once for the partition, and yield what it gives, packed.

        An exception of the function ends the job: there is no one record to blame.
        """
        task = TaskContext.get()
        index = 0 if task is None else task.partitionId()
        results = iter(self.function(index, self._given(batches)))
        while some := list(islice(results, _AT_ONCE)):
            yield self._packed(some)

    def _given(self, batches: Batches) -> Iterator[Raw]:
        for batch in batches:
            for record in records(batch, self.schema):
                yield {"record": record, "isError": False, "errorMessage": ""}

    def _packed(self, results: list[Raw]) -> pa.RecordBatch:
        failures: list[Failure] = []
        good: list[dict[str, Any]] = []
        for result in results:
            if result.get("isError"):
                text = as_json(result.get("record"))
                failures.append((str(result.get("errorMessage", "")), "", text))
            else:
                good.append(dict(plain(result["record"])))
        packed = packing.pack(good, self.schema, self.zone, packing.Unchanged.unknown(self.schema))
        failures += [(msg, stack, as_json(good[row])) for row, msg, stack in packed.failures]
        ballast = [None] * (len(packed.content) // self.row_bytes)
        values = (packed.content, packed.shape, len(failures), pickle.dumps(failures))
        columns = [
            pa.array([value, *ballast], kind)
            for value, kind in zip(values, PACKED_ARROW.types, strict=True)
        ]
        return pa.RecordBatch.from_arrays(columns, schema=PACKED_ARROW)
