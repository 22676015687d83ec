from __future__ import annotations

from typing import Any

import pytest

from awsglue._errors import ConnectionOptionError, NotAvailableError
from awsglue._streaming import stream_options as streams

_SERVERS = {"bootstrap.servers": "b:9092"}


@pytest.mark.parametrize(
    ("options", "connection", "expected"),
    [
        pytest.param(
            {**_SERVERS, "topicName": "a,b", "classification": "json"},
            {},
            {"kafka.bootstrap.servers": "b:9092", "subscribe": "a,b"},
            id="topics by name",
        ),
        pytest.param(
            {**_SERVERS, "assign": '{"a":[0]}', "security.protocol": "SSL"},
            {},
            {
                "kafka.bootstrap.servers": "b:9092",
                "kafka.security.protocol": "SSL",
                "assign": '{"a":[0]}',
            },
            id="partitions, and a setting of Kafka's own",
        ),
        pytest.param(
            {
                "kafka.bootstrap.servers": "b:9092",
                "kafka.group.id": "g",
                "subscribePattern": "t.*",
                "startingOffsets": "earliest",
                "pollTimeoutMs": 10,
                "numRetries": 2,
                "retryIntervalMs": "5",
                "maxOffsetsPerTrigger": 100,
                "minPartitions": 4,
                "includeHeaders": "true",
                "endingOffsets": "",
            },
            {},
            {
                "kafka.bootstrap.servers": "b:9092",
                "kafka.group.id": "g",
                "subscribePattern": "t.*",
                "startingOffsets": "earliest",
                "kafkaConsumer.pollTimeoutMs": "10",
                "fetchOffset.numRetries": "2",
                "fetchOffset.retryIntervalMs": "5",
                "maxOffsetsPerTrigger": "100",
                "minPartitions": "4",
                "includeHeaders": "true",
            },
            id="all that Spark has under another name",
        ),
        pytest.param(
            {"topicName": "t", "startingTimestamp": "2023-04-04T08:00:00-04:00"},
            {"KAFKA_BOOTSTRAP_SERVERS": "c:9093", "KAFKA_SSL_ENABLED": "true"},
            {
                "kafka.bootstrap.servers": "c:9093",
                "kafka.security.protocol": "SSL",
                "subscribe": "t",
                "startingTimestamp": "1680609600000",
            },
            id="a connection, and a time to begin at",
        ),
        pytest.param(
            {**_SERVERS, "topicName": "t"},
            {"KAFKA_BOOTSTRAP_SERVERS": "c:9093", "KAFKA_SSL_ENABLED": "false"},
            {
                "kafka.bootstrap.servers": "b:9092",
                "kafka.security.protocol": "PLAINTEXT",
                "subscribe": "t",
            },
            id="options count more than the connection",
        ),
    ],
)
def test_kafka_in_the_words_of_spark(
    options: dict[str, Any], connection: dict[str, str], expected: dict[str, str]
) -> None:
    assert streams.kafka(options, connection) == expected


@pytest.mark.parametrize(
    ("options", "connection", "error", "said"),
    [
        pytest.param({"topicName": "t"}, {}, ConnectionOptionError, "bootstrap.servers", id="none"),
        pytest.param(_SERVERS, {}, ConnectionOptionError, "only one of them", id="no topic"),
        pytest.param(
            {**_SERVERS, "topicName": "t", "assign": "{}"},
            {},
            ConnectionOptionError,
            "only one of them",
            id="two ways",
        ),
        pytest.param(
            {**_SERVERS, "topicName": "t", "startingTimestamp": "yesterday"},
            {},
            ConnectionOptionError,
            "must be like",
            id="no time",
        ),
        pytest.param(
            {**_SERVERS, "topicName": "t", "startingTimestamp": "2023-04-04T08:00:00"},
            {},
            ConnectionOptionError,
            "must be like",
            id="a time without a zone",
        ),
        pytest.param(
            {
                **_SERVERS,
                "topicName": "t",
                "startingTimestamp": "2023-04-04T08:00:00Z",
                "startingOffsets": "latest",
            },
            {},
            ConnectionOptionError,
            "exclude each other",
            id="two beginnings",
        ),
        pytest.param(
            {"topicName": "t"},
            {"KAFKA_BOOTSTRAP_SERVERS": "b", "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512"},
            NotAvailableError,
            "SASL",
            id="a login",
        ),
    ],
)
def test_what_kafka_cannot_be_asked(
    options: dict[str, Any], connection: dict[str, str], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        streams.kafka(options, connection)


@pytest.mark.parametrize(
    ("options", "format", "expected"),
    [
        pytest.param(
            {"classification": "JSON", "inferSchema": "true"},
            "",
            streams.Payload(format="json"),
            id="types found in each batch",
        ),
        pytest.param(
            {"classification": "json", "schema": "a int, b string", "delimiter": "|"},
            "csv",
            streams.Payload(format="csv", schema="a int, b string", delimiter="|"),
            id="setFormat counts more",
        ),
        pytest.param(
            {
                "classification": "avro",
                "avroSchema": "{}",
                "addRecordTimestamp": "true",
                "includeHeaders": True,
            },
            "",
            streams.Payload(format="avro", schema="{}", timestamp=True, headers=True),
            id="an older name, and columns beside",
        ),
    ],
)
def test_payloads(options: dict[str, Any], format: str, expected: streams.Payload) -> None:
    assert streams.payload(options, format) == expected


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        pytest.param({}, ConnectionOptionError, "classification is missing", id="no format"),
        pytest.param({"classification": "json"}, ConnectionOptionError, "schema is", id="no types"),
        pytest.param({"classification": "grokLog"}, NotAvailableError, "json, csv", id="format"),
        pytest.param(
            {"classification": "csv", "inferSchema": "true"}, NotAvailableError, "schema", id="csv"
        ),
    ],
)
def test_payloads_that_cannot_be_read(
    options: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        streams.payload(options)


_NEEDED = {"windowSize": "5 seconds", "checkpointLocation": "s3://b/c"}


def test_batches_have_defaults() -> None:
    assert streams.batches(_NEEDED) == streams.Batches(
        window="5 seconds",
        checkpoint="s3://b/c",
        retries=3,
        persist=True,
        storage_level="MEMORY_AND_DISK",
    )
    given = {"persistDataFrame": "false", "storageLevel": "disk_only", "batchMaxRetries": "0"}
    chosen = streams.batches({**_NEEDED, **given, "windowSize": 100})
    assert (chosen.window, chosen.retries, chosen.persist) == ("100 seconds", 0, False)
    assert chosen.storage_level == "DISK_ONLY"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"windowSize": ""}, "windowSize is missing", id="no window"),
        pytest.param({"checkpointLocation": None}, "checkpointLocation is missing", id="nowhere"),
        pytest.param({"batchMaxRetries": "101"}, "between 0 and 100", id="too many tries"),
        pytest.param({"batchMaxRetries": "few"}, "between 0 and 100", id="no number"),
        pytest.param({"storageLevel": "PAPER"}, "storageLevel is 'PAPER'", id="no such place"),
    ],
)
def test_batches_that_cannot_run(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ConnectionOptionError, match=said):
        streams.batches({**_NEEDED, **options})
