"""Streams as scripts describe them, in the words of Spark: pure functions over options.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-kafka-home.html
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from awsglue._errors import ConnectionOptionError, NotAvailableError
from awsglue._options import flag

#: which topics: one of these, with Spark's word for it
_TOPICS = {"topicName": "subscribe", "assign": "assign", "subscribePattern": "subscribePattern"}
#: the same in Spark, under other names
_RENAMED = {
    "startingOffsets": "startingOffsets",
    "endingOffsets": "endingOffsets",
    "pollTimeoutMs": "kafkaConsumer.pollTimeoutMs",
    "numRetries": "fetchOffset.numRetries",
    "retryIntervalMs": "fetchOffset.retryIntervalMs",
    "maxOffsetsPerTrigger": "maxOffsetsPerTrigger",
    "minPartitions": "minPartitions",
    "includeHeaders": "includeHeaders",
    "failOnDataLoss": "failOnDataLoss",
}
#: what the values of a stream may be
FORMATS = ("json", "csv", "avro")


@dataclass(frozen=True, kw_only=True, slots=True)
class Payload:
    """What the values of a stream hold."""

    format: str  #: one of FORMATS
    schema: str = ""  #: SQL's list of columns, for avro an Avro schema; "" finds it in each batch
    delimiter: str = ","  #: between the values of csv
    timestamp: bool = False  #: whether the time of the record becomes `__src_timestamp`
    headers: bool = False  #: whether its headers become `glue_streaming_kafka_headers`


def kafka(
    options: Mapping[str, Any], connection: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the options of Spark's Kafka source.

    Args:
        options: those of the script; `kafka.…` and `bootstrap.servers`, `security.protocol` and
            other settings of Kafka's own consumer pass through.
        connection: the ConnectionProperties of a connection of the Data Catalog.

    Raises:
        ConnectionOptionError: no servers or topics are given, or two ways to say which.
        NotAvailableError: the connection logs in by SASL.
    """
    found = {**_from_connection(connection or {}), **_own_settings(options)}
    if "kafka.bootstrap.servers" not in found:
        raise ConnectionOptionError(
            "bootstrap.servers", "is missing: the brokers, as host:port with commas between them."
        )
    chosen = [name for name in _TOPICS if options.get(name)]
    if len(chosen) != 1:
        raise ConnectionOptionError(
            "topicName", "or assign or subscribePattern has to be given, and only one of them."
        )
    found[_TOPICS[chosen[0]]] = str(options[chosen[0]])
    found |= {
        theirs: str(options[ours])
        for ours, theirs in _RENAMED.items()
        if options.get(ours) not in (None, "")
    }
    return found | _starting_time(options)


