"""Streams of files and of Spark's rate source; Kafka as far as it goes without a broker."""

from __future__ import annotations

import datetime
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.errors import StreamingQueryException
from pyspark.sql import DataFrame

from awsglue._errors import ConnectionOptionError, MissingJarError, NotAvailableError
from awsglue._streaming import queries
from awsglue._streaming.payloads import INFERRED, columns
from awsglue._streaming.stream_options import Payload
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from glueball_runtime import jars, jvm
from tests.awsglue.conftest import rows_of, tree_of


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch, glue: GlueContext) -> Iterator[None]:
    """Does not wait before a batch is tried again; no stream outlives a test."""
    monkeypatch.setattr(queries, "_PAUSES", (0.0,))
    yield
    assert glue.spark_session.streams.active == []


def stop_soon(glue: GlueContext) -> None:
    """Stop all streams, from outside of the batch that asks for it."""

    def stop() -> None:
        for query in glue.spark_session.streams.active:
            query.stop()

    threading.Thread(target=stop).start()


def put(folder: Path, name: str, *records: dict[str, Any]) -> None:
    (folder / "in").mkdir(exist_ok=True)
    (folder / "in" / name).write_text("".join(json.dumps(one) + "\n" for one in records))


def stream_of_files(glue: GlueContext, uri: str) -> DataFrame:
    source = glue.getStreamingSource("s3", path=f"{uri}/in", schema="id long", maxFilesPerTrigger=1)
    source.setFormat("json")
    return source.getFrame()


def options(uri: str, **more: Any) -> dict[str, Any]:
    return {"windowSize": "50 milliseconds", "checkpointLocation": f"{uri}/checkpoint", **more}


def test_each_batch_with_rows_is_worked_off_once(glue: GlueContext, folder: Path, uri: str) -> None:
    put(folder, "1.json", {"id": 1}, {"id": 2})
    put(folder, "2.json")  # no rows
    put(folder, "3.json", {"id": 3})
    seen: list[list[int]] = []

    def work(batch: DataFrame, number: int) -> None:
        assert batch.storageLevel.useMemory
        seen.append(sorted(row.id for row in batch.collect()))
        if len(seen) == 2:
            stop_soon(glue)

    glue.forEachBatch(stream_of_files(glue, uri), work, options(uri))
    assert sorted(seen) == [[1, 2], [3]]

    put(folder, "4.json", {"id": 4})  # a later run goes on where this one ended

    def again(batch: DataFrame, number: int) -> None:
        assert not batch.storageLevel.useMemory
        seen.append(sorted(row.id for row in batch.collect()))
        if 4 in seen[-1]:
            stop_soon(glue)

    glue.forEachBatch(stream_of_files(glue, uri), again, options(uri, persistDataFrame="false"))
    assert seen[-1] == [4]
    assert len(seen) <= 4  # the batch that was being worked off when the stream ended comes again


