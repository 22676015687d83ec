from __future__ import annotations

from typing import Any

import pytest

from glueball.core.errors import AwsError
from glueball.wire.errors import MalformedBody
from glueball.wire.json_values import conform
from glueball.wire.models import service_model


def shape(service: str, operation: str) -> Any:
    return service_model(service).operation_model(operation).input_shape


@pytest.mark.parametrize(
    ("operation", "value", "message"),
    [
        ("GetJob", {"JobName": 5}, "NUMBER_VALUE can not be converted to a String"),
        ("GetJob", {"JobName": True}, "TRUE_VALUE can not be converted to a String"),
        ("GetJob", {"JobName": {}}, "Start of structure or map found where not expected."),
        ("GetJob", {"JobName": []}, "Start of list found where not expected"),
        ("GetJobs", {"MaxResults": "5"}, "STRING_VALUE can not be converted to an Integer"),
        ("GetJobs", {"MaxResults": 1.5}, "NUMBER_VALUE can not be converted to an Integer"),
        ("GetJobs", {"MaxResults": 2**31}, "NUMBER_VALUE can not be converted to an Integer"),
        (
            "GetJobRun",
            {"PredecessorsIncluded": 1},
            "NUMBER_VALUE can not be converted to a Boolean",
        ),
        ("BatchGetJobs", {"JobNames": "a"}, "Unexpected field type"),
        ("BatchGetJobs", {"JobNames": {}}, "Start of structure or map found where not expected."),
        ("TagResource", {"TagsToAdd": []}, "Start of list found where not expected"),
        ("CreateJob", {"MaxCapacity": "x"}, "STRING_VALUE can not be converted to a Double"),
        ("CreateJob", {"MaxCapacity": 10**400}, "NUMBER_VALUE can not be converted to a Double"),
        ("CreateJob", {"Command": 1}, "Unexpected field type"),
    ],
)
def test_a_value_of_another_type(operation: str, value: Any, message: str) -> None:
    with pytest.raises(MalformedBody) as refused:
        conform(shape("glue", operation), value)
    assert refused.value.message == message


def test_timestamps_have_a_calendar_date() -> None:
    table = {"DatabaseName": "d", "TableInput": {"Name": "t", "LastAccessTime": 1e18}}
    with pytest.raises(MalformedBody, match="Timestamp"):
        conform(shape("glue", "CreateTable"), table)


def test_blobs_are_base64() -> None:
    user = shape("glue", "UpdateColumnStatisticsForTable")
    column: dict[str, Any] = {
        "ColumnName": "c",
        "ColumnType": "t",
        "AnalyzedTime": 1,
        "StatisticsData": {
            "Type": "DECIMAL",
            "DecimalColumnStatisticsData": {
                "NumberOfNulls": 0,
                "NumberOfDistinctValues": 0,
                "MinimumValue": {"UnscaledValue": "YWI=", "Scale": 1},
            },
        },
    }
    value = {"DatabaseName": "d", "TableName": "t", "ColumnStatisticsList": [column]}
    read = conform(user, value)["ColumnStatisticsList"][0]["StatisticsData"]
    assert read["DecimalColumnStatisticsData"]["MinimumValue"]["UnscaledValue"] == b"ab"
    column["StatisticsData"]["DecimalColumnStatisticsData"]["MinimumValue"]["UnscaledValue"] = "?"
    with pytest.raises(AwsError, match="STRING_VALUE can not be converted to a Blob"):
        conform(user, value)


def test_null_is_absent_and_unknown_members_are_dropped() -> None:
    value = {
        "Name": "j",
        "Description": None,
        "Command": {"Name": None, "New": 1},
        "DefaultArguments": {"--a": None, "--b": "c"},
        "Unknown": {"x": [1]},
    }
    assert conform(shape("glue", "CreateJob"), value) == {
        "Name": "j",
        "Command": {},
        "DefaultArguments": {"--b": "c"},
    }


def test_whole_numbers_may_have_a_point() -> None:
    assert conform(shape("glue", "GetJobs"), {"MaxResults": 5.0}) == {"MaxResults": 5}
