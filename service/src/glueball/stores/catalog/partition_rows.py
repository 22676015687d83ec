"""Rows of the two tables that partitions are kept in."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

import msgspec

from glueball.core.partition_order import PartitionOrder
from glueball.stores.catalog.schema import VALUE_COLUMNS

#: a multiple of every number of segments that AWS allows (1 to 10)
BUCKETS: Final = 2520
_VALUE_COLUMNS: Final = tuple(f"value_{place}" for place in range(VALUE_COLUMNS))
_values = msgspec.json.Decoder(list[str])


@dataclass(frozen=True, kw_only=True, slots=True)
class Partition:
    """What CreatePartition and UpdatePartition wrote."""

    values: Sequence[str]
    created: float
    #: the members of PartitionInput without its values; where it was read, the Columns of its
    #: StorageDescriptor are JSON still (`msgspec.Raw`), as an answer takes them
    document: Mapping[str, Any]


def key_of(values: Sequence[str]) -> str:
    """Return the one text that stands for some values."""
    return msgspec.json.encode(values).decode()


def position_of(order: PartitionOrder, values: Sequence[str]) -> str:
    """Return where the partition with these values lies."""
    return order.position(values) + key_of(values)


def values_of(position: str) -> list[str]:
    """Return the values of the partition at a position."""
    return _values.decode(position.rpartition("\x01")[2])


def partition_row(
    table_id: int, order: PartitionOrder, values: Sequence[str], number: int
) -> dict[str, Any]:
    """Return the row by which a partition is found."""
    texts = order.sort_texts(values)
    key = key_of(values)
    more = texts[VALUE_COLUMNS:]
    return {
        "table_id": table_id,
        "position": order.position_of(texts) + key,
        "number": number,
        "bucket": zlib.crc32(key.encode()) % BUCKETS,
        **dict(zip_longest(_VALUE_COLUMNS, texts[:VALUE_COLUMNS])),
        "more_values": key_of(more) if more else None,
    }
