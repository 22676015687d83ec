from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from awsglue._errors import UnreadableFileError
from awsglue.context import GlueContext


# Each row: what readers of Spark 3.5 and 4.1 said of a real file, and what the error must say then.
@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("Illegal Parquet type: INT64 (TIMESTAMP(NANOS,true))", "nanosAsLong=true"),
        ("[PARQUET_TYPE_ILLEGAL] Illegal Parquet type: INT64 (TIMESTAMP(NANOS,false)). "
         "SQLSTATE: 42846", "coerce_timestamps='us'"),
        ("Illegal Parquet type: INT64 (TIME(NANOS,true))", "Spark has no such type"),
        ("Illegal Parquet type: FIXED_LEN_BYTE_ARRAY (FLOAT16)", "Spark has no such type"),
        ("s3://b/f is not a Parquet file. Expected magic number at tail, but found [49, 44]",
         "The file is of another format, or was cut off"),
        ("corrupted file: the footer index is not within the file: -79", "was cut off"),
        ("Malformed ORC file s3://b/f. Invalid postscript", "The file is of another format"),
        ("Protocol message tag had invalid wire type", "The file is of another format"),
        ("it has no header of an Avro file", "The file is of another format"),
        ("its header ends too early", "The file was cut off. Upload it again"),
        ("Unexpected end of input stream", "The file was cut off. Upload it again"),
        ("java.io.EOFException", "The file was cut off. Upload it again"),
        ("not a gzip file", "ends like that of a packed file, and it is none"),
        ("incorrect header check", "ends like that of a packed file, and it is none"),
        ("Unknown frame descriptor", "ends like that of a packed file, and it is none"),
        ("native zStandard library not available: this version of libhadoop was built without zstd "
         "support.", "Pack them as .gz or .bz2"),
        ("Java heap space", "Pack them as .gz or .bz2"),  # a length that is none: another framing
        ("File file:/b/f does not exist", "something deletes files while the job runs"),
        ("/b/f (Permission denied)", "may not read it"),
        ("a checksum is wrong", "The file is damaged. Upload it again"),
    ],
)  # fmt: skip
def test_the_remedy_fits_the_reason(reason: str, says: str) -> None:
    text = str(UnreadableFileError("s3://b/f", reason))
    assert text.startswith(f"s3://b/f cannot be read: {reason.removesuffix('.')}. ")
    assert says in text
    assert ("damaged" in text) == (says.startswith(("The file is damaged", "ends like")))


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_nanoseconds_are_named_with_both_ways_out(
    glue: GlueContext, folder: Path, uri: str, zone: str | None
) -> None:
    moments = pa.array([1_700_000_000_123_456_789], pa.timestamp("ns", zone))
    pa.parquet.write_table(pa.table({"at": moments}), folder / "n.parquet", version="2.6")

    def first() -> object:
        frame = glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "parquet")
        row = frame.toDF().first()
        assert row is not None
        return row["at"]

    with pytest.raises(UnreadableFileError, match=r"TIMESTAMP\(NANOS.*The file is whole") as error:
        first()
    assert "coerce_timestamps='us'" in str(error.value)
    spark = glue.spark_session
    spark.conf.set("spark.sql.legacy.parquet.nanosAsLong", "true")  # the one way
    try:
        assert first() == 1_700_000_000_123_456_789
    finally:
        spark.conf.unset("spark.sql.legacy.parquet.nanosAsLong")
    pa.parquet.write_table(  # the other way
        pa.table({"at": moments}),
        folder / "n.parquet",
        coerce_timestamps="us",
        allow_truncated_timestamps=True,
    )
    assert str(first()).startswith("2023-11-14 22:13:20.123456")
