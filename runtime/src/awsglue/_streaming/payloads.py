"""The values of a stream's records, as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame, functions
from pyspark.sql import types as spark

from awsglue import gluetypes as glue
from awsglue._steps.casts import lifted
from awsglue._steps.rewrite import Item

if TYPE_CHECKING:
    from pyspark.sql import Column

    from awsglue._streaming.stream_options import Payload

#: the column of JSON texts whose types are found in each batch. Scripts name it, so it is AWS's.
INFERRED = "$json$data_infer_schema$_temporary$"
_TIMESTAMP = "__src_timestamp"
_HEADERS = "glue_streaming_kafka_headers"


def columns(records: DataFrame, payload: Payload) -> DataFrame:
    """Return the values of Kafka's records as columns.

    Args:
        records: with a `value`, and a `timestamp` and `headers` where the payload asks for them.
        payload: what the values hold.
    """
    extra = []
    if payload.timestamp:
        extra.append(f"timestamp AS {_TIMESTAMP}")
    if payload.headers:
        extra.append(
            "transform(headers, h -> named_struct('key', h.key, 'value', CAST(h.value AS string)))"
            f" AS {_HEADERS}"
        )
    if not payload.schema:
        return records.selectExpr(f"CAST(value AS string) AS `{INFERRED}`", *extra)
    names = [sql.rpartition(" ")[2] for sql in extra]
    parsed = records.select(_parsed(payload).alias("parsed"), *map(functions.expr, extra))
    if isinstance(parsed.schema["parsed"].dataType, spark.ArrayType):  # several records in a value
        parsed = parsed.select(functions.explode("parsed").alias("parsed"), *names)
    return parsed.select("parsed.*", *names)


def _parsed(payload: Payload) -> Column:
    text = functions.col("value").cast("string")
    if payload.format == "json":
        return functions.from_json(text, payload.schema)
    if payload.format == "csv":
        return functions.from_csv(text, payload.schema, {"sep": payload.delimiter})
    from pyspark.sql.avro.functions import from_avro

    return from_avro("value", payload.schema, {"mode": "PERMISSIVE"})


def inferred(frame: Any) -> Any:
    """Return a stream's batch as `Lazy[Records]`, its JSON texts as fields; all else as it is.

    Texts that are malformed become error records.
    """
    if not isinstance(frame, DataFrame) or INFERRED not in frame.columns:
        return frame
    # Here and not above: only frames of streams need them.
    from awsglue._python.python_steps import Origin
    from awsglue._records import Lazy, Records
    from awsglue._steps.unbox import unbox

    records = unbox(Records.of(frame), f"`{INFERRED}`", "json", {}, Origin.here(""))
    items: list[Item] = []
    for item in records.items:
        if item.name == INFERRED and isinstance(item.type, glue.StructType):
            items += [Item.of(field.name, lifted(item.value, field)) for field in item.type]
        else:
            items.append(item)
    return Lazy.made(records.select(items))
