"""Forms that upload objects, as boto3 makes them, sent by a client that knows nothing of AWS."""

from __future__ import annotations

import http.client
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from support.service_process import ServiceProcess

_BOUNDARY = "a-boundary"


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
        endpoint_url=service.endpoint_url.replace("127.0.0.1", "localhost"),
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(**config),
    )


@pytest.fixture(scope="module", params=[None, "s3v4"], ids=["version 2, the default", "version 4"])
def client(service: ServiceProcess, request: pytest.FixtureRequest) -> Any:
    s3 = _client(service, signature_version=request.param)
    s3.create_bucket(Bucket="forms")
    return s3


def _form(fields: Mapping[str, str], file: bytes, name: str = "local dir\\a b.csv") -> bytes:
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    ]
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: text/plain\r\n\r\n"
    )
    return "".join([*parts, head]).encode() + file + f"\r\n--{_BOUNDARY}--\r\n".encode()


def _send(
    url: str, body: bytes, headers: Mapping[str, str] | None = None
) -> tuple[int, http.client.HTTPMessage, bytes]:
    target = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", target.port or 80, timeout=20)
    content_type = f"multipart/form-data; boundary={_BOUNDARY}"
    try:
        connection.request(
            "POST",
            target.path or "/",
            body,
            {"Host": target.netloc, "Content-Type": content_type, **(headers or {})},
        )
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def _read(client: Any, key: str) -> bytes:
    body: bytes = client.get_object(Bucket="forms", Key=key)["Body"].read()
    return body


def test_a_form_puts_an_object(client: Any) -> None:
    fields = {"Content-Type": "text/csv", "x-amz-meta-owner": "me", "success_action_status": "201"}
    conditions = [{name: value} for name, value in fields.items()]
    post = client.generate_presigned_post(
        "forms", "in/${filename}", Fields=fields, Conditions=conditions
    )
    status, headers, body = _send(post["url"], _form(post["fields"], b"a,b\n"))
    assert status == 201, body
    assert b"<Bucket>forms</Bucket><Key>in/a b.csv</Key>" in body
    head = client.head_object(Bucket="forms", Key="in/a b.csv")
    assert headers["ETag"] == head["ETag"]
    assert headers["Location"].endswith("/in/a%20b.csv")
    assert (head["ContentType"], head["Metadata"]) == ("text/csv", {"owner": "me"})
    assert _read(client, "in/a b.csv") == b"a,b\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n",
        b"\r\n--a-boundar\r\n--a-bounda",  # almost the end
        bytes(range(256)) * 8192,  # 2 MB
    ],
    ids=["nothing", "a line end", "almost the end", "2 MB"],
)
def test_the_bytes_of_the_file_are_those_of_the_object(client: Any, content: bytes) -> None:
    post = client.generate_presigned_post("forms", "bytes")
    status, _, body = _send(post["url"], _form(post["fields"], content))
    assert (status, body) == (204, b"")
    assert _read(client, "bytes") == content


def test_what_follows_the_file_is_ignored(client: Any) -> None:
    post = client.generate_presigned_post("forms", "more")
    form = _form(post["fields"], b"x").removesuffix(b"--\r\n")
    rest = b'\r\nContent-Disposition: form-data; name="submit"\r\n\r\nUpload\r\n--a-boundary--\r\n'
    assert _send(post["url"], form + rest)[0] == 204
    assert _read(client, "more") == b"x"


def test_a_redirect(client: Any) -> None:
    target = "http://localhost/done?a=1"
    post = client.generate_presigned_post(
        "forms",
        "k",
        Fields={"success_action_redirect": target},
        Conditions=[{"success_action_redirect": target}],
    )
    status, headers, _ = _send(post["url"], _form(post["fields"], b"x"))
    assert status == 303
    assert headers["Location"].startswith(f"{target}&bucket=forms&key=k&etag=%22")


def test_tags(client: Any) -> None:
    document = "<Tagging><TagSet><Tag><Key>a b</Key><Value>1</Value></Tag></TagSet></Tagging>"
    post = client.generate_presigned_post(
        "forms", "tagged", Fields={"tagging": document}, Conditions=[{"tagging": document}]
    )
    assert _send(post["url"], _form(post["fields"], b"x"))[0] == 204
    tags = client.get_object_tagging(Bucket="forms", Key="tagged")["TagSet"]
    assert tags == [{"Key": "a b", "Value": "1"}]


