"""S3's requests and answers as bytes, with botocore's own serializer and parser as oracles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from botocore.awsrequest import HeadersDict
from botocore.model import OperationModel, Shape, StructureShape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from glueball.core.errors import AwsError, ServiceUnavailable
from glueball.wire.answers import UnsafeHeader
from glueball.wire.bodies import FileRange, SpooledBody
from glueball.wire.endpoints import Service
from glueball.wire.head import Head, head_of
from glueball.wire.models import service_model
from glueball.wire.rest_xml import RestXmlDialect, RestXmlEndpoint
from wire.shape_values import Unmatched, valid

MODEL = service_model("s3")
DIALECT = RestXmlDialect(Service(name="s3", operations={}, inline=False))
SPOOLED = SpooledBody(path=Path("spooled"), size=1, md5="", sha256="")
SEEDS = 60
#: one request each that every member of the operations we offer passes through
OPERATIONS = (
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateBucket",
    "CreateMultipartUpload",
    "DeleteBucket",
    "DeleteObject",
    "DeleteObjects",
    "GetBucketTagging",
    "GetObject",
    "GetObjectAttributes",
    "GetObjectTagging",
    "HeadBucket",
    "HeadObject",
    "ListBuckets",
    "ListMultipartUploads",
    "ListObjectVersions",
    "ListObjects",
    "ListObjectsV2",
    "ListParts",
    "PutBucketLifecycleConfiguration",
    "PutBucketPolicy",
    "PutBucketTagging",
    "PutObject",
    "PutObjectTagging",
    "UploadPart",
    "UploadPartCopy",
)


def endpoint_of(request_head: Head) -> RestXmlEndpoint:
    """Return the operation that a request means."""
    operation = DIALECT.find(request_head)
    assert isinstance(operation, RestXmlEndpoint)
    return operation


def head(
    method: str = "GET",
    path: bytes = b"/b/k",
    query: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Head:
    scope = {
        "method": method,
        "raw_path": path,
        "query_string": query,
        "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
    }
    return head_of(scope, "request-1")


def endpoint(name: str) -> RestXmlEndpoint:
    return RestXmlEndpoint(
        Service(name="s3", operations={}, inline=False), MODEL.operation_model(name)
    )


def received(sent: dict[str, Any]) -> Head:
    """Return what a server sees of a request that botocore serialized."""
    path, _, literal = sent["url_path"].partition("?")
    query = "&".join(part for part in (literal, urlencode(sent["query_string"])) if part)
    headers = {name: str(value) for name, value in sent["headers"].items()}
    return head(sent["method"], quote(path, safe="/%").encode(), query.encode(), headers)


def samples(shape: StructureShape, name: str) -> Iterator[dict[str, Any]]:
    """Yield members that can travel: XML and headers cannot tell what is empty from what is not."""
    for seed in range(SEEDS):
        with suppress(Unmatched):
            value: dict[str, Any] = valid(shape, Random(f"{name}{seed}"))
            for member in shape.members.keys() & value.keys():
                value[member] = _in_its_place(shape.members[member], value[member])
            if not _holds_empty(value):
                yield value


def _in_its_place(shape: Shape, value: Any) -> Any:
    location = shape.serialization.get("location")
    if location == "uri":
        return {"Bucket": "b", "Key": "k"}.get(shape.serialization["name"], value)
    if location in ("header", "querystring") and isinstance(value, str):
        return value if shape.metadata.get("enum") else "texts"
    return {"name": "text"} if location == "headers" else value


def _holds_empty(value: Any) -> bool:
    if isinstance(value, (dict, list)):
        items = value.values() if isinstance(value, dict) else value
        return not value or any(map(_holds_empty, items))
    return value in ("", b"")


@pytest.mark.parametrize("name", OPERATIONS)
def test_requests_come_back_as_they_were_sent(name: str) -> None:
    model = MODEL.operation_model(name)
    shape = model.input_shape
    assert shape is not None
    serializer = create_serializer("rest-xml", include_validation=False)
    target = endpoint(name)
    for value in samples(shape, name):
        sent = serializer.serialize_to_request(value, model)
        if target.streams:
            value["Body"] = SPOOLED
        body = b"" if target.streams else bytes_of(sent["body"])
        assert target.decode(received(sent), body, SPOOLED if target.streams else None) == value


def bytes_of(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body or b"")


@pytest.mark.parametrize("name", OPERATIONS)
def test_answers_reach_the_client(name: str) -> None:
    model = MODEL.operation_model(name)
    if model.output_shape is None:
        answer = endpoint(name).encode(head(), {})
        assert answer.body == b""
        return
    for value in samples(model.output_shape, name):
        value.pop("Body", None)
        value.pop("ContentLength", None)
        assert parsed_answer(model, value) == value


def test_the_samples_are_many() -> None:
    inputs = [MODEL.operation_model(name).input_shape for name in OPERATIONS]
    counts = {shape.name: len(list(samples(shape, "x"))) for shape in inputs if shape is not None}
    assert min(counts.values()) > 0, counts


def parsed_answer(model: OperationModel, value: dict[str, Any]) -> Any:
    answer = endpoint(model.name).encode(head(), value)
    assert isinstance(answer.body, bytes)
    assert model.output_shape is not None
    headers = HeadersDict({key.decode(): text.decode() for key, text in answer.headers})
    body: Any = BytesIO(answer.body) if model.has_streaming_output else answer.body
    response = {"status_code": answer.status, "headers": headers, "body": body}
    parsed: Any = create_parser("rest-xml").parse(response, model.output_shape)
    for key in ("ResponseMetadata", "Body", "ContentLength"):
        parsed.pop(key, None)
    return as_sent({key: item for key, item in parsed.items() if item != {}})


def as_sent(value: object) -> object:
    if isinstance(value, dict):
        return {key: as_sent(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_sent(item) for item in value]
    return value.timestamp() if hasattr(value, "timestamp") else value


@pytest.mark.parametrize(
    ("name", "result", "status", "body"),
    [
        ("DeleteObject", {}, 204, b""),
        ("GetObject", {"Body": b"abc", "ContentRange": "bytes 0-2/9"}, 206, b"abc"),
        ("GetBucketPolicy", {"Policy": "{}"}, 200, b"{}"),
        (
            "GetBucketLocation",
            {"LocationConstraint": "eu-west-1"},
            200,
            b'<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint '
            b'xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1</LocationConstraint>',
        ),
        (
            "ListBuckets",
            {},
            200,
            b'<?xml version="1.0" encoding="UTF-8"?>\n<ListAllMyBucketsResult '
            b'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></ListAllMyBucketsResult>',
        ),
    ],
)
def test_particular_answers(name: str, result: dict[str, Any], status: int, body: bytes) -> None:
    answer = endpoint(name).encode(head(), result)
    assert (answer.status, answer.body) == (status, body)


def test_a_file_is_answered_with_its_length() -> None:
    part = FileRange(path=Path("f"), offset=5, length=7)
    answer = endpoint("GetObject").encode(head(), {"Body": part, "ContentLength": 99})
    assert answer.body == part
    assert dict(answer.headers)[b"content-length"] == b"7"


def test_the_length_of_a_head_is_the_operations() -> None:
    answer = endpoint("HeadObject").encode(head("HEAD"), {"ContentLength": 99})
    assert dict(answer.headers)[b"content-length"] == b"99"


def test_a_value_cannot_break_out_of_its_header() -> None:
    with pytest.raises(UnsafeHeader, match="content-disposition"):
        endpoint("GetObject").encode(head(), {"ContentDisposition": "a\r\nset-cookie: b"})


@pytest.mark.parametrize(
    ("request_head", "body", "code", "message"),
    [
        (
            head(path=b"/b", query=b"list-type=2&max-keys=x"),
            b"",
            "InvalidArgument",
            "Provided max-keys not an integer or within integer range",
        ),
        (head(query=b"partNumber=99999999999"), b"", "InvalidArgument", "Provided partNumber"),
        (
            head(path=b"/", query=b"max-buckets=-1"),
            b"",
            "InvalidArgument",
            "Argument max-buckets must be an integer between 1 and 10000",
        ),
        (
            head(path=b"/", query=b"max-buckets=10001"),
            b"",
            "InvalidArgument",
            "Argument max-buckets must be an integer between 1 and 10000",
        ),
        (head(query=b"attributes"), b"", "InvalidRequest", "header .*x-amz-object-attributes"),
        (head("POST", b"/b", b"delete"), b"", "MissingRequestBodyError", "empty"),
        (head("POST", b"/b", b"delete"), b"<x", "MalformedXML", "not well-formed"),
        (head("PUT", b"/b", b"policy"), b"\xff", "MalformedXML", "not well-formed"),
        (head("POST"), b"", "InvalidRequest", "uploadId"),
        (head("POST", b"/"), b"", "MethodNotAllowed", "not allowed"),
        (head(path=b"/b/%ff"), b"", "InvalidURI", "parse"),
    ],
)
def test_bad_requests(request_head: Head, body: bytes, code: str, message: str) -> None:
    with pytest.raises(AwsError, match=message) as refused:
        endpoint_of(request_head).decode(request_head, body, None)
    assert refused.value.code == code


def test_unreadable_dates_are_ignored() -> None:
    conditional = head(headers={"If-Modified-Since": "0", "If-Match": "e"})
    assert endpoint("GetObject").decode(conditional, b"", None) == {
        "Bucket": "b",
        "Key": "k",
        "IfMatch": "e",
    }


def test_user_metadata_keeps_every_character() -> None:
    sent = head("PUT", headers={"x-amz-meta-Name": "grün"})
    request = endpoint("PutObject").decode(sent, b"", SPOOLED)
    assert request["Metadata"] == {"name": "grün"}
    answer = endpoint("HeadObject").encode(head("HEAD"), {"Metadata": {"Name": "grün"}})
    assert (b"x-amz-meta-name", "grün".encode()) in answer.headers


def test_errors() -> None:
    error = ServiceUnavailable("<full>", Key="a&b")
    answer = DIALECT.refuse(head(path=b"/b/k"), error)
    assert answer.status == 503
    assert answer.body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>ServiceUnavailable</Code>'
        b"<Message>&lt;full&gt;</Message><Key>a&amp;b</Key><Resource>/b/k</Resource>"
        b"<RequestId>request-1</RequestId></Error>"
    )


def test_errors_of_head_have_no_body() -> None:
    answer = DIALECT.refuse(head("HEAD"), ServiceUnavailable("full"))
    assert answer.body == b""
    assert b"content-length" not in dict(answer.headers)
