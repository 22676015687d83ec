"""Parquet and ORC: files whose footers tell their columns, as Hive's types.

https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html; how Spark reads what Hive has no
type for decides: unsigned numbers are the next wider type, times of day are numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pyarrow as pa
from pyarrow import orc, parquet

from glueball.crawl import hive_types as hive
from glueball.crawl.hive_types import Field, HiveType
from glueball.crawl.kinds import Classified, Kind
from glueball.crawl.samples import Sample
from glueball.crawl.schemas import schema_of

_PARQUET: Final = b"PAR1"
_ORC: Final = b"ORC"

_SIMPLE: Final[Mapping[int, HiveType]] = {
    pa.lib.Type_NA: hive.NOTHING,
    pa.lib.Type_BOOL: hive.BOOLEAN,
    pa.lib.Type_INT8: hive.TINYINT,
    pa.lib.Type_INT16: hive.SMALLINT,
    pa.lib.Type_INT32: hive.INT,
    pa.lib.Type_INT64: hive.BIGINT,
    pa.lib.Type_UINT8: hive.SMALLINT,
    pa.lib.Type_UINT16: hive.INT,
    pa.lib.Type_UINT32: hive.BIGINT,
    pa.lib.Type_UINT64: hive.decimal(20, 0),
    pa.lib.Type_HALF_FLOAT: hive.FLOAT,
    pa.lib.Type_FLOAT: hive.FLOAT,
    pa.lib.Type_DOUBLE: hive.DOUBLE,
    pa.lib.Type_STRING: hive.STRING,
    pa.lib.Type_LARGE_STRING: hive.STRING,
    pa.lib.Type_STRING_VIEW: hive.STRING,
    pa.lib.Type_BINARY: hive.BINARY,
    pa.lib.Type_LARGE_BINARY: hive.BINARY,
    pa.lib.Type_BINARY_VIEW: hive.BINARY,
    pa.lib.Type_FIXED_SIZE_BINARY: hive.BINARY,
    pa.lib.Type_DATE32: hive.DATE,
    pa.lib.Type_DATE64: hive.DATE,
    pa.lib.Type_TIMESTAMP: hive.TIMESTAMP,
    pa.lib.Type_TIME32: hive.INT,
    pa.lib.Type_TIME64: hive.BIGINT,
    pa.lib.Type_DURATION: hive.BIGINT,
}
_LISTS: Final = frozenset(
    {
        pa.lib.Type_LIST,
        pa.lib.Type_LARGE_LIST,
        pa.lib.Type_FIXED_SIZE_LIST,
        pa.lib.Type_LIST_VIEW,
        pa.lib.Type_LARGE_LIST_VIEW,
    }
)
_DECIMALS: Final = frozenset(
    {
        pa.lib.Type_DECIMAL32,
        pa.lib.Type_DECIMAL64,
        pa.lib.Type_DECIMAL128,
        pa.lib.Type_DECIMAL256,
    }
)
_UNIONS: Final = frozenset({pa.lib.Type_SPARSE_UNION, pa.lib.Type_DENSE_UNION})


def recognise_parquet(sample: Sample) -> Classified | None:
    """Return what a Parquet file is; None where the sample is none, or a damaged one.

    Raises:
        ObjectGone: the file is no longer there.
    """
    if not sample.magic.startswith(_PARQUET):
        return None
    return _recognised(sample, "parquet", _parquet_footer)


def recognise_orc(sample: Sample) -> Classified | None:
    """Return what an ORC file is; None where the sample is none, or a damaged one.

    Raises:
        ObjectGone: the file is no longer there.
    """
    return _recognised(sample, "orc", _orc_footer) if sample.magic.startswith(_ORC) else None


def _parquet_footer(file: Any) -> tuple[Any, int]:
    metadata = parquet.read_metadata(file)
    return metadata.schema.to_arrow_schema(), metadata.num_rows


def _orc_footer(file: Any) -> tuple[Any, int]:
    opened = orc.ORCFile(file)
    return opened.schema, opened.nrows


def _recognised(
    sample: Sample, classification: str, footer: Callable[[Any], tuple[Any, int]]
) -> Classified | None:
    file = sample.file()
    try:
        schema, records = footer(file)
        fields = [Field(one.name, arrow_type(one.type)) for one in schema]
    except (pa.ArrowException, OSError, ValueError, RecursionError):
        if file.fault is not None:
            raise file.fault from None
        return None
    return Classified(
        kind=Kind(classification=classification),
        schema=schema_of(fields),
        records=records,
        record_bytes=sample.size / records if records else 0.0,
    )


def arrow_type(data_type: Any) -> HiveType:
    """Return an Arrow type as Hive's; a string where Hive has nothing like it.

    Args:
        data_type: of pyarrow.
    """
    number = data_type.id
    if number in _SIMPLE:
        return _SIMPLE[number]
    if number in _DECIMALS:
        return hive.decimal(data_type.precision, data_type.scale)
    if number in _LISTS:
        return hive.Array(arrow_type(data_type.value_type))
    if number == pa.lib.Type_MAP:
        return hive.Map(arrow_type(data_type.key_type), arrow_type(data_type.item_type))
    if number == pa.lib.Type_STRUCT:
        return hive.struct([Field(one.name, arrow_type(one.type)) for one in data_type])
    if number in _UNIONS:
        return hive.Union(tuple(arrow_type(one.type) for one in data_type))
    if number == pa.lib.Type_DICTIONARY:
        return arrow_type(data_type.value_type)
    if isinstance(data_type, pa.BaseExtensionType):
        return arrow_type(data_type.storage_type)
    return hive.STRING
