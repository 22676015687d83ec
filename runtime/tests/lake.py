"""The Spark session of all tests, with the bucket `s3://lake`.

tests/conftest.py offers the fixtures, so that there is one of each in a process.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Protocol

import pytest
from pyspark.sql import SparkSession

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from glueball_runtime.local_spark import LocalSpark

BUCKET = "lake"
#: what Java reads options from that the Spark of the tests has, and runs have not
QUICK_JAVA = "JDK_JAVA_OPTIONS"


@pytest.fixture(scope="session")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory that `s3://lake` is mounted from: that of a service's home, if one runs."""
    root = tmp_path_factory.mktemp("home") / "objects" / BUCKET
    root.mkdir(parents=True)
    return root


@pytest.fixture(scope="session")
def spark(local_spark: LocalSpark, objects: Path) -> SparkSession:
    local_spark.mount(BUCKET, objects)
    return local_spark.session


@pytest.fixture(scope="session")
def glue(spark: SparkSession) -> GlueContext:
    return GlueContext(spark.sparkContext)


@pytest.fixture
def folder(objects: Path) -> Path:
    """A directory of the bucket for one test."""
    return Path(tempfile.mkdtemp(dir=objects))


@pytest.fixture
def uri(folder: Path) -> str:
    """The address of `folder`."""
    return f"s3://{BUCKET}/{folder.name}"


class Make(Protocol):
    """Makes a frame of values."""

    def __call__(self, schema: str, *rows: tuple[Any, ...]) -> DynamicFrame: ...


@pytest.fixture(scope="session")
def make(glue: GlueContext) -> Make:
    """Makes a frame of a schema in SQL and rows."""

    def make_frame(schema: str, *rows: tuple[Any, ...]) -> DynamicFrame:
        data = glue.spark_session.createDataFrame(list(rows), schema)
        return DynamicFrame.fromDF(data, glue, "made")

    return make_frame
