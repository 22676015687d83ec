"""What Spark and its JVM really raise, described: one Spark for all cases, in its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import glueball_runtime
from glueball_runtime import jvm

SPARK_4 = jvm.spark_version() >= (4,)

#: name -> a script that fails, and what its ErrorMessage begins with
CASES = {
    "a path that does not exist": (
        "spark.read.csv('/nothing/of/that/name')",
        "Error Category: RESOURCE_NOT_FOUND_ERROR; Failed Line Number: 1; AnalysisException: "
        "[PATH_NOT_FOUND] Path does not exist: file:/nothing/of/that/name",
    ),
    "the same, found out by Hadoop": (
        "\nspark.sparkContext.textFile('/nothing/of/that/name').count()",
        "Error Category: RESOURCE_NOT_FOUND_ERROR; Failed Line Number: 2; An error occurred while "
        "calling z:org.apache.spark.api.python.PythonRDD.collectAndServe. Input path does not "
        "exist: file:/nothing/of/that/name",
    ),
    "a column that does not exist": (
        "spark.range(1).select('nope')",
        "Error Category: QUERY_ERROR; Failed Line Number: 1; AnalysisException: "
        "[UNRESOLVED_COLUMN.WITH_SUGGESTION]",
    ),
    "SQL that is none": (
        "spark.sql('selec 1')",
        "Error Category: QUERY_ERROR; Failed Line Number: 1; ParseException: "
        "[PARSE_SYNTAX_ERROR] Syntax error at or near 'selec'",
    ),
    "a path that exists already": (
        "for _ in range(2):\n    spark.range(1).write.csv('out')",
        "Error Category: RESOURCES_ALREADY_EXISTS_ERROR; Failed Line Number: 2; "
        "AnalysisException: [PATH_ALREADY_EXISTS]",
    ),
    "an argument that Spark refuses": (
        "spark.range(1).repartition(-1)",
        "Error Category: INVALID_ARGUMENT_ERROR; Failed Line Number: 1; "
        "IllegalArgumentException: requirement failed: Number of partitions (-1)",
    ),
    "a function that raises in a worker": (
        "rows = spark.range(3).rdd\nrows.map(lambda row: 1 / 0).count()",
        "Error Category: UNCLASSIFIED_SPARK_ERROR; Failed Line Number: 2; An error occurred while "
        "calling z:org.apache.spark.api.python.PythonRDD.collectAndServe. Job aborted due to "
        "stage failure",
    ),
    "a function that raises while files are written": (
        "from pyspark.sql.functions import udf\n"
        "ratio = udf(lambda value: 1 / 0)\n"
        "spark.range(1).select(ratio('id')).write.parquet('failed')",
        # Spark 3.5 knows the line that writes, Spark 4 the function's own
        f"Error Category: UNCLASSIFIED_SPARK_ERROR; Failed Line Number: {2 if SPARK_4 else 3}; ",
    ),
    "a file that is no Parquet": (
        "open('no.parquet', 'w').write('no Parquet')\nspark.read.parquet('no.parquet')",
        "Error Category: UNCLASSIFIED_SPARK_ERROR; Failed Line Number: 2; An error occurred",
    ),
    "columns that differ in case only": (
        "open('case.json', 'w').write('{\"a\": 1, \"A\": 2}')\nspark.read.json('case.json')",
        "Error Category: QUERY_ERROR; Failed Line Number: 2; AnalysisException: "
        "[COLUMN_ALREADY_EXISTS] The column `a` already exists.",
    ),
    "memory that the JVM does not have": (
        "spark.sparkContext._jvm.java.util.ArrayList(2**31 - 1)",
        "Error Category: OUT_OF_MEMORY_ERROR; Failed Line Number: 1; ",
    ),
}
#: name -> a script that fails for want of something, and what its ErrorMessage says of the way out
REMEDIES = {
    "a table of the Data Catalog": ("spark.sql('select * from sales.orders')", "from_catalog("),
    "a database of the Data Catalog": ("spark.sql('use sales')", "from_catalog("),
    "Iceberg's catalog": (
        "spark.conf.set('spark.sql.catalog.g', 'org.apache.iceberg.spark.SparkCatalog')\n"
        "spark.sql('select * from g.d.t')",
        "iceberg-spark-runtime-",
    ),
    "the format delta": ("spark.read.format('delta').load('x')", "--extra-jars"),
    "another format": ("spark.read.format('xyz').load('x')", "--extra-jars"),
    "lists without elements": (
        "spark.sql('select array() a').write.orc('empty')",
        "DropNullFields.apply(frame)",
    ),
    "structs without fields": (
        "spark.sql('select 1 a, from_json(\\'{}\\', \\'struct<>\\') b').write.parquet('bare')",
        "DropNullFields.apply(frame)",
    ),
    "nanoseconds": (
        "import pyarrow as pa, pyarrow.parquet\n"
        "table = pa.table({'t': pa.array([1], pa.timestamp('ns', 'UTC'))})\n"
        "pa.parquet.write_table(table, 'n.parquet', version='2.6')\n"
        "spark.read.parquet('n.parquet')",
        "nanosAsLong=true",
    ),
}

PROGRAM = """
import json, sys
from glueball_runtime.failures import describe
from pyspark.sql import SparkSession

spark = (
    SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
)
messages = {}
for name, (source, _) in json.load(open(sys.argv[1])).items():
    try:
        exec(compile(source, "script.py", "exec"), {"spark": spark})
    except Exception as error:
        messages[name] = describe(error, "script.py", "5.1", "glueetl").message
json.dump(messages, open(sys.argv[2], "w"))
"""


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    directory = tmp_path_factory.mktemp("spark")
    cases, answer = directory / "cases.json", directory / "messages.json"
    cases.write_text(json.dumps(CASES | REMEDIES))
    source_root = str(Path(glueball_runtime.__path__[0]).parent)
    subprocess.run(
        [sys.executable, "-c", PROGRAM, str(cases), str(answer)],
        check=True,
        cwd=directory,
        env=os.environ | {"PYTHONPATH": source_root},
        capture_output=True,
        timeout=300,
    )
    messages: dict[str, str] = json.loads(answer.read_text())
    return messages


@pytest.mark.parametrize("name", CASES)
def test_the_message(messages: dict[str, str], name: str) -> None:
    assert messages[name].startswith(CASES[name][1])


@pytest.mark.parametrize("name", REMEDIES)
def test_the_way_out(messages: dict[str, str], name: str) -> None:
    assert REMEDIES[name][1] in messages[name]


def test_the_last_cause_names_the_file(messages: dict[str, str]) -> None:
    text = messages["a file that is no Parquet"]
    assert "/no.parquet is not a Parquet file" in text.partition(" Cause: ")[2]


def test_the_exception_of_a_worker_is_told(messages: dict[str, str]) -> None:
    text = messages["a function that raises while files are written"]
    assert text.endswith("ZeroDivisionError: division by zero")


def test_no_java_stack_is_shown(messages: dict[str, str]) -> None:
    assert [name for name, text in messages.items() if "\tat " in text] == []
