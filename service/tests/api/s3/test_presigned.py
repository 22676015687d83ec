"""URLs as boto3 and the AWS CLI presign them, used by a client that knows nothing of AWS."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from support.service_process import ServiceProcess

_KEY = "dir/a b+ü.csv"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    process = ServiceProcess(tmp_path_factory.mktemp("service") / "home", "--testing")
    try:
        yield process.start()
    finally:
        process.close()


def _client(service: ServiceProcess, **config: Any) -> Any:
    make: Any = boto3.client
    return make(
        "s3",
        # botocore keeps buckets in the path where the host is an address
        endpoint_url=service.endpoint_url.replace("127.0.0.1", "localhost"),
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(**config),
    )


@pytest.fixture(scope="module", params=["by default", "s3v4", "virtual"])
def client(service: ServiceProcess, request: pytest.FixtureRequest) -> Any:
    """A client that presigns with version 2, as it does by default, or with 4."""
    config: dict[str, dict[str, Any]] = {
        "by default": {},
        "s3v4": {"signature_version": "s3v4"},
        "virtual": {"s3": {"addressing_style": "virtual"}},
    }
    _client(service).create_bucket(Bucket="links")
    return _client(service, **config[request.param])


def _send(
    method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> tuple[int, http.client.HTTPMessage, bytes]:
    target = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", target.port or 80, timeout=20)
    try:
        path = f"{target.path}?{target.query}"
        connection.request(method, path, body, {"Host": target.netloc, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def test_version_2_is_the_default(service: ServiceProcess) -> None:
    url = _client(service).generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    assert "AWSAccessKeyId=test&Signature=" in url


def test_put_get_head_and_delete(client: Any) -> None:
    object_ = {"Bucket": "links", "Key": _KEY}
    link = client.generate_presigned_url
    url = link("put_object", Params={**object_, "ContentType": "text/csv"})
    assert _send("PUT", url, b"a,b\n", {"Content-Type": "text/csv"})[0] == 200
    status, headers, body = _send("GET", link("get_object", Params=object_))
    assert (status, headers["Content-Type"], body) == (200, "text/csv", b"a,b\n")
    status, headers, _ = _send("HEAD", link("head_object", Params=object_))
    assert (status, headers["Content-Length"]) == (200, "4")
    status, _, body = _send(
        "GET", link("get_object", Params=object_), headers={"Range": "bytes=2-"}
    )
    assert (status, body) == (206, b"b\n")
    assert _send("DELETE", link("delete_object", Params=object_))[0] == 204
    assert _send("GET", link("get_object", Params=object_))[0] == 404


def test_overrides_of_the_response(client: Any) -> None:
    object_ = {"Bucket": "links", "Key": "k"}
    _send("PUT", client.generate_presigned_url("put_object", Params=object_), b"x")
    url = client.generate_presigned_url(
        "get_object",
        Params={
            **object_,
            "ResponseContentType": "text/csv; charset=utf-8",
            "ResponseContentDisposition": 'attachment; filename="a b.csv"',
        },
    )
    _, headers, _ = _send("GET", url)
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    assert headers["Content-Disposition"] == 'attachment; filename="a b.csv"'


def test_metadata_that_is_signed(client: Any) -> None:
    object_ = {"Bucket": "links", "Key": "meta"}
    url = client.generate_presigned_url(
        "put_object", Params={**object_, "Metadata": {"owner": "me"}}
    )
    assert _send("PUT", url, b"x", {"x-amz-meta-owner": "me"})[0] == 200
    _, headers, _ = _send("HEAD", client.generate_presigned_url("head_object", Params=object_))
    assert headers["x-amz-meta-owner"] == "me"


def test_metadata_may_travel_in_the_query_alone(service: ServiceProcess) -> None:
    client = _client(service)
    client.create_bucket(Bucket="links")
    url = client.generate_presigned_url(
        "put_object", Params={"Bucket": "links", "Key": "query", "Metadata": {"owner": "me"}}
    )
    assert _send("PUT", url, b"x")[0] == 200
    assert client.head_object(Bucket="links", Key="query")["Metadata"] == {"owner": "me"}


def test_a_part_of_an_upload(client: Any, service: ServiceProcess) -> None:
    object_ = {"Bucket": "links", "Key": "parts"}
    plain = _client(service)
    upload = plain.create_multipart_upload(**object_)["UploadId"]
    url = client.generate_presigned_url(
        "upload_part", Params={**object_, "UploadId": upload, "PartNumber": 1}
    )
    status, headers, _ = _send("PUT", url, b"part")
    assert status == 200
    parts = [{"PartNumber": 1, "ETag": headers["ETag"]}]
    plain.complete_multipart_upload(**object_, UploadId=upload, MultipartUpload={"Parts": parts})
    assert plain.head_object(**object_)["ContentLength"] == 4


def test_another_key_or_a_changed_url_is_refused(client: Any) -> None:
    url = client.generate_presigned_url("get_object", Params={"Bucket": "links", "Key": "k"})
    status, _, body = _send("GET", url.replace("/k?", "/other?"))
    assert (status, b"SignatureDoesNotMatch" in body) == (403, True)
    status, _, body = _send("PUT", url, b"x")
    assert (status, b"SignatureDoesNotMatch" in body) == (403, True)


def test_a_url_that_is_over_is_refused(client: Any) -> None:
    url = client.generate_presigned_url(
        "get_object", Params={"Bucket": "links", "Key": "k"}, ExpiresIn=1
    )
    time.sleep(2.1)
    status, _, body = _send("GET", url)
    assert status == 403
    assert b"<Code>AccessDenied</Code><Message>Request has expired" in body


def test_the_aws_cli(service: ServiceProcess) -> None:
    done = service.shell("""
        aws s3 mb s3://cli-links && echo hello | aws s3 cp - s3://cli-links/k
        aws s3 presign s3://cli-links/k
    """)
    assert done.returncode == 0, done.stderr
    assert _send("GET", done.stdout.split()[-1])[2] == b"hello\n"
