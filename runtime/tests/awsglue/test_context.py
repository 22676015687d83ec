from __future__ import annotations

import time
import warnings
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession, SQLContext

from awsglue._errors import NotAvailableError
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrameCollection
from glueball_runtime import bookmarks
from glueball_runtime.bookmarks.session import Bookmarks
from tests.awsglue.conftest import Make, rows_of, tree_of
from tests.memory_store import MemoryStore


def test_a_context_is_sparks_sql_context(spark: SparkSession) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        contexts = [GlueContext(spark.sparkContext), GlueContext(spark), GlueContext()]
    for context in contexts:
        assert isinstance(context, SQLContext)
        assert context.spark_session is context.sparkSession
        assert context.sql("select 1 AS a").collect() == [Row(a=1)]
        assert context.createDataFrame([(1,)], ["a"]).count() == 1
    assert contexts[0]._jsc.hadoopConfiguration().get("fs.s3.impl")
    assert GlueContext(spark, minPartitions=1, targetPartitions=2).tables is not None


def test_the_logger_has_the_usual_levels(glue: GlueContext) -> None:
    logger = glue.get_logger()
    for level in ("info", "warn", "error", "debug"):
        getattr(logger, level)("a line")
    assert logger.isInfoEnabled()


def test_frames_of_an_rdd(glue: GlueContext, spark: SparkSession) -> None:
    data = spark.sparkContext.parallelize([Row(a=1)])
    frame = glue.create_dynamic_frame.from_rdd(data, "name")
    assert (frame.name, rows_of(frame)) == ("name", [{"a": 1}])


def test_a_dataframe_from_options(glue: GlueContext, folder: Path, uri: str) -> None:
    (folder / "f.csv").write_text("a\n1\n")
    data = glue.create_data_frame.from_options(
        connection_type="s3",
        connection_options={"paths": [uri]},
        format="csv",
        format_options={"withHeader": True},
    )
    assert data.collect() == [Row(a="1")]


def test_a_local_path(glue: GlueContext, folder: Path) -> None:
    (folder / "f.csv").write_text("1\n")
    frame = glue.create_dynamic_frame.from_options("file", {"paths": [f"file://{folder}"]}, "csv")
    assert rows_of(frame) == [{"col0": "1"}]


def test_sources_and_sinks_whose_format_is_set_later(
    glue: GlueContext, make: Make, uri: str
) -> None:
    sink = glue.getSink(
        connection_type="s3",
        path=uri,
        updateBehavior="LOG",
        partitionKeys=["k"],
        compression="gzip",
        enableUpdateCatalog=True,
        transformation_ctx="sink",
    )
    sink.setFormat("json")
    errors = sink.writeFrame(make("a int, k string", (1, "01")))
    assert errors.count() == 0
    source = glue.getSource("s3", paths=[uri], transformation_ctx="source")
    source.setFormat("json")
    assert rows_of(source.getFrame()) == [{"a": 1, "k": "01"}]
    assert source.getDataFrame().columns == ["a", "k"]


def test_a_collection_is_written_below_the_names(
    glue: GlueContext, make: Make, folder: Path, uri: str
) -> None:
    frames = DynamicFrameCollection({"x": make("a int", (1,)), "y": make("a int", (2,))}, glue)
    glue.write_dynamic_frame.from_options(frames, "s3", {"path": uri}, "json")
    assert sorted(path.name for path in folder.iterdir()) == ["x", "y"]


def test_a_frame_writes_itself(make: Make, folder: Path, uri: str) -> None:
    make("a int", (1,)).write("s3", {"path": uri}, "json")
    assert [path.read_text() for path in folder.glob("part-*")] == ['{"a":1}\n']


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda g, f: g.getSink("s3").write("text"), TypeError, "not a str"),
        (lambda g, f: g.getSink("s3", "json").writeFrame(f), ValueError, 'needs "path"'),
        (lambda g, f: g.getSink("s3", path="s3://lake/x").writeFrame(f), ValueError, "a format"),
        (lambda g, f: g.getSource("s3", paths="s3://lake").getFrame(), ValueError, "a format"),
        (
            lambda g, f: g.getSource("s3", "cvs", paths="s3://lake").getFrame(),
            ValueError,
            "There is no format 'cvs'. These can be read: avro, csv,",
        ),
        (lambda g, f: g.getSource("dynamodb"), NotAvailableError, "'dynamodb' is not in this"),
    ],
)
def test_what_cannot_be_done_is_said(
    glue: GlueContext, make: Make, call: Any, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        call(glue, make("a int", (1,)))


def run_with(store: MemoryStore) -> Bookmarks:
    """Begin a run whose sources go by the store's bookmark."""
    started = Bookmarks(store, store.read(), now_ms=lambda: int(time.time() * 1000))
    bookmarks.activate(started)
    return started


def test_a_bookmark_over_three_runs(glue: GlueContext, folder: Path, uri: str) -> None:
    store = MemoryStore()

    def read() -> Any:
        return glue.create_dynamic_frame.from_options(
            "s3", {"paths": [uri]}, "csv", {"withHeader": True}, transformation_ctx="source"
        )

    try:
        (folder / "a.csv").write_text("a,b\n1,x\n")
        run = run_with(store)
        assert rows_of(read()) == [{"a": "1", "b": "x"}]
        run.commit()

        (folder / "b.csv").write_text("a,b\n2,y\n")
        run = run_with(store)
        assert rows_of(read()) == [{"a": "2", "b": "y"}]
        run.commit()

        run_with(store)
        nothing = read()
        # Nothing is new: no records, no fields, and a whole job over it still runs.
        assert (tree_of(nothing), nothing.count()) == ([], 0)
        mapped = nothing.apply_mapping(
            [("a", "string", "a", "int"), ("b", "string", "b", "string")]
        )
        joined = mapped.join("a", "a", nothing).filter(lambda r: r["a"] > 1)
        assert joined.toDF().collect() == []
        glue.write_dynamic_frame.from_options(
            joined, "s3", {"path": f"{uri}/out", "partitionKeys": ["a"]}, "parquet"
        )
        assert not list(folder.glob("out/**/*.parquet"))
    finally:
        bookmarks.deactivate()
