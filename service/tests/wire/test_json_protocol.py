"""JSON requests and answers as bytes, with botocore's own serializer and parser as oracles."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import pytest
from botocore.model import Shape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from glueball.core.errors import AwsError, EntityNotFound, ValidationFailed
from glueball.wire.endpoints import Service
from glueball.wire.errors import (
    InvalidParameter,
    MalformedBody,
    UnknownOperation,
    WrongContentType,
)
from glueball.wire.head import Head, head_of
from glueball.wire.json_protocol import JsonDialect, JsonEndpoint
from glueball.wire.models import operation_names, service_model
from glueball.wire.shapes import JsonTypes
from wire.shape_values import Unmatched, mutated, valid

SERVICES = ("glue", "logs", "glueball-runtime", "glueball-crawl")
DIALECT = JsonDialect(
    {name: Service(name=name, operations={}, inline=True) for name in (*SERVICES, "iam", "s3")}
)


def head(target: str | None, content_type: str = "application/x-amz-json-1.1") -> Head:
    headers = [(b"content-type", content_type.encode())]
    if target is not None:
        headers.append((b"x-amz-target", target.encode()))
    scope = {"method": "POST", "raw_path": b"/", "query_string": b"", "headers": headers}
    return head_of(scope, "request-1")


def endpoint(service: str, operation: str) -> JsonEndpoint:
    prefix = service_model(service).metadata["targetPrefix"]
    return DIALECT.find(head(f"{prefix}.{operation}"))


def get_job() -> JsonEndpoint:
    return endpoint("glue", "GetJob")


def decode(target: JsonEndpoint, body: bytes) -> dict[str, Any]:
    return target.decode(head(None), body, None)


@pytest.mark.parametrize("service", SERVICES)
def test_requests_of_every_operation_come_back_as_they_were_sent(service: str) -> None:
    serializer = create_serializer("json", include_validation=False)
    for name in operation_names(service):
        model = service_model(service).operation_model(name)
        if model.input_shape is None:
            continue
        try:
            value = valid(model.input_shape, Random(name))
        except Unmatched:
            continue
        sent = serializer.serialize_to_request(value, model)
        target = DIALECT.find(head(sent["headers"]["X-Amz-Target"]))
        assert target.name == name
        assert decode(target, sent["body"]) == value, name


@pytest.mark.parametrize("service", SERVICES)
def test_answers_of_every_operation_reach_the_client(service: str) -> None:
    parser = create_parser("json")
    parser._timestamp_parser = float  # type: ignore[attr-defined]
    for name in operation_names(service):
        model = service_model(service).operation_model(name)
        if model.output_shape is None or model.has_event_stream_output:
            continue
        try:
            value = valid(model.output_shape, Random(name))
        except Unmatched:
            continue
        answer = endpoint(service, name).encode(head(None), value)
        assert isinstance(answer.body, bytes)
        response = {"status_code": answer.status, "headers": {}, "body": answer.body}
        parsed = parser.parse(response, model.output_shape)
        parsed.pop("ResponseMetadata")
        assert parsed == value, name


def test_hostile_requests_get_an_aws_error() -> None:
    for name in operation_names("glue"):
        random = Random(name)
        target = endpoint("glue", name)
        for _ in range(3):
            value = mutated({"Name": "a", "Tags": {"a": "b"}, "X": [1, {"Y": None}]}, random)
            body = bytearray(json.dumps(value).encode())
            body[random.randrange(len(body))] = random.randrange(256)
            try:
                assert isinstance(decode(target, bytes(body)), dict)
            except AwsError as error:
                assert 400 <= error.status < 500


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"{", "not valid JSON"),
        (b"{} {}", "not valid JSON"),
        (b"\xef\xbb\xbf{}", "not valid JSON"),  # a byte order mark
        (b'{"JobName":"a","x":NaN}', "not valid JSON"),
        (b'{"JobName":"a","x":Infinity}', "not valid JSON"),
        (b'{"JobName":"\\ud800"}', "not valid JSON"),  # a lone surrogate
        (b'{"JobName":"\xed\xa0\x80"}', "not valid JSON"),  # the same in UTF-8
        (b'{"JobName":"\xff"}', "not valid JSON"),
        (b'{"JobName":"a","x":"\xff"}', "not valid JSON"),  # in a member nobody reads
        (b'{"JobName":"a\x00"}', "not valid JSON"),
        (b'{"JobName":"a","JobName":"b"}', "a member twice"),
        (b'{"JobName":"a","x":{"y":1,"y":1}}', "a member twice"),
        (b'{"JobName":"a","x":' + b"9" * 100_000 + b"}", "longer numbers"),
        (b'{"JobName":' + b"9" * 100_000 + b"}", "longer numbers"),
        (b'{"JobName":1e400}', "NUMBER_VALUE|not valid JSON"),
        (b'{"JobName":' + b"[" * 1_000_000, "nests deeper"),
    ],
)
def test_attack_10_malformed_json(body: bytes, message: str) -> None:
    with pytest.raises(MalformedBody, match=message):
        decode(get_job(), body)


def test_attack_10_a_null_character_in_a_name() -> None:
    with pytest.raises(ValidationFailed, match="regular expression pattern"):
        decode(get_job(), b'{"JobName":"a\\u0000"}')


def test_attack_10_a_large_request_is_not_looked_at_twice() -> None:
    events = b'{"timestamp":"x","message":"y"},' * 40_000
    body = b'{"logEvents":[' + events[:-1] + b"]}"
    with pytest.raises(InvalidParameter, match="does not fit the input: Expected `int`"):
        decode(endpoint("logs", "PutLogEvents"), body)


def test_the_escape_of_a_null_character_as_text_is_a_text() -> None:
    assert decode(get_job(), b'{"JobName":"a\\\\u0000"}') == {"JobName": "a\\u0000"}


def test_null_members_are_absent() -> None:
    body = b'{"JobName":"a","Unknown":null}'
    assert decode(get_job(), body) == {"JobName": "a"}
    with pytest.raises(ValidationFailed, match="Value null at 'jobName'"):
        decode(get_job(), b'{"JobName":null}')


def test_an_empty_body_is_an_empty_request() -> None:
    assert decode(endpoint("glue", "GetJobs"), b"") == {}


def test_logs_has_its_own_code_for_broken_constraints() -> None:
    with pytest.raises(AwsError) as refused:
        decode(endpoint("logs", "CreateLogGroup"), b'{"logGroupName":"a b"}')
    assert refused.value.code == "InvalidParameterException"


@pytest.mark.parametrize(
    ("target", "content_type", "error", "message"),
    [
        ("AWSGlue.GetJob", "text/plain", WrongContentType, "x-amz-json-1.1"),
        ("AWSGlue.GetJob", "application/json", WrongContentType, "x-amz-json-1.1"),
        ("AWSGlue.GetJob", "", WrongContentType, "x-amz-json-1.1"),
        (None, "application/x-amz-json-1.1", UnknownOperation, "X-Amz-Target is missing"),
        ("AWSGlue.Dance", "application/x-amz-json-1.1", UnknownOperation, "'Dance'"),
        ("AWSGlue", "application/x-amz-json-1.1", UnknownOperation, "''"),
        ("Nobody.GetJob", "application/x-amz-json-1.1", UnknownOperation, "'Nobody'"),
    ],
)
def test_what_names_no_operation(
    target: str | None, content_type: str, error: type[AwsError], message: str
) -> None:
    with pytest.raises(error, match=message):
        DIALECT.find(head(target, content_type))


@pytest.mark.parametrize(
    "content_type",
    ["application/x-amz-json-1.0", "application/x-amz-json-1.1; charset=utf-8"],
)
def test_content_types(content_type: str) -> None:
    assert DIALECT.find(head("AWSGlue.GetJob", content_type)).name == "GetJob"


@pytest.mark.parametrize(
    ("target", "member"),
    [
        ("AWSGlue.GetJob", "Message"),  # so the shape of the error has it
        ("Logs_20140328.GetLogEvents", "message"),
        ("Nobody.GetJob", "message"),
    ],
)
def test_errors_spell_the_message_as_their_shape_does(target: str, member: str) -> None:
    error = EntityNotFound("Job nope not found.")
    answer = DIALECT.refuse(head(target), error)
    assert isinstance(answer.body, bytes)
    body = json.loads(answer.body)
    assert body == {"__type": "EntityNotFoundException", member: "Job nope not found."}
    assert (b"x-amzn-requestid", b"request-1") in answer.headers


class _WatchedTypes(JsonTypes):
    """Types that tell how many threads were making some at the same time."""

    def __init__(self) -> None:
        super().__init__("glue")
        self.making = 0
        self.most = 0

    def type_of(self, shape: Shape) -> Any:
        self.making += 1
        self.most = max(self.most, self.making)
        time.sleep(0.001)  # lets another thread begin
        self.making -= 1
        return Any


def test_decoders_are_made_by_one_thread_at_a_time() -> None:
    """Two threads at once ended the process: msgspec read types that were not whole yet."""
    types = _WatchedTypes()
    model = service_model("glue")
    names = list(model.operation_names)[:40]
    endpoints = [
        JsonEndpoint(
            Service(name="glue", operations={}, inline=True), types, model.operation_model(name)
        )
        for name in names
    ]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda endpoint: endpoint._decoder.decode(b"{}"), endpoints))
    assert types.most == 1
