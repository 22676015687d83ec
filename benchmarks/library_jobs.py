"""The jobs that `library.py` compares: ours over `awsglue`, theirs over DataFrames, by hand."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms import ApplyMapping, DropFields, Filter, Map, Relationalize

Job = Callable[[str, str], None]  #: reads a path and writes below another


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """A job of ours beside the same job by hand.

    Args:
        name: in the table.
        bar: the most that our time may be, in theirs.
        input: the name of a method of `Inputs`.
        ours: over `awsglue`.
        theirs: by hand, in every way that may be the fastest; the fastest counts.
        content: what must be the same of the two outputs, as SQL by sub-directory.
    """

    name: str
    bar: float
    input: str
    ours: Job
    theirs: tuple[Job, ...]
    content: Mapping[str, tuple[str, str]]


class Jobs:
    """All of them, on one session."""

    def __init__(self, spark: SparkSession) -> None:
        self.spark = spark
        self.glue = GlueContext(spark)

    def comparisons(self) -> list[Comparison]:
        """Return what is compared."""
        same = {"": ("*", "*")}
        return [
            Comparison(
                name="csv, ApplyMapping, DropFields",
                bar=1.10,
                input="csv",
                ours=self.mapped,
                theirs=(self.mapped_by_hand, self.mapped_by_hand_with_types),
                content=same,
            ),
            Comparison(
                name="csv, Filter and Map in Python",
                bar=1.10,
                input="csv",
                ours=self.functions,
                theirs=(self.functions_by_arrow, self.functions_by_pandas),
                content=same,
            ),
            Comparison(
                name="a recognised Filter",
                bar=1.10,
                input="parquet",
                ours=self.recognised,
                theirs=(self.filtered_by_hand,),
                content=same,
            ),
            Comparison(
                name="JSON without conflicts",
                bar=1.15,
                input="json",
                ours=self.json,
                theirs=(self.json_by_hand,),
                content=same,
            ),
            Comparison(
                name="JSON with conflicts",
                bar=1.5,
                input="conflicting_json",
                ours=self.json,
                theirs=(self.json_by_hand,),
                content={
                    "": (
                        "id, name, coalesce(string(amount.int), amount.string)",
                        "id, name, amount",
                    )
                },
            ),
            Comparison(
                name="Relationalize, three levels",
                bar=1.25,
                input="nested",
                ours=self.relationalized,
                theirs=(self.exploded_by_hand,),
                content=_RELATIONAL,
            ),
        ]

    def _read(self, path: str, format: str, **options: Any) -> DynamicFrame:
        return self.glue.create_dynamic_frame.from_options(
            connection_type="s3",
            connection_options={"paths": [path], "recurse": True},
            format=format,
            format_options=options,
        )

    def _write(self, frame: DynamicFrame, path: str) -> None:
        self.glue.write_dynamic_frame.from_options(
            frame=frame,
            connection_type="s3",
            connection_options={"path": path},
            format="parquet",
        )

    def mapped(self, source: str, target: str) -> None:
        frame = self._read(source, "csv", withHeader=True)
        frame = ApplyMapping.apply(frame=frame, mappings=_MAPPINGS)
        self._write(DropFields.apply(frame=frame, paths=["comment", "street"]), target)

    def mapped_by_hand(self, source: str, target: str) -> None:
        types = {new: kind for _, _, new, kind in _MAPPINGS if new not in ("comment", "street")}
        frame = self._texts(source)
        columns = [
            f"cast({old} AS {types[new]}) AS {new}" for old, _, new, _ in _MAPPINGS if new in types
        ]
        frame.selectExpr(*columns).write.parquet(target)

    def mapped_by_hand_with_types(self, source: str, target: str) -> None:
        schema = ", ".join(f"{old} {kind}" for old, _, _, kind in _MAPPINGS)
        frame = self.spark.read.schema(schema).option("header", "true").csv(source)
        columns = [
            f"{old} AS {new}" for old, _, new, _ in _MAPPINGS if new not in ("comment", "street")
        ]
        frame.selectExpr(*columns).write.parquet(target)

    def _texts(self, source: str) -> DataFrame:
        schema = ", ".join(f"{old} string" for old, _, _, _ in _MAPPINGS)
        return self.spark.read.schema(schema).option("header", "true").csv(source)

    def functions(self, source: str, target: str) -> None:
        frame = self._read(source, "csv", withHeader=True)
        frame = Map.apply(frame=Filter.apply(frame=frame, f=_wanted()), f=_changed())
        self._write(frame, target)

    def functions_by_arrow(self, source: str, target: str) -> None:
        wanted, changed, schema = _wanted(), _changed(), pa.schema(_CHANGED_ARROW)

        def step(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                rows = [changed(row) for row in batch.to_pylist() if wanted(row)]
                yield pa.RecordBatch.from_pylist(rows, schema)

        self._texts(source).mapInArrow(step, _CHANGED_SQL).write.parquet(target)

    def functions_by_pandas(self, source: str, target: str) -> None:
        wanted, changed = _wanted(), _changed()

        def step(frames: Iterable[pandas.DataFrame]) -> Iterator[pandas.DataFrame]:
            for frame in frames:
                rows = frame.to_dict("records")
                yield pandas.DataFrame([changed(row) for row in rows if wanted(row)])

        self._texts(source).mapInPandas(step, _CHANGED_SQL).write.parquet(target)

    def recognised(self, source: str, target: str) -> None:
        frame = self._read(source, "parquet")
        kept = Filter.apply(frame=frame, f=lambda row: row["age"] > 18 and row["state"] == "NY")
        self._write(kept, target)

    def filtered_by_hand(self, source: str, target: str) -> None:
        frame = self.spark.read.parquet(source)
        frame.filter("age > 18 AND state = 'NY'").write.parquet(target)

    def json(self, source: str, target: str) -> None:
        self._write(self._read(source, "json"), target)

    def json_by_hand(self, source: str, target: str) -> None:
        self.spark.read.json(source).write.parquet(target)

    def relationalized(self, source: str, target: str) -> None:
        frames = Relationalize.apply(
            frame=self._read(source, "parquet"), staging_path=f"{target}-staging", name="root"
        )
        for name, directory in _RELATIONS.items():
            self._write(frames[name], f"{target}/{directory}")

    def exploded_by_hand(self, source: str, target: str) -> None:
        key = "monotonically_increasing_id() + 1"
        customers = self.spark.read.parquet(source).selectExpr("*", f"{key} AS k")
        orders = customers.selectExpr("k AS id", "posexplode(orders) AS (index, one)").selectExpr(
            "id", "index", "one.number AS number", "one.lines AS lines", f"{key} AS k"
        )
        lines = orders.selectExpr("k AS id", "posexplode(lines) AS (index, one)").selectExpr(
            "id",
            "index",
            "one.line AS line",
            "one.amount AS amount",
            "one.tags AS tags",
            f"{key} AS k",
        )
        tags = lines.selectExpr("k AS id", "posexplode(tags) AS (index, tag)")
        written = {
            "customers": customers.selectExpr("id", "name", "k AS orders"),
            "orders": orders.selectExpr("id", "index", "number", "k AS lines"),
            "lines": lines.selectExpr("id", "index", "line", "amount", "k AS tags"),
            "tags": tags,
        }
        for directory, frame in written.items():
            frame.write.parquet(f"{target}/{directory}")


_MAPPINGS = [
    ("id", "string", "id", "long"),
    ("name", "string", "full_name", "string"),
    ("state", "string", "state", "string"),
    ("age", "string", "age", "int"),
    ("amount", "string", "amount", "long"),
    ("price", "string", "price", "double"),
    ("day", "string", "day", "date"),
    ("comment", "string", "comment", "string"),
    ("active", "string", "active", "boolean"),
    ("street", "string", "street", "string"),
]
_RELATIONS = {
    "root": "customers",
    "root_orders": "orders",
    "root_orders.val.lines": "lines",
    "root_orders.val.lines.val.tags": "tags",
}
_RELATIONAL = {
    "customers": ("id, name", "id, name"),
    "orders": ("index, `orders.val.number`", "index, number"),
    "lines": (
        "index, `orders.val.lines.val.line`, `orders.val.lines.val.amount`",
        "index, line, amount",
    ),
    "tags": ("index, `orders.val.lines.val.tags.val`", "index, tag"),
}
_CHANGED_SQL = (
    "id string, name string, state string, age int, amount string, price double, day date, "
    "comment string, active string, street string, key string"
)
_CHANGED_ARROW = [
    ("id", pa.string()),
    ("name", pa.string()),
    ("state", pa.string()),
    ("age", pa.int32()),
    ("amount", pa.string()),
    ("price", pa.float64()),
    ("day", pa.date32()),
    ("comment", pa.string()),
    ("active", pa.string()),
    ("street", pa.string()),
    ("key", pa.string()),
]


def _wanted() -> Callable[[Any], bool]:
    """Return a predicate that no one can turn into SQL."""
    return lambda row: int(row["age"]) >= 18 and row["name"].split()[1].isdigit()


def _changed() -> Callable[[Any], Any]:
    """Return a function that changes, adds and parses fields of its record."""

    def change(row: Any) -> Any:
        row["age"] = int(row["age"])
        row["price"] = float(row["price"])
        row["day"] = datetime.date.fromisoformat(row["day"])
        row["key"] = row["state"].lower() + "-" + row["id"]
        return row

    return change
