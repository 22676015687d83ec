"""Fixtures for unit tests of Glue scripts: docs/testing.md.

pytest finds this module by its entry point, in every project that has the package installed; so
nothing of Spark is imported before a test asks for it.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from glueball_runtime import aws_package

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from awsglue.context import GlueContext
    from glueball_runtime.local_spark import LocalSpark

#: makes a bucket, or finds it, and returns its directory
Buckets = Callable[[str], Path]


@pytest.fixture(scope="session")
def glue_spark_settings() -> dict[str, str]:
    """Settings of Spark, over those of `local_spark.SETTINGS`; override it in conftest.py."""
    return {}


@pytest.fixture(scope="session")
def local_spark(
    tmp_path_factory: pytest.TempPathFactory, glue_spark_settings: dict[str, str]
) -> Iterator[LocalSpark]:
    """One Spark for all tests; `mount` and `bucket` are for fixtures that outlive a test."""
    aws_package.refuse(sys.path)
    from glueball_runtime.local_spark import LocalSpark

    spark = LocalSpark(tmp_path_factory.mktemp("spark"), glue_spark_settings)
    yield spark
    spark.close()


@pytest.fixture(scope="session")
def spark_session(local_spark: LocalSpark) -> SparkSession:
    """The Spark session of all tests."""
    return local_spark.session


@pytest.fixture(scope="session")
def glue_context(spark_session: SparkSession) -> GlueContext:
    """The GlueContext of all tests."""
    from awsglue.context import GlueContext

    return GlueContext(spark_session)


@pytest.fixture
def glue_bucket(local_spark: LocalSpark) -> Iterator[Buckets]:
    """Makes buckets: `glue_bucket("raw")` is a directory, empty at first, that is `s3://raw/`."""
    made: dict[str, Path] = {}

    def bucket(name: str) -> Path:
        made[name] = local_spark.bucket(name)
        return made[name]

    yield bucket
    for directory in made.values():
        # Spark remembers the directory of a bucket, so it stays and only its content goes
        for entry in directory.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
