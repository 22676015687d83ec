"""The fixtures as a user's project has them: pytest in a process and a directory of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import glueball_runtime

DOCS = Path(__file__).parents[3] / "docs"
SOURCE = str(Path(glueball_runtime.__path__[0]).parent)


def run(project: Path, *options: str, **environment: str) -> tuple[int, str]:
    """Run the tests of a project; return status and output."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "glueball_runtime.pytest_plugin", *options],
        cwd=project,
        env={**os.environ, "PYTHONPATH": SOURCE, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_example_of_the_documentation_passes(tmp_path: Path) -> None:
    page = (DOCS / "testing.md").read_text()
    script, test = re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)
    (tmp_path / "etl.py").write_text(script)
    (tmp_path / "test_etl.py").write_text(test)
    status, output = run(tmp_path)
    assert status == 0, output
    assert "2 passed" in output


SETTINGS = """
import os
import time
from datetime import datetime

import pytest
from pyspark import SparkContext

from glueball_runtime.launch_error import LaunchError
from glueball_runtime.local_spark import LocalSpark


@pytest.fixture(scope="session")
def glue_spark_settings():
    return {"spark.driver.memory": "600m", "spark.sql.shuffle.partitions": "3"}


def test_settings_of_the_project_count(spark_session):
    heap = SparkContext._jvm.java.lang.Runtime.getRuntime().maxMemory()
    assert 500 << 20 < heap <= 600 << 20
    assert spark_session.conf.get("spark.sql.shuffle.partitions") == "3"
    assert spark_session.conf.get("spark.ui.enabled") == "false"


def test_the_time_zone_is_that_of_runs(spark_session):
    [row] = spark_session.sql("select timestamp_seconds(0) t").collect()
    assert row.t == datetime(1970, 1, 1)
    assert time.localtime(0).tm_hour == 0


def test_children_do_not_find_the_session_s_jvm(spark_session):
    assert "PYSPARK_GATEWAY_PORT" not in os.environ


@pytest.mark.parametrize("text", ["first", "second"])
def test_a_bucket_is_empty_for_each_test(spark_session, glue_bucket, text):
    bucket = glue_bucket("raw")
    assert list(bucket.iterdir()) == []
    (bucket / "sub").mkdir()
    (bucket / "sub" / "file.txt").write_text(text)
    assert spark_session.read.text("s3a://raw/sub/").first()[0] == text
    assert glue_bucket("raw") == bucket
    spark_session.range(3).write.parquet("s3://raw/numbers")
    assert spark_session.read.parquet("s3n://raw/numbers").count() == 3
    spark_session.range(3).write.csv("s3a://raw/csv")  # Parquet has a committer of its own
    assert spark_session.read.csv("s3://raw/csv").count() == 3


@pytest.mark.parametrize("name", ["Raw", "a", "../x", "raw.old", "raw/x", ""])
def test_names_that_no_bucket_can_have(glue_bucket, name):
    glue_bucket("raw")
    with pytest.raises(ValueError):
        glue_bucket(name)


def test_one_directory_a_bucket(local_spark, tmp_path):
    local_spark.mount("samples", tmp_path)
    assert local_spark.bucket("samples") == tmp_path
    with pytest.raises(ValueError, match="collides"):
        local_spark.mount("samples", tmp_path / "other")


def test_a_second_session_is_refused(local_spark, tmp_path):
    with pytest.raises(LaunchError, match="already"):
        LocalSpark(tmp_path)
"""


def test_the_session_is_small_and_its_own(tmp_path: Path) -> None:
    (tmp_path / "test_project.py").write_text(SETTINGS)
    status, output = run(tmp_path, TZ="America/New_York")
    assert status == 0, output


ANOTHER = """
import os

import pytest

from glueball_runtime.launch_error import LaunchError
from glueball_runtime.local_spark import LocalSpark


def test_a_session_may_follow_another(tmp_path):
    zone = os.environ.get("TZ")
    for name in ("first", "second"):
        spark = LocalSpark(tmp_path / name)
        assert spark.session.range(5).count() == 5
        spark.close()
    assert os.environ.get("TZ") == zone


@pytest.mark.parametrize(
    ("memory", "error", "words"),
    [
        ("lots", ValueError, "write it as 700m or 2g"),
        ("9999999g", LaunchError, "Could not reserve enough space|Invalid maximum heap size"),
    ],
)
def test_memory_that_there_is_not(tmp_path, memory, error, words):
    with pytest.raises(error, match=words):
        LocalSpark(tmp_path / "spark", {"spark.driver.memory": memory})
"""


def test_sessions_follow_each_other_and_say_why_they_do_not_start(tmp_path: Path) -> None:
    (tmp_path / "test_another.py").write_text(ANOTHER)
    status, output = run(tmp_path)
    assert status == 0, output


def test_a_project_that_asks_for_no_fixture_loads_no_spark(tmp_path: Path) -> None:
    (tmp_path / "test_plain.py").write_text(
        "import sys\n\ndef test_plain():\n    assert 'pyspark' not in sys.modules\n"
    )
    status, output = run(tmp_path)
    assert status == 0, output


def test_the_package_of_aws_is_named(tmp_path: Path) -> None:
    (tmp_path / "AWSGlueDataplanePython-5.1.0.dist-info").mkdir()
    (tmp_path / "test_glue.py").write_text("def test_glue(glue_context):\n    pass\n")
    status, output = run(tmp_path)
    assert status == 1
    assert f"AWSGlueDataplanePython 5.1.0 is installed in {tmp_path}" in output
