"""The data of AWS's examples in shape and structure; every word and value is our own.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from tests.awsglue.conftest import BUCKET

Record = dict[str, Any]

SINGERS: list[Record] = [
    {
        "surname": "Falk",
        "title": "Ida Falk",
        "pages": [{"remark": "own", "address": "falk.example"}, {"remark": "fan", "address": "x"}],
        "voice": "alto",
        "codes": [{"system": "choir", "code": "S1"}],
        "aliases": [{"language": "sv", "remark": "stage", "title": "Idun"}],
        "sort_key": "falk",
        "pictures": [{"address": "p1"}],
        "forename": "Ida",
        "born": "1970-02-03",
        "id": "s-1",
        "contacts": [{"kind": "phone", "value": "11"}, {"kind": "mail", "value": "ida@x.example"}],
    },
    {
        "surname": "Orru",
        "title": "Elio Orru",
        "pages": [],
        "voice": "bass",
        "codes": [{"system": "choir", "code": "S2"}, {"system": "union", "code": "77"}],
        "sort_key": "orru",
        "forename": "Elio",
        "born": "1981-12-24",
        "id": "s-2",
        "contacts": [{"kind": "phone", "value": "22"}],
        "died": "2020-01-01",
    },
    {"surname": "Vass", "title": "Pal Vass", "id": "s-3", "forename": "Pal", "born": "unknown"},
]
ENGAGEMENTS: list[Record] = [
    {"hall_id": "h1", "choir_id": "c-1", "part": "solo", "singer_id": "s-1", "season_id": "2020"},
    {"hall_id": "h2", "choir_id": "c-1", "part": "tutti", "singer_id": "s-1", "season_id": "2021"},
    {"hall_id": "h1", "choir_id": "c-2", "part": "tutti", "singer_id": "s-2", "season_id": "2020"},
    {"hall_id": "h1", "choir_id": "c-9", "part": "guest", "singer_id": "s-2", "season_id": "2022"},
]
CHOIRS: list[Record] = [
    {
        "codes": [{"system": "city", "code": "A"}],
        "aliases": [{"language": "de", "title": "Domchor"}],
        "id": "c-1",
        "rank": "amateur",
        "title": "Cathedral Choir",
        "seats": 40,
        "type": "mixed",
    },
    {"id": "c-2", "rank": "professional", "title": "Opera Choir", "seats": 80, "type": "mixed"},
]


@pytest.fixture(scope="package")
def read(glue: GlueContext, objects: Path) -> Callable[..., DynamicFrame]:
    """Returns a frame of records that were written to a bucket as lines of JSON."""

    def read_records(name: str, records: list[Record] | list[str]) -> DynamicFrame:
        folder = objects / f"examples-{name}"
        folder.mkdir(exist_ok=True)
        lines = [one if isinstance(one, str) else json.dumps(one) for one in records]
        (folder / "data.json").write_text("\n".join(lines))
        return glue.create_dynamic_frame.from_options(
            connection_type="s3",
            connection_options={"paths": [f"s3://{BUCKET}/{folder.name}"]},
            format="json",
        )

    return read_records


@pytest.fixture(scope="package")
def singers(read: Callable[..., DynamicFrame]) -> DynamicFrame:
    return read("singers", SINGERS)


@pytest.fixture(scope="package")
def engagements(read: Callable[..., DynamicFrame]) -> DynamicFrame:
    return read("engagements", ENGAGEMENTS)


@pytest.fixture(scope="package")
def choirs(read: Callable[..., DynamicFrame]) -> DynamicFrame:
    return read("choirs", CHOIRS)


@pytest.fixture(scope="package")
def joined(singers: DynamicFrame, engagements: DynamicFrame, choirs: DynamicFrame) -> DynamicFrame:
    """Choirs with the engagements and the singers, as the examples of `join` make them."""
    singing = singers.join(paths1=["id"], paths2=["singer_id"], frame2=engagements)
    renamed = (
        choirs.drop_fields(["aliases", "codes"])
        .rename_field("id", "choir_key")
        .rename_field("title", "choir_title")
        .rename_field("rank", "choir_rank")
    )
    combined = renamed.join(paths1=["choir_key"], paths2=["choir_id"], frame2=singing)
    return combined.drop_fields(["singer_id", "choir_key"])


@pytest.fixture(scope="package")
def tables(joined: DynamicFrame, objects: Path) -> DynamicFrameCollection:
    """The flat tables of `joined`."""
    return joined.coalesce(1).relationalize("root", f"s3://{BUCKET}/examples-staging")


@pytest.fixture(scope="package")
def stays(glue: GlueContext, objects: Path) -> DynamicFrame:
    """Lines of csv with a header, all of whose columns are texts."""
    folder = objects / "examples-stays"
    folder.mkdir(exist_ok=True)
    (folder / "stays.csv").write_text(
        "Care Name,House Id,House Street,House Town,House Region,House Post Code,Sum Paid\n"
        "Knee,100,1 Oak Lane,LUND,SK,22100,$10.50\n"
        "Knee,200,2 Elm Road,UMEA,VB,90185,$20.00\n"
        "Hip,100,1 Oak Lane,LUND,SK,22100,$30.75\n"
        "Hip,300,3 Ash Way,MORA,DA,79200,$40.00\n"
    )
    return glue.create_dynamic_frame.from_options(
        "s3", {"paths": [f"s3://{BUCKET}/examples-stays"]}, "csv", {"withHeader": True}
    )


#: what `printSchema` shows of a singer
SINGER = [
    "|-- surname: string",
    "|-- title: string",
    "|-- pages: array",
    "|    |-- element: struct",
    "|    |    |-- remark: string",
    "|    |    |-- address: string",
    "|-- voice: string",
    "|-- codes: array",
    "|    |-- element: struct",
    "|    |    |-- system: string",
    "|    |    |-- code: string",
    "|-- aliases: array",
    "|    |-- element: struct",
    "|    |    |-- language: string",
    "|    |    |-- remark: string",
    "|    |    |-- title: string",
    "|-- sort_key: string",
    "|-- pictures: array",
    "|    |-- element: struct",
    "|    |    |-- address: string",
    "|-- forename: string",
    "|-- born: string",
    "|-- id: string",
    "|-- contacts: array",
    "|    |-- element: struct",
    "|    |    |-- kind: string",
    "|    |    |-- value: string",
    "|-- died: string",
]