def _own_settings(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings of Kafka's consumer: all names with a dot."""
    dotted = {name: str(value) for name, value in options.items() if "." in name}
    return {
        name if name.startswith("kafka.") else f"kafka.{name}": value
        for name, value in dotted.items()
    }


def _from_connection(properties: Mapping[str, str]) -> dict[str, str]:
    if not properties:
        return {}
    if properties.get("KAFKA_SASL_MECHANISM"):
        raise NotAvailableError(
            "A Kafka connection that logs in by SASL",
            'Give the options "kafka.security.protocol", "kafka.sasl.mechanism" and '
            '"kafka.sasl.jaas.config" instead.',
        )
    secure = flag(properties.get("KAFKA_SSL_ENABLED"), default=True)
    return {
        "kafka.bootstrap.servers": properties.get("KAFKA_BOOTSTRAP_SERVERS", ""),
        "kafka.security.protocol": "SSL" if secure else "PLAINTEXT",
    }


def _starting_time(options: Mapping[str, Any]) -> dict[str, str]:
    text = options.get("startingTimestamp")
    if not text:
        return {}
    if options.get("startingOffsets"):
        raise ConnectionOptionError("startingTimestamp", "and startingOffsets exclude each other.")
    try:
        moment = datetime.datetime.fromisoformat(str(text))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ConnectionOptionError(
            "startingTimestamp", f"is {text!r}; it must be like 2023-04-04T08:00:00-04:00."
        )
    return {"startingTimestamp": str(int(moment.timestamp() * 1000))}


def payload(options: Mapping[str, Any], format: str = "") -> Payload:
    """Return what the values of a stream hold.

    Args:
        options: `classification`, `schema` or `inferSchema`, `delimiter`, `addRecordTimestamp`,
            `includeHeaders`; `avroSchema` is the older name of an Avro schema.
        format: as `setFormat` gave it; counts more than `classification`.

    Raises:
        ConnectionOptionError: there is no format, or neither a schema nor the wish to find one.
        NotAvailableError: the format cannot be read from a stream, or has no types to be found.
    """
    name = (format or str(options.get("classification") or "")).lower()
    if not name:
        raise ConnectionOptionError("classification", "is missing: json, csv or avro.")
    if name not in FORMATS:
        raise NotAvailableError(
            f"The format {name!r} in a stream", f"These work: {', '.join(FORMATS)}."
        )
    schema = str(options.get("schema") or options.get("avroSchema") or "").strip()
    if not schema and not flag(options.get("inferSchema")):
        raise ConnectionOptionError("schema", 'is missing; or set {"inferSchema": "true"}.')
    if not schema and name != "json":
        raise NotAvailableError(f"inferSchema for {name} in a stream", "Give the option schema.")
    return Payload(
        format=name,
        schema=schema,
        delimiter=str(options.get("delimiter") or ","),
        timestamp=flag(options.get("addRecordTimestamp")),
        headers=flag(options.get("includeHeaders")),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Batches:
    """How `forEachBatch` works a stream off."""

    window: str  #: between the beginnings of two batches, as Spark writes an interval
    checkpoint: str  #: a path
    retries: int  #: how often one batch is tried again
    persist: bool  #: whether a batch is kept while its function runs
    storage_level: str  #: where, by Spark's name


#: how often a failing batch is tried again, and how often at most
DEFAULT_RETRIES = 3
_MOST_RETRIES = 100


def batches(options: Mapping[str, Any]) -> Batches:
    """Read the options of `forEachBatch`.

    Raises:
        ConnectionOptionError: one is missing, or cannot be used.
    """
    for name, what in (
        ("windowSize", 'how long a batch collects, like "100 seconds"'),
        ("checkpointLocation", "a path, where the stream keeps what it has read"),
    ):
        if not options.get(name):
            raise ConnectionOptionError(name, f"is missing: {what}.")
    return Batches(
        window=window(options["windowSize"]),
        checkpoint=str(options["checkpointLocation"]),
        retries=_retries(options.get("batchMaxRetries")),
        persist=flag(options.get("persistDataFrame"), default=True),
        storage_level=_storage_level(str(options.get("storageLevel") or "MEMORY_AND_DISK")),
    )


def window(size: Any) -> str:
    """Return a window; a bare number is seconds, as Glue Studio writes it."""
    text = str(size).strip()
    return f"{text} seconds" if text.isdecimal() else text


def _retries(value: Any) -> int:
    if value in (None, ""):
        return DEFAULT_RETRIES
    try:
        retries = int(str(value))
    except ValueError:
        retries = -1
    if not 0 <= retries <= _MOST_RETRIES:
        raise ConnectionOptionError(
            "batchMaxRetries", f"is {value!r}; it must be between 0 and {_MOST_RETRIES}."
        )
    return retries


_LEVELS = {
    *("DISK_ONLY", "DISK_ONLY_2", "DISK_ONLY_3", "MEMORY_ONLY", "MEMORY_ONLY_2"),
    *("MEMORY_AND_DISK", "MEMORY_AND_DISK_2", "MEMORY_AND_DISK_DESER", "OFF_HEAP", "NONE"),
}


def _storage_level(name: str) -> str:
    if name.upper() not in _LEVELS:
        raise ConnectionOptionError(
            "storageLevel", f"is {name!r}; it must be one of {', '.join(sorted(_LEVELS))}."
        )
    return name.upper()
