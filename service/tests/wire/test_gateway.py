"""The gateway under a real server, called by unmodified AWS clients."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from glueball.core.errors import EntityNotFound
from glueball.wire.bodies import FileRange
from glueball.wire.body import Receive
from glueball.wire.sending import Send
from wire.gateways import BrokenStore, Recorder, World, make_gateway, running
from wire.signing import ACCESS_KEY, REGION, SECRET_KEY

MEGABYTE = 1_000_000


async def hello(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    spool = tmp_path_factory.mktemp("spool")
    with running(
        spool,
        allowed_hosts=frozenset({"glue.corp.example"}),
        extra_routes={("POST", "/_glueball/hello"): hello},
    ) as world:
        yield world


@pytest.fixture
def world(server: World) -> World:
    """Return the running gateway with nothing recorded."""
    server.recorder.calls.clear()
    server.recorder.replies.clear()
    server.recorder.settling = None
    return server


def failure(error: ClientError) -> tuple[str, int, str]:
    """Return code, status and message of an error as boto3 raised it."""
    response = error.response
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    return response["Error"]["Code"], status, response["Error"]["Message"]


class TestJson:
    def test_a_call(self, world: World) -> None:
        world.recorder.replies["GetJob"] = {"Job": {"Name": "nightly", "CreatedOn": 1.5}}
        answer = world.client("glue").get_job(JobName="nightly")
        assert answer["Job"]["Name"] == "nightly"
        assert answer["Job"]["CreatedOn"].timestamp() == 1.5
        call, request = world.recorder.calls[0]
        assert request == {"JobName": "nightly"}
        assert (call.service, call.operation) == ("glue", "GetJob")
        assert call.caller.account_id == "123456789012"
        assert call.request_id == answer["ResponseMetadata"]["RequestId"]

    def test_an_answer_of_nothing(self, world: World) -> None:
        answer = world.client("logs").create_log_group(logGroupName="g")
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200

    def test_our_own_service_beside_awss(self, world: World) -> None:
        world.recorder.replies["ReadJobBookmark"] = {"Version": 3, "JobBookmark": "{}"}
        body = b'{"JobName": "j", "RunId": "jr_1"}'
        headers = world.signed(body, target="GlueballRuntime.ReadJobBookmark")
        status, _, answer = world.send("POST", "/", body, headers)
        assert (status, json.loads(answer)) == (200, {"Version": 3, "JobBookmark": "{}"})

    def test_a_modelled_error(self, world: World) -> None:
        world.recorder.replies["GetJob"] = EntityNotFound("Job nope not found.")
        glue = world.client("glue")
        with pytest.raises(glue.exceptions.EntityNotFoundException) as raised:
            glue.get_job(JobName="nope")
        assert failure(raised.value) == ("EntityNotFoundException", 400, "Job nope not found.")
        assert raised.value.response["Message"] == "Job nope not found."

    def test_a_broken_constraint(self, world: World) -> None:
        with pytest.raises(ClientError) as raised:
            world.client("glue").start_job_run(JobName="j", ExecutionClass="x")
        assert failure(raised.value) == (
            "ValidationException",
            400,
            "1 validation error detected: Value 'x' at 'executionClass' failed to satisfy "
            "constraint: Member must satisfy enum value set: [FLEX, STANDARD]",
        )
        assert not world.recorder.calls

    def test_an_operation_that_we_do_not_have(self, world: World) -> None:
        with pytest.raises(ClientError) as raised:
            world.client("glue").create_crawler(Name="c", Role="r", Targets={})
        code, status, message = failure(raised.value)
        assert (code, status) == ("NotImplemented", 501)
        assert "CreateCrawler of glue is not available in Glueball 0." in message

    def test_an_operation_that_nobody_has(self, world: World) -> None:
        headers = world.signed(b"{}", target="AWSGlue.Dance")
        status, _, body = world.send("POST", "/", b"{}", headers)
        assert status == 400
        assert json.loads(body) == {
            "__type": "UnknownOperationException",
            "message": "The service glue has no operation 'Dance'.",
        }

    @pytest.mark.parametrize(
        ("error", "code", "says"),
        [
            (OSError(28, "No space left on device"), "ServiceUnavailableException", "Free space"),
            (OSError(122, "Disk quota exceeded"), "ServiceUnavailableException", "quota"),
            (OSError(30, "Read-only file system"), "ServiceUnavailableException", "writable"),
            (FileNotFoundError(2, "gone"), "ServiceUnavailableException", "restart"),
            (BrokenStore(), "ServiceUnavailableException", "The store is broken."),
        ],
    )
    def test_what_the_machine_is_to_blame_for(
        self, world: World, error: Exception, code: str, says: str
    ) -> None:
        world.recorder.replies["GetJob"] = error
        with pytest.raises(ClientError) as raised:
            world.client("glue").get_job(JobName="j")
        found, status, message = failure(raised.value)
        assert (found, status) == (code, 503)
        assert says in message

    def test_no_answer_before_it_is_durable(self, world: World) -> None:
        settled = world.recorder.settled
        world.client("glue").get_job(JobName="j")
        assert world.recorder.settled == settled + 1
        world.recorder.settling = BrokenStore()
        with pytest.raises(ClientError, match="The store is broken"):
            world.client("glue").get_job(JobName="j")

    def test_a_bug_is_logged_and_not_shown(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.recorder.replies["GetJob"] = ZeroDivisionError("secret")
        with pytest.raises(ClientError) as raised:
            world.client("glue").get_job(JobName="j")
        code, status, message = failure(raised.value)
        request_id = raised.value.response["ResponseMetadata"]["RequestId"]
        assert (code, status) == ("InternalFailure", 500)
        assert request_id in message
        assert "secret" not in message
        assert request_id in caplog.text
        assert "ZeroDivisionError: secret" in caplog.text

    def test_a_wrong_secret(self, world: World) -> None:
        with pytest.raises(ClientError) as raised:
            world.client("glue", secret_key="wrong").get_job(JobName="j")
        assert failure(raised.value)[:2] == ("InvalidSignatureException", 403)
        assert not world.recorder.calls


class TestQuery:
    def test_a_call(self, world: World) -> None:
        world.recorder.replies["CreateRole"] = {
            "Role": {
                "Path": "/",
                "RoleName": "r&d",
                "RoleId": "1",
                "Arn": "a",
                "CreateDate": 0.0,
                "Tags": [{"Key": "k", "Value": "v"}],
            }
        }
        role = world.client("iam").create_role(
            RoleName="r", AssumeRolePolicyDocument="{}", Tags=[{"Key": "k", "Value": "v"}]
        )["Role"]
        assert (role["RoleName"], role["Tags"]) == ("r&d", [{"Key": "k", "Value": "v"}])
        assert role["CreateDate"].timestamp() == 0
        assert world.recorder.request["Tags"] == [{"Key": "k", "Value": "v"}]

    def test_sts(self, world: World) -> None:
        world.recorder.replies["GetCallerIdentity"] = {"Account": "1", "UserId": "2", "Arn": "3"}
        assert world.client("sts").get_caller_identity()["Account"] == "1"

    def test_a_broken_constraint(self, world: World) -> None:
        with pytest.raises(ClientError) as raised:
            world.client("iam").get_role(RoleName="a b")
        code, status, message = failure(raised.value)
        assert (code, status) == ("ValidationError", 400)
        assert "Value 'a b' at 'roleName' failed to satisfy constraint" in message

    def test_a_wrong_secret(self, world: World) -> None:
        with pytest.raises(ClientError) as raised:
            world.client("sts", secret_key="wrong").get_caller_identity()
        assert failure(raised.value)[:2] == ("SignatureDoesNotMatch", 403)


class TestS3:
    def test_put(self, world: World) -> None:
        seen = []

        def take(request: dict[str, Any]) -> dict[str, Any]:
            body = request["Body"]
            seen.append((body.path.parent, body.path.read_bytes(), body))
            return {"ETag": f'"{body.md5}"'}

        world.recorder.replies["PutObject"] = take
        answer = world.client("s3").put_object(
            Bucket="bucket", Key="a b/ü+c", Body=b"hello", Metadata={"x": "y"}
        )
        directory, content, body = seen[0]
        assert (directory, content, body.size) == (world.spool, b"hello", 5)
        assert set(body.checksums) == {"CRC32"}
        assert answer["ETag"] == '"5d41402abc4b2a76b9719d911017c592"'
        assert world.recorder.request["Key"] == "a b/ü+c"
        assert world.recorder.request["Metadata"] == {"x": "y"}
        assert not list(world.spool.iterdir()), "what nobody took is removed"

    @pytest.mark.parametrize("size", [0, 1, 300_000, 3 * MEGABYTE])
    def test_sizes_up_and_down(self, world: World, size: int, tmp_path: Path) -> None:
        content = bytes(range(256)) * (size // 256 + 1)
        content = content[:size]
        kept = tmp_path / "kept"

        def take(request: dict[str, Any]) -> dict[str, Any]:
            request["Body"].path.rename(kept)
            return {}

        def give(request: dict[str, Any]) -> dict[str, Any]:
            return {"Body": FileRange(path=kept, offset=0, length=size)}

        world.recorder.replies |= {"PutObject": take, "GetObject": give}
        s3 = world.client("s3")
        s3.put_object(Bucket="bucket", Key="k", Body=io.BytesIO(content))
        answer = s3.get_object(Bucket="bucket", Key="k")
        assert answer["ContentLength"] == size
        assert answer["Body"].read() == content

    def test_a_range(self, world: World, tmp_path: Path) -> None:
        (tmp_path / "f").write_bytes(b"0123456789")
        world.recorder.replies["GetObject"] = {
            "Body": FileRange(path=tmp_path / "f", offset=2, length=3),
            "ContentRange": "bytes 2-4/10",
        }
        answer = world.client("s3").get_object(Bucket="bucket", Key="k", Range="bytes=2-4")
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert answer["Body"].read() == b"234"
        assert world.recorder.request["Range"] == "bytes=2-4"

    def test_a_file_that_went_away(self, world: World, tmp_path: Path) -> None:
        gone = FileRange(path=tmp_path / "gone", offset=0, length=3)
        world.recorder.replies["GetObject"] = {"Body": gone}
        with pytest.raises(ClientError) as raised:
            world.client("s3").get_object(Bucket="bucket", Key="k")
        assert failure(raised.value)[:2] == ("ServiceUnavailable", 503)

    def test_head(self, world: World) -> None:
        world.recorder.replies["HeadObject"] = {"ContentLength": 7, "LastModified": 0.0}
        answer = world.client("s3").head_object(Bucket="bucket", Key="k")
        assert (answer["ContentLength"], answer["LastModified"].timestamp()) == (7, 0)

    def test_delete_objects(self, world: World) -> None:
        world.recorder.replies["DeleteObjects"] = {"Deleted": [{"Key": "a<b"}]}
        answer = world.client("s3").delete_objects(
            Bucket="bucket", Delete={"Objects": [{"Key": "a<b"}, {"Key": "c"}], "Quiet": False}
        )
        assert answer["Deleted"] == [{"Key": "a<b"}]
        assert world.recorder.request["Delete"]["Objects"] == [{"Key": "a<b"}, {"Key": "c"}]

    def test_multipart(self, world: World) -> None:
        world.recorder.replies |= {
            "CreateMultipartUpload": {"Bucket": "bucket", "Key": "k", "UploadId": "u"},
            "UploadPart": {"ETag": '"e"'},
            "CompleteMultipartUpload": {"ETag": '"e-2"'},
        }
        world.client("s3").upload_fileobj(io.BytesIO(b"x" * 9 * MEGABYTE), "bucket", "k")
        names = sorted(call.operation for call, _ in world.recorder.calls)
        assert names == [
            "CompleteMultipartUpload",
            "CreateMultipartUpload",
            "UploadPart",
            "UploadPart",
        ]
        parts = world.recorder.request["MultipartUpload"]["Parts"]
        assert [part["PartNumber"] for part in parts] == [1, 2]

    def test_presigned_urls(self, world: World) -> None:
        world.recorder.replies["GetObject"] = {"Body": b"content"}
        s3 = world.client("s3", signature_version="s3v4")
        where = {"Bucket": "bucket", "Key": "a b/c"}
        get = s3.generate_presigned_url("get_object", Params=where)
        with urllib.request.urlopen(get) as response:
            assert response.read() == b"content"
        put = s3.generate_presigned_url("put_object", Params=where)
        request = urllib.request.Request(put, method="PUT", data=b"hello")
        with urllib.request.urlopen(request) as response:
            assert response.status == 200
        assert world.recorder.request["Body"].size == 5
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(get.replace("bucket", "other0"))
        assert refused.value.code == 403
        assert b"<Code>SignatureDoesNotMatch</Code>" in refused.value.read()

    def test_a_payload_that_does_not_fit_its_checksum(self, world: World) -> None:
        with pytest.raises(ClientError) as raised:
            world.client("s3").put_object(
                Bucket="bucket", Key="k", Body=b"hello", ChecksumCRC32="AAAAAA=="
            )
        assert failure(raised.value)[:2] == ("BadDigest", 400)
        assert not world.recorder.calls
        assert not list(world.spool.iterdir())

    def test_an_error(self, world: World) -> None:
        world.recorder.replies["GetObject"] = EntityNotFound("none", Key="k")
        with pytest.raises(ClientError) as raised:
            world.client("s3").get_object(Bucket="bucket", Key="k")
        error: Mapping[str, Any] = raised.value.response["Error"]
        assert (error["Key"], error["Resource"]) == ("k", "/bucket/k")

    def test_the_bucket_in_the_host(self, world: World) -> None:
        s3 = world.client("s3", signature_version="s3v4", s3={"addressing_style": "path"})
        url = s3.generate_presigned_url("list_objects_v2", Params={"Bucket": "bucket"})
        status, _, body = world.send("GET", url.partition(str(world.server.port))[2])
        assert status == 200, body
        status, _, body = world.send("GET", "/?list-type=2", headers={"Host": "bucket.localhost"})
        assert (status, b"<Code>AccessDenied</Code>" in body) == (403, True)


class TestOtherDoors:
    def test_an_extra_route(self, world: World) -> None:
        status, _, body = world.send("POST", "/_glueball/hello")
        assert (status, body) == (200, b"hello")

    @pytest.mark.parametrize(
        "headers", [{"Host": "evil.example"}, {"Origin": "http://127.0.0.1:4566"}]
    )
    def test_an_extra_route_is_for_nobody_else(self, world: World, headers: dict[str, str]) -> None:
        assert world.send("POST", "/_glueball/hello", headers=headers)[0] == 403

    def test_only_the_exact_route(self, world: World) -> None:
        assert world.send("GET", "/_glueball/hello")[0] == 403

    def test_a_configured_host(self, world: World) -> None:
        headers = {"Host": "glue.corp.example"}
        assert world.send("POST", "/_glueball/hello", headers=headers)[0] == 200


EXPECTING = (
    "PUT /bucket/k HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nExpect: 100-continue\r\n"
    "Content-Length: 5\r\n{headers}\r\n"
)


class TestExpectContinue:
    """What the AWS CLI sends before the payload of a PutObject."""

    def test_the_payload_is_asked_for(self, world: World) -> None:
        request = AWSRequest(method="PUT", url=f"{world.server.url}/bucket/k", data=b"hello")
        credentials = Credentials(ACCESS_KEY, SECRET_KEY)
        S3SigV4Auth(credentials, "s3", REGION).add_auth(request)
        signed: Any = request.headers
        with self.connection(world, signed.items()) as connection:
            assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.sendall(b"hello")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert world.recorder.request["Body"].size == 5

    def test_a_refusal_ends_the_connection(self, world: World) -> None:
        """The client keeps its payload, so what it sends next must not be taken for it."""
        with self.connection(world, []) as connection:
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 403 ")
        assert b"connection: close" in answer

    def connection(self, world: World, headers: Iterable[tuple[str, str]]) -> socket.socket:
        lines = "".join(f"{name}: {text}\r\n" for name, text in headers)
        connection = socket.create_connection(("127.0.0.1", world.server.port), timeout=20)
        request = EXPECTING.format(port=world.server.port, headers=lines)
        connection.sendall(request.encode())
        return connection


def test_a_client_that_leaves_in_mid_payload_leaves_nothing(world: World) -> None:
    url = world.client("s3", signature_version="s3v4").generate_presigned_url(
        "put_object", Params={"Bucket": "bucket", "Key": "k"}
    )
    path = url.partition(str(world.server.port))[2]
    host = f"127.0.0.1:{world.server.port}"
    request = f"PUT {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", world.server.port), timeout=20) as connection:
        connection.sendall(request.encode() + b"x" * 1_000_000)
        wait_until(lambda: bool(list(world.spool.iterdir())))
    wait_until(lambda: not list(world.spool.iterdir()))
    assert not world.recorder.calls


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_websockets_are_closed(tmp_path: Path) -> None:
    messages = []

    async def send(message: Any) -> None:
        messages.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    gateway = make_gateway(Recorder(), tmp_path)
    asyncio.run(gateway({"type": "websocket"}, receive, send))
    assert messages == [{"type": "websocket.close"}]
