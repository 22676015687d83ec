from __future__ import annotations

import bz2
import gzip
import io
import json

import pyarrow as pa
import pytest
from pyarrow import orc, parquet

from crawl.classifiers import test_avro_files as avro
from crawl.memory_objects import MemoryObjects, one_object, sample_of
from glueball.crawl.classifiers import classify
from glueball.crawl.kinds import UNKNOWN, Classified, Kind
from glueball.crawl.objects import ObjectGone
from glueball.crawl.samples import MEGABYTE, Sample


def _columns(write: object) -> bytes:
    file = io.BytesIO()
    assert callable(write)
    write(pa.table({"a": [1]}), file)
    return file.getvalue()


PARQUET = _columns(parquet.write_table)
ORC = _columns(orc.write_table)
AVRO = avro.file_of(avro.RECORD)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(AVRO, "avro", id="avro"),
        pytest.param(ORC, "orc", id="orc"),
        pytest.param(PARQUET, "parquet", id="parquet"),
        pytest.param(b'{"a":1,"b":2}\n{"a":1,"b":2}\n', "json", id="json, though csv fits as well"),
        pytest.param(b"ORCHID,1\nORCHID,2\n", "csv delimited by ',' without header", id="orchids"),
        pytest.param(b"[a],b\n1,2\n3,4\n", "csv delimited by ','", id="brackets in a csv"),
        pytest.param(b'{a},b\n"x",1\n', "csv delimited by ','", id="braces in a csv"),
        pytest.param(gzip.compress(b"a|b\n1|2\n"), "csv delimited by '|', gzip", id="csv in gzip"),
        pytest.param(bz2.compress(b'{"a":1}'), "json, bzip2", id="json in bzip2"),
    ],
)
def test_files(content: bytes, kind: str) -> None:
    found = classify(sample_of(content))
    assert str(found.kind) == kind
    assert found.is_known
    assert found.reason == ""


@pytest.mark.parametrize(
    ("content", "compression", "reason"),
    [
        pytest.param(AVRO[:10], "none", "a damaged Avro file", id="avro"),
        pytest.param(ORC[:10], "none", "a damaged ORC file", id="orc"),
        pytest.param(PARQUET[:10], "none", "a damaged Parquet file", id="parquet"),
        pytest.param(b"PARE" + PARQUET[4:], "none", "encrypted footer", id="encrypted"),
        pytest.param(b"PK\x03\x04" + bytes(20), "none", "a ZIP archive", id="zip"),
        pytest.param(b"\x28\xb5\x2f\xfd" + bytes(9), "none", "packed with zstd", id="zstd"),
        pytest.param(b"\xfd7zXZ\0" + bytes(9), "none", "packed with xz", id="xz"),
        pytest.param(b"\x04\x22\x4d\x18" + bytes(9), "none", "packed with LZ4", id="lz4"),
        pytest.param(b"\xff\x06\0\0sNaPpY", "none", "packed with Snappy", id="snappy"),
        pytest.param(b"\xe0\x01\0\xea" + bytes(9), "none", "Ion is not read yet", id="ion"),
        pytest.param(b"<?xml version='1.0'?><a/>", "none", "XML is not read yet", id="xml"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0", "none", "neither text in UTF-8", id="an image"),
        pytest.param("a,b\n1,2".encode("utf-16"), "none", "neither text in UTF-8", id="utf-16"),
        pytest.param(gzip.compress(PARQUET), "gzip", "neither text in UTF-8", id="packed parquet"),
        pytest.param(gzip.compress(b""), "gzip", "it holds nothing", id="packed nothing"),
        pytest.param(b"\x1f\x8b\x08oops", "gzip", "it holds nothing, or is damaged", id="no gzip"),
        pytest.param(b'{"a": 1', "none", "begins as JSON does", id="half a record"),
        pytest.param(b"Dear Sir\n", "none", "neither JSON nor csv", id="a letter"),
        pytest.param(b"\xef\xbb\xbf", "none", "neither text in UTF-8", id="a mark alone"),
    ],
)
def test_unknown_files(content: bytes, compression: str, reason: str) -> None:
    found = classify(sample_of(content))
    assert found.kind == Kind(classification=UNKNOWN, compression=compression)
    assert not found.is_known
    assert found.schema == ()
    assert reason in found.reason


def test_all_classifiers_together_read_the_beginning_once() -> None:
    """Three look at the first megabyte; it is asked for, and unpacked, by one."""
    words = "\n".join(f"{number * 7919 % 10_007} words" for number in range(400_000)).encode()
    objects, found = one_object(words)
    assert not classify(Sample(objects, found)).is_known
    assert objects.bytes_read == MEGABYTE
    objects, found = one_object(gzip.compress(words))
    assert not classify(Sample(objects, found)).is_known
    assert len(objects.reads) <= 5
    assert objects.bytes_read <= found.size


def test_an_object_that_is_gone() -> None:
    _, found = one_object(b"a")
    with pytest.raises(ObjectGone):
        classify(Sample(MemoryObjects({"data": {}}), found))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind(classification="json"), "json"),
        (Kind(classification="json", compression="gzip"), "json, gzip"),
        (Kind(classification="csv", delimiter="\t", header=True), "csv delimited by '\\t'"),
        (Kind(classification="csv", delimiter=","), "csv delimited by ',' without header"),
    ],
)
def test_kinds_as_text(kind: Kind, text: str) -> None:
    assert str(kind) == text


def test_what_is_known() -> None:
    assert Classified(kind=Kind(classification="json")).is_known
    assert not Classified(kind=Kind(classification=UNKNOWN)).is_known
    assert json.loads(classify(sample_of(AVRO)).avro_schema) == avro.RECORD
