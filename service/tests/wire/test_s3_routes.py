from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.serialize import create_serializer

from glueball.wire.models import service_model
from glueball.wire.s3_routes import MethodNotAllowed, S3Routes

MODEL = service_model("s3")
ROUTES = S3Routes(MODEL)
COPY = {b"x-amz-copy-source": b"b/k"}
#: older forms of others, and calls that only go to other hosts
NOT_MEANT = {
    "GetBucketLifecycle",
    "GetBucketNotification",
    "ListDirectoryBuckets",
    "PutBucketLifecycle",
    "PutBucketNotification",
    "WriteGetObjectResponse",
}


@pytest.mark.parametrize(
    ("method", "level", "query", "headers", "operation"),
    [
        ("GET", 0, {}, {}, "ListBuckets"),
        ("PUT", 1, {}, {}, "CreateBucket"),
        ("HEAD", 1, {}, {}, "HeadBucket"),
        ("DELETE", 1, {}, {}, "DeleteBucket"),
        ("GET", 1, {}, {}, "ListObjects"),
        ("GET", 1, {"list-type": "2", "prefix": "x"}, {}, "ListObjectsV2"),
        ("GET", 1, {"list-type": "1"}, {}, "ListObjects"),
        ("GET", 1, {"location": ""}, {}, "GetBucketLocation"),
        ("GET", 1, {"uploads": ""}, {}, "ListMultipartUploads"),
        ("GET", 1, {"analytics": ""}, {}, "ListBucketAnalyticsConfigurations"),
        ("GET", 1, {"analytics": "", "id": "1"}, {}, "GetBucketAnalyticsConfiguration"),
        ("POST", 1, {"delete": ""}, {}, "DeleteObjects"),
        ("GET", 2, {}, {}, "GetObject"),
        ("GET", 2, {"x-id": "GetObject"}, {}, "GetObject"),  # the JavaScript SDK adds it
        ("GET", 2, {"uploadId": "1"}, {}, "ListParts"),
        ("GET", 2, {"attributes": ""}, {}, "GetObjectAttributes"),  # says what is missing
        ("HEAD", 2, {}, {}, "HeadObject"),
        ("DELETE", 2, {}, {}, "DeleteObject"),
        ("DELETE", 2, {"uploadId": "1"}, {}, "AbortMultipartUpload"),
        ("PUT", 2, {}, {}, "PutObject"),
        ("PUT", 2, {}, COPY, "CopyObject"),
        ("PUT", 2, {"partNumber": "1", "uploadId": "1"}, {}, "UploadPart"),
        ("PUT", 2, {"partNumber": "1", "uploadId": "1"}, COPY, "UploadPartCopy"),
        ("PUT", 2, {"uploadId": "1"}, {}, "UploadPart"),  # and no object is overwritten
        ("PUT", 2, {"partNumber": "1"}, {}, "UploadPart"),
        ("PUT", 2, {"uploadId": "1"}, COPY, "UploadPartCopy"),
        ("GET", 2, {"partNumber": "1"}, {}, "GetObject"),
        ("POST", 2, {"uploads": ""}, {}, "CreateMultipartUpload"),
        ("POST", 2, {"uploadId": "1"}, {}, "CompleteMultipartUpload"),
    ],
)
def test_what_a_request_means(
    method: str,
    level: int,
    query: Mapping[str, str],
    headers: Mapping[bytes, bytes],
    operation: str,
) -> None:
    assert ROUTES.find(method, level, query, headers) == operation


@pytest.mark.parametrize(
    ("method", "level"), [("POST", 0), ("PATCH", 2), ("OPTIONS", 1), ("DELETE", 0), ("BREW", 2)]
)
def test_what_means_nothing(method: str, level: int) -> None:
    with pytest.raises(MethodNotAllowed):
        ROUTES.find(method, level, {}, {})


def test_every_operation_is_found_by_what_botocore_sends() -> None:
    serializer = create_serializer("rest-xml", include_validation=False)
    for name in set(MODEL.operation_names) - NOT_MEANT:
        model = MODEL.operation_model(name)
        shape = model.input_shape
        members = shape.members if shape else {}
        required: dict[str, Any] = {
            member: 1 if members[member].type_name == "integer" else "a"
            for member in (shape.required_members if shape else ())
            if members[member].type_name in ("string", "integer")
        }
        if name == "GetObjectAttributes":
            required["ObjectAttributes"] = ["ETag"]
        sent = serializer.serialize_to_request(required, model)
        path, _, literal = sent["url_path"].partition("?")
        query = dict(part.partition("=")[::2] for part in literal.split("&") if part)
        query |= {key: str(value) for key, value in sent["query_string"].items()}
        headers = {key.lower().encode(): b"" for key in sent["headers"]}
        level = len([part for part in path.split("/") if part])
        assert ROUTES.find(sent["method"], level, query, headers) == name
