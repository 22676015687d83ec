"""One Spark session for all tests of awsglue, with buckets as the bootstrap of a job mounts them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from awsglue.context import GlueContext
from pyspark.sql import SparkSession

BUCKET = "lake"


@pytest.fixture(scope="session")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory that `s3://lake` is mounted from."""
    root = tmp_path_factory.mktemp("objects") / BUCKET
    root.mkdir()
    return root


@pytest.fixture(scope="session")
def spark(objects: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    os.environ["PYSPARK_PYTHON"] = sys.executable  # workers run the same interpreter
    builder = SparkSession.builder.master("local[2]").appName("awsglue tests")
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.default.parallelism": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
        f"spark.hadoop.fs.viewfs.mounttable.{BUCKET}.linkFallback": objects.as_uri(),
    }
    for scheme in ("s3", "s3a", "s3n"):
        settings[f"spark.hadoop.fs.{scheme}.impl"] = (
            "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme"
        )
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def glue(spark: SparkSession) -> GlueContext:
    return GlueContext(spark.sparkContext)


@pytest.fixture
def folder(objects: Path, request: pytest.FixtureRequest) -> Path:
    """A directory of the bucket for one test."""
    directory = objects / request.node.name.replace("[", "-").replace("]", "")
    directory.mkdir(parents=True)
    return directory


@pytest.fixture
def uri(folder: Path) -> str:
    """The address of `folder`."""
    return f"s3://{BUCKET}/{folder.name}"
