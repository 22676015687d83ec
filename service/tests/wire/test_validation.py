"""AWS's sentences, word for word.

Those of Glue, IAM and CodePipeline that the table follows were seen in public issue reports; the
others follow the same grammar.
"""

from __future__ import annotations

from typing import Any

import pytest

from glueball.wire.models import service_model
from glueball.wire.validation import problems

JOB = {"Name": "j", "Role": "r", "Command": {}}
ONE = "1 validation error detected: "
AT = "failed to satisfy constraint: Member must"
NAME_PATTERN = r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*"
TAG_PATTERN = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*"


def found(service: str, operation: str, value: dict[str, Any]) -> str | None:
    shape = service_model(service).operation_model(operation).input_shape
    assert shape is not None
    return problems(service, shape, value, null_characters=service == "logs")


@pytest.mark.parametrize(
    ("operation", "value", "sentence"),
    [
        # an enum
        (
            "CreateJob",
            {**JOB, "ExecutionClass": "x"},
            f"{ONE}Value 'x' at 'executionClass' {AT} satisfy enum value set: [FLEX, STANDARD]",
        ),
        # a required member that is absent
        ("GetJob", {}, f"{ONE}Value null at 'jobName' {AT} not be null"),
        # two constraints of one value, counted apart
        (
            "GetJob",
            {"JobName": "\n" * 256},
            f"2 validation errors detected: Value '{chr(10) * 256}' at 'jobName' {AT} have length "
            f"less than or equal to 255; Value '{chr(10) * 256}' at 'jobName' {AT} satisfy "
            f"regular expression pattern: {NAME_PATTERN}",
        ),
        # too short
        (
            "GetJob",
            {"JobName": ""},
            f"{ONE}Value '' at 'jobName' {AT} have length greater than or equal to 1",
        ),
        # numbers have values, not lengths
        (
            "GetJobs",
            {"MaxResults": 1001},
            f"{ONE}Value '1001' at 'maxResults' {AT} have value less than or equal to 1000",
        ),
        (
            "GetJobs",
            {"MaxResults": 0},
            f"{ONE}Value '0' at 'maxResults' {AT} have value greater than or equal to 1",
        ),
        # a member of a member
        (
            "CreateJob",
            {**JOB, "Command": {"PythonVersion": "4"}},
            f"{ONE}Value '4' at 'command.pythonVersion' {AT} satisfy regular expression pattern: "
            "^([2-3]|3[.]9)$",
        ),
        # a structure in a list
        (
            "CreateTrigger",
            {"Name": "t", "Type": "ON_DEMAND", "Actions": [{}, {"JobName": ""}]},
            f"{ONE}Value '' at 'actions.2.member.jobName' {AT} have length greater than or equal "
            "to 1",
        ),
        # plain values in a list: said of the list
        (
            "BatchGetJobs",
            {"JobNames": ["a", ""]},
            f"{ONE}Value '[a, ]' at 'jobNames' {AT} satisfy constraint: [Member must have length "
            "less than or equal to 255, Member must have length greater than or equal to 1, "
            f"Member must satisfy regular expression pattern: {NAME_PATTERN}, Member must not "
            "contain the character U+0000]",
        ),
        # too long a list
        (
            "BatchStopJobRun",
            {"JobName": "j", "JobRunIds": []},
            f"{ONE}Value '[]' at 'jobRunIds' {AT} have length greater than or equal to 1",
        ),
        # values and keys of a map: said of the map
        (
            "TagResource",
            {"ResourceArn": "arn:aws:glue:x", "TagsToAdd": {"a": "b" * 257}},
            f"{ONE}Value '{{a={'b' * 257}}}' at 'tagsToAdd' failed to satisfy constraint: Map "
            "value must satisfy constraint: [Member must have length less than or equal to 256, "
            "Member must have length greater than or equal to 0, Member must not contain the "
            "character U+0000]",
        ),
        (
            "TagResource",
            {"ResourceArn": "arn:aws:glue:x", "TagsToAdd": {"": "b"}},
            f"{ONE}Value '{{=b}}' at 'tagsToAdd' failed to satisfy constraint: Map keys must "
            "satisfy constraint: [Member must have length less than or equal to 128, Member must "
            "have length greater than or equal to 1, Member must not contain the character "
            "U+0000]",
        ),
        # what no database can hold
        (
            "CreateJob",
            {**JOB, "Command": {"ScriptLocation": "s3://b/\0"}},
            f"{ONE}Value 's3://b/\0' at 'command.scriptLocation' {AT} not contain the character "
            "U+0000",
        ),
    ],
)
def test_sentences_of_glue(operation: str, value: dict[str, Any], sentence: str) -> None:
    assert found("glue", operation, value) == sentence


def test_sentence_of_a_list_of_structures_in_iam() -> None:
    value = {
        "RoleName": "r",
        "AssumeRolePolicyDocument": "{}",
        "Tags": [{"Key": "k", "Value": "a;b"}],
    }
    assert found("iam", "CreateRole", value) == (
        f"{ONE}Value 'a;b' at 'tags.1.member.value' {AT} satisfy regular expression pattern: "
        f"{TAG_PATTERN}"
    )


@pytest.mark.parametrize("worker_type", ["G.1X", "G.12X", "G.16X", "R.1X", "R.2X", "R.4X", "R.8X"])
def test_worker_types_that_only_the_prose_names(worker_type: str) -> None:
    assert found("glue", "CreateJob", {**JOB, "WorkerType": worker_type}) is None


def test_an_unknown_worker_type() -> None:
    sentence = found("glue", "StartJobRun", {"JobName": "j", "WorkerType": "G.3X"})
    assert sentence is not None
    assert sentence.startswith(f"{ONE}Value 'G.3X' at 'workerType' {AT} satisfy enum value set: [")
    assert sentence.endswith("R.8X]")


def test_log_messages_may_hold_any_character() -> None:
    events = [{"timestamp": 1, "message": "a\0b"}]
    value = {"logGroupName": "g", "logStreamName": "s", "logEvents": events}
    assert found("logs", "PutLogEvents", value) is None


def test_secrets_are_not_repeated() -> None:
    sentence = found("iam", "CreateLoginProfile", {"UserName": "u", "Password": "s3cret" * 100})
    assert sentence == (f"{ONE}Value at 'password' {AT} have length less than or equal to 128")


@pytest.mark.parametrize(
    "properties",
    [
        {"ConnectionProperties": {"NONE": "x", "PASSWORD": "pa55"}},
        {"ConnectionProperties": {"PASSWORD": "pa55" * 1000}},
        {"ConnectionProperties": {}, "SparkProperties": {"": "x", "password": "pa55"}},
    ],
)
def test_passwords_of_connections_are_not_repeated(properties: dict[str, Any]) -> None:
    given = {"Name": "c", "ConnectionType": "JDBC", **properties}
    sentence = found("glue", "CreateConnection", {"ConnectionInput": given})
    assert sentence is not None and "roperties' failed" in sentence
    assert "pa55" not in sentence


def test_long_values_and_many_errors_are_cut() -> None:
    sentence = found("glue", "GetJob", {"JobName": "x" * 1_000_000})
    assert sentence is not None
    assert len(sentence) < 1500
    names = [{"JobName": ""}] * 10_000
    sentence = found("glue", "CreateTrigger", {"Name": "t", "Type": "EVENT", "Actions": names})
    assert sentence is not None
    assert sentence.startswith("100 validation errors detected: ")
