from __future__ import annotations

from typing import Any

import msgspec
import pytest

from glueball.core.errors import AwsError
from glueball.wire.bounds import DOCUMENTED, MOST_ENTRIES, bounded
from glueball.wire.models import operation_names, service_model
from wire.test_json_protocol import decode, endpoint

SERVICES = ("glue", "logs", "events", "cloudtrail", "iam", "sts", "glueball-runtime")


@pytest.mark.parametrize("service", SERVICES)
def test_every_list_and_map_of_a_request_has_a_limit(service: str) -> None:
    model = service_model(service)
    assert operation_names(service)
    for name in model.shape_names:
        shape = model.shape_for(name)
        if shape.type_name in ("list", "map"):
            assert shape.metadata["max"] >= 0, name


@pytest.mark.parametrize("service", sorted(DOCUMENTED))
def test_documented_limits_are_of_shapes_that_have_none_in_the_model(service: str) -> None:
    for name, (most, source) in DOCUMENTED[service].items():
        assert service_model(service).shape_for(name).metadata["max"] == most
        assert source


def test_limits_of_the_model_stay() -> None:
    model: dict[str, Any] = {"shapes": {"A": {"type": "list", "max": 3}, "B": {"type": "map"}}}
    shapes = bounded("glue", model)["shapes"]
    assert [shapes[name]["max"] for name in "AB"] == [3, MOST_ENTRIES]
    assert "max" not in model["shapes"]["B"]
    assert bounded("s3", model) is model


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        pytest.param("BatchGetJobs", {"JobNames": ["a"] * 1_001}, id="names"),
        pytest.param(
            "CreateDatabase",
            {"DatabaseInput": {"Name": "d", "Parameters": {str(n): "" for n in range(10_001)}}},
            id="parameters",
        ),
        pytest.param(
            "CreateTable",
            {
                "DatabaseName": "d",
                "TableInput": {
                    "Name": "t",
                    "StorageDescriptor": {"Columns": [{"Name": "c"}] * 10_001},
                },
            },
            id="columns",
        ),
    ],
)
def test_more_entries_than_the_limit_are_refused(operation: str, members: Any) -> None:
    with pytest.raises(AwsError, match="length less than or equal to") as refused:
        decode(endpoint("glue", operation), msgspec.json.encode(members))
    assert refused.value.code == "ValidationException"


def test_one_definition_has_four_megabytes_at_most() -> None:
    members = {"Name": "a", "Description": "x" * 4 * 1024 * 1024}
    with pytest.raises(AwsError, match="the limit of one definition"):
        decode(endpoint("glue", "CreateWorkflow"), msgspec.json.encode(members))