def test_a_batch_that_fails_is_tried_again_and_a_success_resets_the_count(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    for number in range(3):
        put(folder, f"{number}.json", {"id": number})
    tried: list[int] = []

    def work(batch: DataFrame, number: int) -> None:
        tried.append(number)
        if tried.count(number) < 3:
            raise RuntimeError(f"try {tried.count(number)} of {number}")
        if len(set(tried)) == 3:
            stop_soon(glue)

    glue.forEachBatch(stream_of_files(glue, uri), work, options(uri, batchMaxRetries=2))
    assert tried == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_in_the_end_the_functions_own_error_is_raised(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    put(folder, "1.json", {"id": 1})
    tried: list[int] = []

    def work(batch: DataFrame, number: int) -> None:
        tried.append(number)
        raise ZeroDivisionError("by design")

    with pytest.raises(ZeroDivisionError, match="by design"):
        glue.forEachBatch(stream_of_files(glue, uri), work, options(uri, batchMaxRetries="1"))
    assert len(tried) == 2


def test_a_stream_that_fails_by_itself_is_told(glue: GlueContext, folder: Path, uri: str) -> None:
    put(folder, "1.json", {"id": 1})
    (folder / "checkpoint").mkdir()
    (folder / "checkpoint" / "metadata").write_text("torn")
    with pytest.raises(Exception, match=r"(?i)metadata"):
        glue.forEachBatch(stream_of_files(glue, uri), print, options(uri, batchMaxRetries=0))


def test_whatever_ends_the_script_ends_the_stream(
    glue: GlueContext, monkeypatch: pytest.MonkeyPatch, uri: str
) -> None:
    """A stopped run gets a signal, which interrupts the waiting."""
    stream = glue.create_data_frame.from_options("rate", {"rowsPerSecond": "10"})
    began = threading.Event()

    def interrupt(_: object, seconds: float) -> bool:
        assert seconds <= 1
        assert glue.spark_session.streams.active
        assert began.wait(20)
        raise KeyboardInterrupt

    monkeypatch.setattr("pyspark.sql.streaming.StreamingQuery.awaitTermination", interrupt)
    with pytest.raises(KeyboardInterrupt):
        glue.forEachBatch(stream, lambda batch, number: began.set(), options(uri))


def test_a_sample_is_the_first_records(glue: GlueContext) -> None:
    stream = glue.create_data_frame.from_options("rate", {"rowsPerSecond": "1000"})
    called: list[int] = []
    sample = glue.getSampleStreamingDynamicFrame(
        stream,
        {"recordPollingLimit": "5", "windowSize": "100 milliseconds"},
        lambda batch, number: called.append(number),
    )
    assert sample.count() == 5
    assert set(sample.toDF().columns) == {"timestamp", "value"}
    assert called
    short = glue.getSampleStreamingDynamicFrame(
        glue.create_data_frame.from_options("rate", {"rowsPerSecond": "1"}),
        {"pollingTimeInMs": 0, "windowSize": "50 milliseconds"},
    )
    assert short.count() <= 1
    with pytest.raises(ConnectionOptionError, match="recordPollingLimit is 'all'"):
        glue.getSampleStreamingDynamicFrame(stream, {"recordPollingLimit": "all"})


@pytest.mark.parametrize(
    ("granularity", "names"),
    [
        pytest.param("day", ["ingest_year", "ingest_month", "ingest_day"], id="day"),
        pytest.param(
            "Hour", ["ingest_year", "ingest_month", "ingest_day", "ingest_hour"], id="hour"
        ),
        pytest.param(
            "minute",
            ["ingest_year", "ingest_month", "ingest_day", "ingest_hour", "ingest_minute"],
            id="minute",
        ),
    ],
)
def test_ingestion_times_are_texts_in_utc(
    glue: GlueContext, granularity: str, names: list[str]
) -> None:
    session = glue.spark_session
    session.conf.set("spark.sql.session.timeZone", "Asia/Kathmandu")
    try:
        before = datetime.datetime.now(datetime.UTC)
        frame = glue.add_ingestion_time_columns(session.range(1), granularity)
        [row] = frame.collect()
        after = datetime.datetime.now(datetime.UTC)
    finally:
        session.conf.set("spark.sql.session.timeZone", "UTC")
    assert frame.columns == ["id", *names]
    patterns = ["%Y", "%m", "%d", "%H", "%M"][: len(names)]
    known = [[time.strftime(pattern) for pattern in patterns] for time in (before, after)]
    assert list(row[1:]) in known


def test_an_unknown_granularity_is_refused(glue: GlueContext) -> None:
    with pytest.raises(ValueError, match="'week' is none of day, hour, minute"):
        glue.add_ingestion_time_columns(glue.spark_session.range(1), "week")


# What is in Kafka's records


@pytest.fixture
def records(glue: GlueContext) -> DataFrame:
    """Three records as Spark's Kafka source gives them."""
    time = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    return glue.spark_session.createDataFrame(
        [
            (b'{"a": 1, "b": {"c": "x"}}', time, [("k", b"v")]),
            (b'{"a": "two"}', time, None),
            (b"no json", time, None),
        ],
        "value binary, timestamp timestamp, headers array<struct<key: string, value: binary>>",
    )


def test_json_with_a_schema(records: DataFrame) -> None:
    payload = Payload(format="json", schema="a string, b struct<c: string>")
    rows = columns(records, payload).collect()
    assert [row.a for row in rows] == ["1", "two", None]
    assert rows[0].b.c == "x"


def test_json_without_a_schema_finds_its_types_in_a_dynamic_frame(
    glue: GlueContext, records: DataFrame
) -> None:
    batch = columns(records, Payload(format="json", timestamp=True))
    assert batch.columns == [INFERRED, "__src_timestamp"]  # scripts read this column themselves
    frame = DynamicFrame.fromDF(
        glue.add_ingestion_time_columns(batch, "day"), glue, "from_data_frame"
    )
    assert [line.strip("| -") for line in tree_of(frame)][:3] == ["a: choice", "int", "string"]
    kept = frame.resolveChoice(specs=[("a", "cast:string")]).select_fields(["a", "b"])
    assert rows_of(kept) == [{"a": "1", "b": {"c": "x"}}, {"a": "two", "b": None}]
    assert frame.errorsCount() == 1
    assert "ingest_day" in frame.toDF().columns


def test_csv_and_headers(glue: GlueContext, records: DataFrame) -> None:
    session = glue.spark_session
    csv = session.createDataFrame([(b"1|x",)], "value binary")
    payload = Payload(format="csv", schema="a int, b string", delimiter="|")
    assert columns(csv, payload).collect() == [(1, "x")]
    headed = columns(records, Payload(format="json", schema="a string", headers=True)).first()
    assert headed is not None
    assert headed["glue_streaming_kafka_headers"] == [("k", "v")]


def test_avro(glue: GlueContext) -> None:
    """A record with the long 3 and the text "ab", and an array of two, by Avro's encoding."""
    fields = [{"name": "n", "type": "long"}, {"name": "t", "type": "string"}]
    record = {"type": "record", "name": "r", "fields": fields}
    one = glue.spark_session.createDataFrame([(b"\x06\x04ab",)], "value binary")
    assert columns(one, Payload(format="avro", schema=json.dumps(record))).collect() == [(3, "ab")]
    several = glue.spark_session.createDataFrame(
        [(b"\x04\x06\x04ab\x08\x02c\x00",)], "value binary"
    )
    listed = Payload(format="avro", schema=json.dumps({"type": "array", "items": record}))
    assert columns(several, listed).collect() == [(3, "ab"), (4, "c")]


def test_kafka_without_a_broker(glue: GlueContext, uri: str) -> None:
    """The source is asked, and its silence ends the job with a reason; or its jar is missing."""
    given = {
        "bootstrap.servers": "127.0.0.1:1",
        "topicName": "t",
        "classification": "json",
        "inferSchema": "true",
        "default.api.timeout.ms": "300",
        "request.timeout.ms": "200",
        "numRetries": "1",
    }
    if "Kafka" in jars.missing(jvm.spark_version()):
        with pytest.raises(MissingJarError, match="A Kafka stream needs spark-sql-kafka-0-10"):
            glue.create_data_frame.from_options("kafka", given)
        return
    stream = glue.create_data_frame.from_options("kafka", given)
    assert stream.isStreaming
    assert stream.columns == [INFERRED]
    with pytest.raises(StreamingQueryException, match=r"(?i)time"):
        glue.forEachBatch(stream, print, options(uri, batchMaxRetries=0))


@pytest.mark.parametrize(
    ("kind", "given", "error", "said"),
    [
        pytest.param("kinesis", {}, NotAvailableError, "A stream of 'kinesis'", id="kinesis"),
        pytest.param("s3", {"format": "json"}, ConnectionOptionError, "path is", id="no path"),
        pytest.param("s3", {"path": "s3://b/x"}, ConnectionOptionError, "format is", id="format"),
        pytest.param(
            "file",
            {"paths": ["/x"], "format": "csv"},
            ConnectionOptionError,
            "schema is missing",
            id="types",
        ),
    ],
)
def test_streams_that_are_not_there(
    glue: GlueContext, kind: str, given: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        glue.getStreamingSource(kind, **given).getDataFrame()
