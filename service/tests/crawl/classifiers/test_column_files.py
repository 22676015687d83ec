from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import orc, parquet

from crawl.memory_objects import MemoryObjects, one_object, sample_of
from glueball.crawl import hive_types as hive
from glueball.crawl.classifiers import column_files
from glueball.crawl.errors import ServiceUnreachable
from glueball.crawl.kinds import Classified, Kind
from glueball.crawl.objects import FoundObject, ObjectGone
from glueball.crawl.samples import MEGABYTE, Sample

Write = Callable[[Any, Any], None]
Recognise = Callable[[Sample], Classified | None]

_RANDOM = Random(1)
NOISE = [_RANDOM.getrandbits(62) for _ in range(200_000)]  # it cannot be packed

FORMATS = pytest.mark.parametrize(
    ("write", "recognise", "name"),
    [
        pytest.param(parquet.write_table, column_files.recognise_parquet, "parquet", id="parquet"),
        pytest.param(orc.write_table, column_files.recognise_orc, "orc", id="orc"),
    ],
)


def written(write: Write, table: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    write(table, file, **options)
    return file.getvalue()


def of(data_type: Any, *values: Any) -> Any:
    """Return a table with one column of a type."""
    return pa.table({"v": pa.array(list(values), type=data_type)})


#: what both formats know
COMMON: Mapping[str, tuple[Any, str]] = {
    "bool": (pa.bool_(), "boolean"),
    "int8": (pa.int8(), "tinyint"),
    "int16": (pa.int16(), "smallint"),
    "int32": (pa.int32(), "int"),
    "int64": (pa.int64(), "bigint"),
    "float": (pa.float32(), "float"),
    "double": (pa.float64(), "double"),
    "string": (pa.string(), "string"),
    "large string": (pa.large_string(), "string"),
    "binary": (pa.binary(), "binary"),
    "fixed binary": (pa.binary(4), "binary"),
    "date": (pa.date32(), "date"),
    "timestamp": (pa.timestamp("ns"), "timestamp"),
    "timestamp of a zone": (pa.timestamp("ns", tz="UTC"), "timestamp"),
    "decimal": (pa.decimal128(10, 2), "decimal(10,2)"),
    "long decimal": (pa.decimal128(38, 38), "decimal(38,38)"),
    "list": (pa.list_(pa.int32()), "array<int>"),
    "map": (pa.map_(pa.string(), pa.int64()), "map<string,bigint>"),
    "struct": (pa.struct([("a", pa.int32()), ("b:c", pa.string())]), "struct<a:int,b_c:string>"),
    "nested": (
        pa.list_(pa.struct([("x", pa.map_(pa.string(), pa.list_(pa.float64())))])),
        "array<struct<x:map<string,array<double>>>>",
    ),
}
PARQUET_ONLY: Mapping[str, tuple[Any, str]] = {
    "null": (pa.null(), "string"),
    "uint8": (pa.uint8(), "smallint"),
    "uint16": (pa.uint16(), "int"),
    "uint32": (pa.uint32(), "bigint"),
    "uint64": (pa.uint64(), "decimal(20,0)"),
    "half float": (pa.float16(), "float"),
    "time": (pa.time32("ms"), "int"),
    "long time": (pa.time64("us"), "bigint"),
    "duration": (pa.duration("us"), "bigint"),
    "date in milliseconds": (pa.date64(), "date"),
    "timestamp in milliseconds": (pa.timestamp("ms"), "timestamp"),
    "longer decimal": (pa.decimal256(50, 2), "string"),
    "large list": (pa.large_list(pa.int32()), "array<int>"),
    "fixed list": (pa.list_(pa.int32(), 2), "array<int>"),
    "dictionary": (pa.dictionary(pa.int32(), pa.string()), "string"),
    "names in another case": (
        pa.struct([("A", pa.int32()), ("a", pa.float64())]),
        "struct<A:double>",
    ),
    "extension": (pa.uuid(), "binary"),
}


def _rows(given: Mapping[str, tuple[Any, str]]) -> list[Any]:
    return [pytest.param(*row, id=name) for name, row in given.items()]


@FORMATS
@pytest.mark.parametrize(("arrow", "data_type"), _rows(COMMON))
def test_types(write: Write, recognise: Recognise, name: str, arrow: Any, data_type: str) -> None:
    found = recognise(sample_of(written(write, of(arrow, None, None))))
    assert found is not None
    assert found.kind == Kind(classification=name)
    assert found.records == 2
    [column] = found.schema
    assert hive.text_of(column.type) == data_type


@pytest.mark.parametrize(("arrow", "data_type"), _rows(PARQUET_ONLY))
def test_types_of_parquet(arrow: Any, data_type: str) -> None:
    content = written(parquet.write_table, of(arrow, None))
    found = column_files.recognise_parquet(sample_of(content))
    assert found is not None
    assert hive.text_of(found.schema[0].type) == data_type


@pytest.mark.parametrize(
    ("arrow", "data_type"),
    [
        pytest.param(pa.string_view(), "string", id="views of strings"),
        pytest.param(pa.binary_view(), "binary", id="views of bytes"),
        pytest.param(pa.list_view(pa.int8()), "array<tinyint>", id="views of lists"),
        pytest.param(pa.decimal32(5, 1), "decimal(5,1)", id="short decimals"),
        pytest.param(
            pa.dense_union([pa.field("a", pa.int32()), pa.field("b", pa.string())]),
            "uniontype<int,string>",
            id="unions",
        ),
        pytest.param(pa.month_day_nano_interval(), "string", id="what Hive has nothing like"),
    ],
)
def test_types_of_arrow(arrow: Any, data_type: str) -> None:
    assert hive.text_of(column_files.arrow_type(arrow)) == data_type


def test_timestamps_of_old_writers() -> None:
    """INT96, which Hive, Impala and Spark wrote for long."""
    table = of(pa.timestamp("ns"), datetime(2024, 1, 31, tzinfo=UTC))
    content = written(parquet.write_table, table, use_deprecated_int96_timestamps=True)
    found = column_files.recognise_parquet(sample_of(content))
    assert found is not None
    assert found.schema[0].type == hive.TIMESTAMP


def test_a_file_of_another_writer_has_no_types_of_arrow() -> None:
    table = pa.table({"d": pa.array([date(2024, 1, 31)]), "n": pa.array([1], pa.uint8())})
    content = written(parquet.write_table, table, store_schema=False)
    found = column_files.recognise_parquet(sample_of(content))
    assert found is not None
    assert [hive.text_of(column.type) for column in found.schema] == ["date", "smallint"]


@FORMATS
def test_columns(write: Write, recognise: Recognise, name: str) -> None:
    table = pa.table({"Id": [1, 2, 3], "ü b": ["x", "y", None]})
    content = written(write, table)
    found = recognise(sample_of(content))
    assert found is not None
    assert [(column.name, column.spelled) for column in found.schema] == [
        ("id", "Id"),
        ("ü b", "ü b"),
    ]
    assert (found.records, found.record_bytes) == (3, len(content) / 3)


@FORMATS
def test_no_rows(write: Write, recognise: Recognise, name: str) -> None:
    found = recognise(sample_of(written(write, of(pa.int32()))))
    assert found is not None
    assert (found.records, found.record_bytes) == (0, 0.0)
    assert [column.type for column in found.schema] == [hive.INT]


@FORMATS
def test_a_large_file_is_read_at_its_ends_only(
    write: Write, recognise: Recognise, name: str
) -> None:
    content = written(write, pa.table({"a": NOISE}))
    assert len(content) > MEGABYTE
    objects, found = one_object(content)
    recognised = recognise(Sample(objects, found))
    assert recognised is not None
    assert recognised.records == len(NOISE)
    assert len(objects.reads) <= 4
    assert objects.bytes_read < MEGABYTE // 4


@FORMATS
def test_a_small_file_is_one_request(write: Write, recognise: Recognise, name: str) -> None:
    objects, found = one_object(written(write, of(pa.int32(), 1)))
    assert recognise(Sample(objects, found)) is not None
    assert len(objects.reads) == 1


@FORMATS
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: content[:4], id="nothing but the mark"),
        pytest.param(lambda content: content[:-10], id="cut off"),
        pytest.param(lambda content: content[:-60] + bytes(60), id="no footer"),
        pytest.param(lambda content: content + b"more", id="more behind it"),
        pytest.param(lambda content: content[:-9] + b"\xff" + content[-8:], id="a wrong footer"),
    ],
)
def test_damaged_files(
    write: Write, recognise: Recognise, name: str, damage: Callable[[bytes], bytes]
) -> None:
    content = damage(written(write, of(pa.int32(), 1, 2, 3)))
    found = recognise(sample_of(content))
    # One byte of a footer need not matter; it must not be an error.
    assert found is None or found.kind == Kind(classification=name)
    assert recognise(sample_of(content[: len(content) // 2])) is None


@FORMATS
def test_other_files(write: Write, recognise: Recognise, name: str) -> None:
    assert recognise(sample_of(b"a,b\n1,2\n")) is None
    other = orc.write_table if name == "parquet" else parquet.write_table
    assert recognise(sample_of(written(other, of(pa.int32(), 1)))) is None


class _Going(MemoryObjects):
    """Objects that are deleted when something was read of them."""

    def read(self, found: FoundObject, start: int, length: int) -> bytes:
        content = MemoryObjects.read(self, found, start, length)
        self.buckets = {"data": {}}
        return content


@FORMATS
def test_a_file_that_is_deleted_meanwhile(write: Write, recognise: Recognise, name: str) -> None:
    content = written(write, pa.table({"a": NOISE}))
    objects = _Going({"data": {"one": content}})
    found = FoundObject(bucket="data", key="one", size=len(content))
    with pytest.raises(ObjectGone):
        recognise(Sample(objects, found))


@FORMATS
def test_a_service_that_is_gone_is_no_damage(write: Write, recognise: Recognise, name: str) -> None:
    class Down(MemoryObjects):
        """Objects that can be reached once."""

        def read(self, found: FoundObject, start: int, length: int) -> bytes:
            if self.reads:
                raise ServiceUnreachable("GetObject", 60.0, "down")
            return MemoryObjects.read(self, found, start, length)

    content = written(write, pa.table({"a": NOISE}))
    found = FoundObject(bucket="data", key="one", size=len(content))
    with pytest.raises(ServiceUnreachable):
        recognise(Sample(Down({"data": {"one": content}}), found))


@pytest.mark.parametrize("depth", [50, 150])
def test_types_that_lie_deep(depth: int) -> None:
    arrow = pa.int32()
    for _ in range(depth):
        arrow = pa.list_(arrow)
    found = column_files.recognise_orc(sample_of(written(orc.write_table, of(arrow))))
    assert found is not None
    assert hive.text_of(found.schema[0].type).count("<") == min(depth, hive.DEEPEST + 1)


def test_types_that_lie_too_deep_to_be_looked_at() -> None:
    """More levels than Python calls within calls."""
    arrow = pa.int32()
    for _ in range(480):
        arrow = pa.struct([("a", arrow)])
    assert column_files.recognise_orc(sample_of(written(orc.write_table, of(arrow)))) is None


@FORMATS
@pytest.mark.parametrize("change", [0, 0x7F, 0xFF])
def test_files_with_a_wrong_byte_are_one_or_none(
    write: Write, recognise: Recognise, name: str, change: int
) -> None:
    """Names that are no text, types that are none, lengths beyond the file."""
    content = written(write, pa.table({"né": ["x", "y"], "s": [{"q": 1}, None]}))
    for place in range(len(content) // 3, len(content), 2):
        found = recognise(sample_of(content[:place] + bytes([change]) + content[place + 1 :]))
        assert found is None or found.kind == Kind(classification=name)
