from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from awsglue._errors import NotAvailableError
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from tests.awsglue.conftest import rows_of, tree_of


def read(glue: GlueContext, uri: str, name: str, **options: Any) -> DynamicFrame:
    return glue.create_dynamic_frame.from_options(
        "s3", {"paths": [uri], "recurse": True, "groupFiles": "inPartition"}, name, options
    )


@pytest.mark.parametrize(
    ("name", "text", "options"),
    [
        pytest.param("json", '{"a": 1}\n', {}, id="json"),
        pytest.param("json", '[{"a": 1}]', {"multiline": True}, id="values over several lines"),
        pytest.param("csv", "a\n1\n", {"withHeader": True}, id="csv"),
        pytest.param("xml", "<r><i><a>1</a></i></r>", {"rowTag": "i"}, id="xml"),
    ],
)
def test_a_column_has_each_record_s_file(
    glue: GlueContext, folder: Path, uri: str, name: str, text: str, options: dict[str, Any]
) -> None:
    names = ["plain", "a b+c%20é"]  # a URI has some of these characters encoded
    for file in names:
        (folder / file).write_text(text)
    frame = read(glue, uri, name, **options, attachFilename="file")
    assert tree_of(frame)[-1] == "|-- file: string"
    files = {row["file"].rpartition("/")[2] for row in rows_of(frame)}
    assert files == set(names)
    assert all(row["file"].startswith("s3://") and str(row["a"]) == "1" for row in rows_of(frame))


def test_files_of_types_have_it_too(glue: GlueContext, uri: str) -> None:
    glue.spark_session.range(2).coalesce(1).write.parquet(f"{uri}p")
    [one, two] = rows_of(read(glue, f"{uri}p/", "parquet", attachFilename="file"))
    assert one["file"] == two["file"]
    assert one["file"].endswith(".parquet")


@pytest.mark.parametrize(
    ("options", "raised", "said"),
    [
        pytest.param({"attachFilename": "A"}, ValueError, "a field 'A'", id="a field's name"),
        pytest.param(
            {"attachTimestamp": "t"}, NotAvailableError, "attachTimestamp", id="the file's time"
        ),
    ],
)
def test_what_cannot_be_attached(
    glue: GlueContext,
    folder: Path,
    uri: str,
    options: dict[str, str],
    raised: type[Exception],
    said: str,
) -> None:
    (folder / "f.json").write_text('{"a": 1}')
    with pytest.raises(raised, match=said):
        read(glue, uri, "json", **options).count()
