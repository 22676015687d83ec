from __future__ import annotations

import json

import pytest

from glueball.crawl import hive_types as hive
from glueball.crawl.hive_types import Array, Field, HiveType, Map, Struct, Union
from glueball.crawl.kinds import Classified, Kind
from glueball.crawl.profile_documents import document_of, profile_from
from glueball.crawl.schemas import Column


@pytest.mark.parametrize(
    "data_type",
    [
        pytest.param(hive.NOTHING, id="void, which the catalog's text does not tell from string"),
        pytest.param(Struct(()), id="a struct without fields"),
        pytest.param(Struct((Field("struct", Array(hive.INT)),)), id="a field called like a type"),
        pytest.param(Map(hive.STRING, Array(Union((hive.INT, hive.DATE)))), id="all kinds"),
        pytest.param(hive.decimal(10, 2), id="a type with commas"),
    ],
)
def test_a_profile_is_read_back_exactly(data_type: HiveType) -> None:
    columns = (Column(name="a", type=data_type, spelled="A"),)
    profile = Classified(
        kind=Kind(classification="csv", delimiter="|", header=True, compression="gzip"),
        schema=columns,
        first_row=columns,
        quoted=True,
        multi_line=True,
        avro_schema='{"type": "record"}',
        reason="because",
    )
    assert profile_from(json.loads(json.dumps(document_of(profile)))) == profile