_OTHER_POLICY = b64encode(
    json.dumps({"expiration": "2099-01-01T00:00:00Z", "conditions": [{"key": "k"}]}).encode()
).decode()


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"key": "other"}, 403, "AccessDenied"),
        ({"x-amz-meta-a": "1"}, 403, "AccessDenied"),  # no condition speaks of it
        ({"policy": _OTHER_POLICY}, 403, "SignatureDoesNotMatch"),
        ({"policy": ""}, 403, "AccessDenied"),
        ({"bucket": "other"}, 400, "MalformedPOSTRequest"),
        ({"key": "k" * 30_000}, 400, "MaxPostPreDataLengthExceededError"),
    ],
)
def test_forms_that_are_refused(
    client: Any, changes: dict[str, str], status: int, code: str
) -> None:
    post = client.generate_presigned_post("forms", "refused")
    answer = _send(post["url"], _form({**post["fields"], **changes}, b"x"))
    assert answer[0] == status
    assert f"<Code>{code}</Code>".encode() in answer[2]
    with pytest.raises(ClientError):
        client.head_object(Bucket="forms", Key="refused")


@pytest.mark.parametrize(
    ("size", "code"), [(2, "EntityTooSmall"), (11, "EntityTooLarge"), (2_000_000, "EntityTooLarge")]
)
def test_the_size_of_the_file(client: Any, size: int, code: str) -> None:
    post = client.generate_presigned_post(
        "forms", "sized", Conditions=[["content-length-range", 3, 10]]
    )
    status, _, body = _send(post["url"], _form(post["fields"], b"x" * size))
    assert (status, f"<Code>{code}</Code>".encode() in body) == (400, True)
    assert _send(post["url"], _form(post["fields"], b"x" * 5))[0] == 204


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no form at all",
        b"--a-boundary--\r\n",
        b"--a-boundary\r\nContent-Disposition: form-data; name=key\r\n\r\nk\r\n--a-boundary--\r\n",
        b"--a-boundary\r\nContent-Type: text/plain\r\n\r\nx\r\n--a-boundary--\r\n",
        b"--a-boundary\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--a-boundary--\r\n",
    ],
)
def test_what_is_no_form(client: Any, body: bytes) -> None:
    url = client.generate_presigned_post("forms", "k")["url"]
    status, _, answer = _send(url, body)
    assert (status, b"<Code>MalformedPOSTRequest</Code>" in answer) == (400, True)


def test_a_file_without_an_end(client: Any) -> None:
    post = client.generate_presigned_post("forms", "endless")
    form = _form(post["fields"], b"x").removesuffix(b"\r\n--a-boundary--\r\n")
    status, _, body = _send(post["url"], form)
    assert (status, b"<Code>IncompleteBody</Code>" in body) == (400, True)


def test_an_unknown_key_and_a_policy_that_is_over(client: Any, service: ServiceProcess) -> None:
    post = client.generate_presigned_post("forms", "k", ExpiresIn=-1)
    status, _, body = _send(post["url"], _form(post["fields"], b"x"))
    assert (status, b"Policy expired" in body) == (403, True)
    fields = client.generate_presigned_post("forms", "k")["fields"]
    assert b"expiration" in b64decode(fields["policy"])
    for name in ("AWSAccessKeyId", "x-amz-credential"):
        if name in fields:
            fields[name] = fields[name].replace("test", "other")
    status, _, body = _send(post["url"], _form(fields, b"x"))
    assert (status, b"InvalidAccessKeyId" in body) == (403, True)


def test_a_bucket_in_the_host(service: ServiceProcess) -> None:
    plain = _client(service)
    plain.create_bucket(Bucket="forms")
    virtual = _client(service, s3={"addressing_style": "virtual"})
    post = virtual.generate_presigned_post("forms", "virtual")
    assert "//forms.localhost" in post["url"]
    status, headers, _ = _send(post["url"], _form(post["fields"], b"x"))
    assert (status, headers["Location"]) == (204, f"{post['url']}virtual")
    assert _read(plain, "virtual") == b"x"


def test_forms_of_web_pages_are_refused(client: Any) -> None:
    post = client.generate_presigned_post("forms", "k")
    form = _form(post["fields"], b"x")
    assert _send(post["url"], form, {"Origin": "http://evil.example"})[0] == 403
