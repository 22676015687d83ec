"""Query requests and answers as bytes, with botocore's own serializer and parser as oracles."""

from __future__ import annotations

from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.model import Shape, StructureShape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from glueball.core.errors import AwsError, ServiceUnavailable, ValidationFailed
from glueball.wire.endpoints import Service
from glueball.wire.errors import UnknownOperation
from glueball.wire.head import Head, head_of
from glueball.wire.models import operation_names, service_model
from glueball.wire.query_protocol import QueryDialect
from wire.shape_values import Unmatched, valid

SERVICES = ("iam", "sts")
DIALECT = QueryDialect(
    {name: Service(name=name, operations={}, inline=True) for name in (*SERVICES, "glue", "s3")}
)


def head() -> Head:
    scope = {"method": "POST", "raw_path": b"/", "query_string": b"", "headers": []}
    return head_of(scope, "request-1")


@pytest.mark.parametrize("service", SERVICES)
def test_requests_of_every_operation_come_back_as_they_were_sent(service: str) -> None:
    serializer = create_serializer("query", include_validation=False)
    for name in operation_names(service):
        model = service_model(service).operation_model(name)
        if model.input_shape is None:
            continue
        value = expressible(model.input_shape, name)
        if value is None:
            continue
        body = urlencode(serializer.serialize_to_request(value, model)["body"]).encode()
        endpoint = DIALECT.find_in(body)
        assert endpoint.name == name
        assert endpoint.decode(head(), body, None) == value, name


def expressible(shape: Shape, name: str) -> Any:
    """Return a value that a form can say: it has no way to say "a structure without members"."""
    for seed in range(100):
        try:
            value = valid(shape, Random(f"{name}{seed}"))
        except Unmatched:
            return None
        if value == {} or not has_empty_structure(value):
            return value
    return None


def has_empty_structure(value: Any) -> bool:
    if isinstance(value, dict):
        return not value or any(map(has_empty_structure, value.values()))
    return isinstance(value, list) and any(map(has_empty_structure, value))


@pytest.mark.parametrize("service", SERVICES)
def test_answers_of_every_operation_reach_the_client(service: str) -> None:
    parser = create_parser("query")
    for name in operation_names(service):
        model = service_model(service).operation_model(name)
        if model.output_shape is None:
            continue
        try:
            value = valid(model.output_shape, Random(name))
        except Unmatched:
            continue
        version = model.service_model.api_version
        endpoint = DIALECT.find_in(f"Action={name}&Version={version}".encode())
        answer = endpoint.encode(head(), value)
        assert isinstance(answer.body, bytes)
        response = {"status_code": answer.status, "headers": {}, "body": answer.body}
        parsed = parser.parse(response, model.output_shape)
        assert parsed.pop("ResponseMetadata")["RequestId"] == "request-1"
        assert as_sent(parsed) == value, name


def as_sent(value: object) -> object:
    """Return parsed members with timestamps as epoch seconds again."""
    if isinstance(value, dict):
        return {key: as_sent(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_sent(item) for item in value]
    return value.timestamp() if hasattr(value, "timestamp") else value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Action=GetRole",  # no version
        b"Action=Dance&Version=2010-05-08",
        b"Version=2010-05-08",
        b"Action=GetRole&Version=2011-06-15",  # another service's version
    ],
)
def test_what_names_no_operation(body: bytes) -> None:
    with pytest.raises(UnknownOperation, match="Could not find operation"):
        DIALECT.find_in(body)


def test_constraints_hold() -> None:
    body = b"Action=GetRole&Version=2010-05-08&RoleName=a%00b"
    with pytest.raises(ValidationFailed, match="'roleName'"):
        DIALECT.find_in(body).decode(head(), body, None)


@pytest.mark.parametrize(
    ("error", "status", "code", "fault"),
    [
        (ValidationFailed("<bad>"), 400, "ValidationError", "Sender"),
        (UnknownOperation("no"), 400, "InvalidAction", "Sender"),
        (ServiceUnavailable("full"), 503, "ServiceUnavailable", "Receiver"),
    ],
)
def test_errors(error: AwsError, status: int, code: str, fault: str) -> None:
    answer = DIALECT.refuse(head(), error)
    assert isinstance(answer.body, bytes)
    response = {"status_code": answer.status, "headers": {}, "body": answer.body}
    parsed = create_parser("query").parse(
        response, StructureShape("Nothing", {"type": "structure", "members": {}})
    )
    assert answer.status == status
    assert parsed["Error"] == {"Type": fault, "Code": code, "Message": error.message}
