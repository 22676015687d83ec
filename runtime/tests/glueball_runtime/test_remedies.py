from __future__ import annotations

import pytest

from awsglue._errors import NotAvailableError
from glueball_runtime.failures import LONGEST_MESSAGE, summary
from glueball_runtime.remedies import remedy


def missing(name: str) -> ModuleNotFoundError:
    return ModuleNotFoundError(f"No module named '{name}'", name=name)


def java(text: str) -> Exception:
    """Return an error as Py4J raises it."""
    kind = type("Py4JJavaError", (type("Py4JError", (Exception,), {}),), {})
    error: Exception = kind(
        f"An error occurred while calling o1.sql.\n: {text}\n\tat a.B.c(B.java)"
    )
    return error


# Each row: an error, and what its message must say besides.
CASES: dict[str, tuple[Exception, str]] = {
    "Delta's module": (missing("delta"), "--additional-python-modules delta-spark==3.3.2"),
    "Delta's part": (missing("delta.tables"), ""),  # there is a module delta, and it is another
    "Glue Studio's transforms": (missing("gs_derived"), "--extra-py-files"),
    "AWS's machine learning": (missing("awsglueml"), "is not in this release"),
    "AWS's blueprints": (missing("awsglue.blueprint"), "is not in this release"),
    "a package": (missing("nltk"), "--additional-python-modules nltk installs it"),
    "a package of another name": (missing("sklearn"), "--additional-python-modules scikit-learn"),
    "the jar of Iceberg": (
        java("org.apache.spark.SparkException: Cannot find catalog plugin class for catalog "
             "'glue_catalog': org.apache.iceberg.spark.SparkCatalog."),
        "iceberg-spark-runtime-3.5_2.12",
    ),
    "a class of Iceberg": (
        java("java.lang.ClassNotFoundException: org.apache.iceberg.spark.SparkCatalog"),
        "--extra-jars",
    ),
    "the format of Hudi": (
        java("org.apache.spark.SparkClassNotFoundException: [DATA_SOURCE_NOT_FOUND] Failed to find "
             "the data source: hudi. Make sure the provider name is correct"),
        "no jars of Iceberg, Delta Lake and Hudi",
    ),
    "another format": (
        java("x: [DATA_SOURCE_NOT_FOUND] Failed to find the data source: com.crealytics.excel."),
        "Its jar is not on the class path: name it in --extra-jars.",
    ),
    "a table of the catalog": (
        java("x: [TABLE_OR_VIEW_NOT_FOUND] The table or view `sales`.`orders` cannot be found."),
        "create_dynamic_frame.from_catalog(",
    ),
    "a table in Iceberg's catalog": (
        java("x: [TABLE_OR_VIEW_NOT_FOUND] The table or view `glue_catalog`.`d`.`t` cannot be"),
        "spark.sql.catalog",
    ),
    "a database of the catalog": (
        java("x: [SCHEMA_NOT_FOUND] The schema `sales` cannot be found."), "from_catalog("),
    "a driver": (java("java.sql.SQLException: No suitable driver"), "--extra-jars"),
    "a column of nulls": (
        java("x: [UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE] The Parquet datasource doesn't support the "
             'column `a` of the type "ARRAY<VOID>".'),
        "DropNullFields",
    ),
    "a column of another type that cannot be written": (
        java("x: [UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE] The CSV datasource doesn't support the "
             'column `a` of the type "ARRAY<INT>".'),
        "",
    ),
    "structs without fields": (
        java("x: Datasource does not support writing empty or nested empty schemas."), "DropNull"),
    "nanoseconds": (
        java("x: Illegal Parquet type: INT64 (TIMESTAMP(NANOS,true))"), "nanosAsLong=true"),
    "a bucket": (
        java("x: Could not initialize target File System for URI s3://b"), "no such bucket"),
    "a cut file": (java("x: Unexpected end of input stream"), "upload it again"),
    "one of our own, which says it itself": (
        NotAvailableError("Reading x, No module named 'delta'", "Do y."), ""),
    "what nobody knows": (ValueError("No module named"), ""),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_way_out(name: str) -> None:
    error, says = CASES[name]
    way = remedy(error, str(error))
    assert says in way if says else way == ""
    assert summary(error).endswith(way)


def test_a_long_error_is_cut_before_the_way_out() -> None:
    text = summary(java("x: [SCHEMA_NOT_FOUND] " + "y" * 10_000))
    assert len(text) in (LONGEST_MESSAGE, LONGEST_MESSAGE - 1)
    assert text.endswith("ask for the view.")
