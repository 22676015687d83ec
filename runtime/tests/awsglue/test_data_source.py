from __future__ import annotations

import pytest

from awsglue.context import GlueContext
from tests.awsglue.conftest import rows_of


@pytest.mark.parametrize("name", ["parquet", "orc"])
def test_options_of_spark_are_connection_options(glue: GlueContext, uri: str, name: str) -> None:
    for part, columns in ((1, "id"), (2, "id, id + 0.5 b")):
        written = glue.spark_session.range(1).selectExpr(*columns.split(", "))
        written.write.format(name).save(f"{uri}{name}/{part}")
    options = {"paths": [f"{uri}{name}/"], "recurse": True, "mergeSchema": "true"}
    frame = glue.create_dynamic_frame.from_options("s3", options, name)
    assert sorted(str(row["b"]) for row in rows_of(frame)) == ["0.5", "None"]
