"""Tables and partitions as the Data Catalog takes them: AWS's `TableInput` and `PartitionInput`.

The parameters are those that AWS's crawlers write:
https://docs.aws.amazon.com/glue/latest/dg/table-properties-crawler.html and
https://docs.aws.amazon.com/athena/latest/ug/glue-best-practices.html. One is ours: `multiLine` of
JSON whose records have line ends in them, without which jobs would not read them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from glueball.crawl.kinds import NO_COMPRESSION, Kind
from glueball.crawl.schemas import Schema, columns_document
from glueball.crawl.tables import Contents, FoundPartition, FoundTable

#: the parameter that names the crawl which wrote a table last
RUN: Final = "CRAWL_RUN_ID"
#: and the one that names the crawler that has made a table or a partition, and never changes. On
#: AWS it names the last updater; but then whatever a crawler had once updated, people's tables too,
#: would seem its own to delete
CRAWLER: Final = "UPDATED_BY_CRAWLER"
#: and since when the data is gone, in milliseconds of the epoch
DEPRECATED: Final = "DEPRECATED_BY_CRAWLER"
#: parameters that change with the data, though nothing else does
STATISTICS: Final = frozenset({"averageRecordSize", "objectCount", "recordCount", "sizeKey"})
#: parameters that are a crawler's: what it does not write again goes. Its name stays
OWN: Final = STATISTICS | {
    *(RUN, DEPRECATED, "CrawlerSchemaDeserializerVersion"),
    *("CrawlerSchemaSerializerVersion", "classification", "compressionType", "typeOfData"),
    *("areColumnsQuoted", "columnsOrdered", "delimiter", "skip.header.line.count"),
    *("avro.schema.literal", "multiLine", "exclusions"),
}
#: what AWS's crawlers call the partition index that they make
INDEX: Final = "crawler_partition_index"
#: by which Athena uses partition indexes
_FILTERING: Final = "partition_filtering.enabled"
_LONGEST_VALUE: Final = 512_000
_HIVE: Final = "org.apache.hadoop.hive"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Format:
    """Hive's classes for files of a kind."""

    input: str
    output: str
    serde: str


_TEXT_INPUT: Final = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUTPUT: Final = f"{_HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat"
_FORMATS: Final[Mapping[str, _Format]] = {
    "csv": _Format(
        input=_TEXT_INPUT,
        output=_TEXT_OUTPUT,
        serde=f"{_HIVE}.serde2.lazy.LazySimpleSerDe",
    ),
    "json": _Format(
        input=_TEXT_INPUT, output=_TEXT_OUTPUT, serde="org.openx.data.jsonserde.JsonSerDe"
    ),
    "parquet": _Format(
        input=f"{_HIVE}.ql.io.parquet.MapredParquetInputFormat",
        output=f"{_HIVE}.ql.io.parquet.MapredParquetOutputFormat",
        serde=f"{_HIVE}.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "orc": _Format(
        input=f"{_HIVE}.ql.io.orc.OrcInputFormat",
        output=f"{_HIVE}.ql.io.orc.OrcOutputFormat",
        serde=f"{_HIVE}.ql.io.orc.OrcSerde",
    ),
    "avro": _Format(
        input=f"{_HIVE}.ql.io.avro.AvroContainerInputFormat",
        output=f"{_HIVE}.ql.io.avro.AvroContainerOutputFormat",
        serde=f"{_HIVE}.serde2.avro.AvroSerDe",
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """What a crawl signs with what it writes."""

    crawler: str
    run_id: str
    exclusions: tuple[str, ...] = ()  #: the target's patterns, as "s3://bucket/folder/**.tmp"
    filtering: bool = True  #: whether tables with partitions get an index


def table_input(name: str, found: FoundTable, stamp: Stamp) -> dict[str, Any]:
    """Return a table that was found as AWS's `TableInput`."""
    parameters = _parameters(found.kind, found.contents, stamp)
    if found.keys and stamp.filtering:
        parameters[_FILTERING] = "true"
    columns = found.columns_of(found.contents)
    return {
        "Name": name,
        "Owner": "owner",
        "Retention": 0,
        "StorageDescriptor": _descriptor(
            found.kind, columns, found.contents, found.location, parameters
        ),
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in found.keys],
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
    }


def partition_input(found: FoundTable, partition: FoundPartition, stamp: Stamp) -> dict[str, Any]:
    """Return a partition of a table that was found as AWS's `PartitionInput`."""
    contents = partition.contents
    parameters = _parameters(found.kind, contents, stamp)
    columns = found.columns_of(contents)
    return {
        "Values": list(partition.values),
        "StorageDescriptor": _descriptor(
            found.kind, columns, contents, partition.location, parameters
        ),
        "Parameters": parameters,
    }


def inherited(partition: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a `PartitionInput` that is described as its table is (InheritFromTable).

    https://docs.aws.amazon.com/glue/latest/dg/crawler-schema-changes-prevent.html
    """
    of_table = table["StorageDescriptor"]
    members = ("Columns", "InputFormat", "OutputFormat", "SerdeInfo", "Compressed")
    same = {name: of_table[name] for name in members if name in of_table}
    return {**partition, "StorageDescriptor": {**partition["StorageDescriptor"], **same}}


def _descriptor(
    kind: Kind, columns: Schema, contents: Contents, location: str, parameters: Mapping[str, str]
) -> dict[str, Any]:
    classes = _FORMATS[kind.classification]
    return {
        "Columns": columns_document(columns),
        "Location": location,
        "InputFormat": classes.input,
        "OutputFormat": classes.output,
        "Compressed": kind.compression != NO_COMPRESSION,
        "NumberOfBuckets": -1,
        "SerdeInfo": {
            "SerializationLibrary": classes.serde,
            "Parameters": _serde_parameters(kind, columns, contents),
        },
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": {**parameters},
        "StoredAsSubDirectories": False,
    }


def _serde_parameters(kind: Kind, columns: Schema, contents: Contents) -> dict[str, str]:
    match kind.classification:
        case "csv":
            return {"field.delim": kind.delimiter}
        case "json":
            paths = ",".join(sorted(column.spelled for column in columns))
            return {"paths": paths} if len(paths) <= _LONGEST_VALUE else {}
        case "parquet":
            return {"serialization.format": "1"}
        case "avro":
            return {"serialization.format": "1", **_avro_schema(contents)}
    return {}


def _parameters(kind: Kind, contents: Contents, stamp: Stamp) -> dict[str, str]:
    return {
        RUN: stamp.run_id,
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        CRAWLER: stamp.crawler,
        "classification": kind.classification,
        "compressionType": kind.compression,
        "typeOfData": "file",
        "averageRecordSize": str(round(contents.record_bytes)),
        "objectCount": str(contents.objects),
        "recordCount": str(contents.records),
        "sizeKey": str(contents.size),
        **_of_kind(kind, contents),
        **_exclusions(stamp),
    }


def _of_kind(kind: Kind, contents: Contents) -> dict[str, str]:
    match kind.classification:
        case "csv":
            header = {"skip.header.line.count": "1"} if kind.header else {}
            return {
                "areColumnsQuoted": str(contents.quoted).lower(),
                "columnsOrdered": "true",
                "delimiter": kind.delimiter,
                **header,
            }
        case "json":
            return {"multiLine": "true"} if contents.multi_line else {}
        case "avro":
            return _avro_schema(contents)
    return {}


def _avro_schema(contents: Contents) -> dict[str, str]:
    text = contents.avro_schema
    return {"avro.schema.literal": text} if 0 < len(text) <= _LONGEST_VALUE else {}


def _exclusions(stamp: Stamp) -> dict[str, str]:
    """Return the patterns as jobs leave the same files out by them."""
    if not stamp.exclusions:
        return {}
    return {"exclusions": json.dumps(list(stamp.exclusions), separators=(",", ":"))}
