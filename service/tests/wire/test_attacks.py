"""Attacks 1 to 4 and 7 to 11 of the security reference, over real sockets.

5 and 6 (scopes and times) are in `test_sigv4_refusals`, with a clock to turn; of 11 and 12 the
store's half is with the store.
"""

from __future__ import annotations

import json
import resource
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPMessage

import pytest

from wire.gateways import World, running

GIGABYTE = 1 << 30
START = b'{"JobName":"nightly"}'
TARGET = "AWSGlue.StartJobRun"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running(tmp_path_factory.mktemp("spool")) as world:
        yield world


@pytest.fixture
def world(server: World) -> World:
    """Return the running gateway with nothing recorded."""
    server.recorder.calls.clear()
    return server


def assert_no_cors(headers: HTTPMessage) -> None:
    assert not [name for name in headers if name.lower().startswith("access-control-")]


class TestAttack01ForeignHost:
    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:4566"])
    def test_attack_01_dns_rebinding(self, world: World, host: str) -> None:
        status, headers, body = world.send("GET", "/", headers={"Host": host})
        assert status == 403
        assert b"does not answer to the host name" in body
        assert_no_cors(headers)

    def test_attack_01_a_signed_request_under_a_foreign_name(self, world: World) -> None:
        headers = {**world.signed(START, target=TARGET), "Host": "evil.example"}
        status, _, _ = world.send("POST", "/", START, headers)
        assert status == 403
        assert not world.recorder.calls


class TestAttack02SimplePost:
    def test_attack_02_a_page_posts_text(self, world: World) -> None:
        headers = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
        status, answered, _ = world.send("POST", "/", START, headers)
        assert status == 403
        assert_no_cors(answered)
        assert not world.recorder.calls

    @pytest.mark.parametrize(
        "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
    )
    def test_attack_02_simple_content_types_without_an_origin(
        self, world: World, content_type: str
    ) -> None:
        signed = world.signed(START, target=TARGET)
        status, _, _ = world.send("POST", "/", START, {**signed, "Content-Type": content_type})
        assert status == 415
        unsigned = {"Content-Type": content_type}
        assert 400 <= world.send("POST", "/", START, unsigned)[0] < 500
        assert not world.recorder.calls

    def test_attack_02_our_own_origin_is_a_page_too(self, world: World) -> None:
        headers = {**world.signed(START, target=TARGET), "Origin": world.server.url}
        assert world.send("POST", "/", START, headers)[0] == 403


class TestAttack03Preflight:
    @pytest.mark.parametrize("path", ["/", "/bucket/key"])
    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3000"])
    def test_attack_03_preflights_are_refused(self, world: World, path: str, origin: str) -> None:
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-amz-target",
        }
        status, answered, _ = world.send("OPTIONS", path, headers=headers)
        assert status == 403
        assert_no_cors(answered)


GARBAGE = [
    None,
    "",
    "garbage",
    "AWS4-HMAC-SHA256",
    "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
    "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request/e, SignedHeaders=host, Signature=0",
    "AWS4-HMAC-SHA256 Credential=,SignedHeaders=,Signature=",
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260314/us-east-1/glue/aws4_req",
    "AWS4-ECDSA-P256-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=0",
    "AWS AKIAIOSFODNN7EXAMPLE:signature",
    "Bearer token",
    "\u00ff" * 1000,
]


class TestAttack04Authorization:
    @pytest.mark.parametrize("authorization", GARBAGE)
    @pytest.mark.parametrize("protocol", ["json", "query", "s3"])
    def test_attack_04_garbage(
        self, world: World, authorization: str | None, protocol: str
    ) -> None:
        headers = {} if authorization is None else {"Authorization": authorization}
        headers["X-Amz-Date"] = "20260314T120000Z"
        if protocol == "json":
            headers |= {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET}
            status, _, body = world.send("POST", "/", START, headers)
            assert json.loads(body)["__type"]
            assert status == 403
        elif protocol == "query":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            form = b"Action=GetCallerIdentity&Version=2011-06-15"
            status, _, body = world.send("POST", "/", form, headers)
            assert b"<ErrorResponse>" in body
            assert status == 403
        else:
            status, _, body = world.send("GET", "/bucket/key", headers=headers)
            assert b"<Error><Code>" in body
            assert status in (400, 403)
        assert not world.recorder.calls


class TestAttack07Body:
    def test_attack_07_the_body_is_another_than_the_signed_one(self, world: World) -> None:
        headers = world.signed(START, target=TARGET)
        altered = START.replace(b"nightly", b"other12")
        status, _, body = world.send("POST", "/", altered, headers)
        assert (status, json.loads(body)["__type"]) == (403, "InvalidSignatureException")
        assert not world.recorder.calls

    def test_attack_07_nothing_of_an_altered_object_stays(self, world: World) -> None:
        s3 = world.client("s3", request_checksum_calculation="when_required")

        def alter(request: object, **_: object) -> None:
            request.body = b"evil!"  # type: ignore[attr-defined]

        s3.meta.events.register("before-send.s3.PutObject", alter)
        with pytest.raises(s3.exceptions.ClientError, match="XAmzContentSHA256Mismatch"):
            s3.put_object(Bucket="bucket", Key="k", Body=b"hello")
        assert not world.recorder.calls
        assert not list(world.spool.iterdir())


class TestAttack08Target:
    def test_attack_08_another_operation_than_the_signed_one(self, world: World) -> None:
        headers = world.signed(b"{}", target="AWSGlue.GetDatabases")
        headers["X-Amz-Target"] = "AWSGlue.DeleteDatabase"
        status, _, body = world.send("POST", "/", b"{}", headers)
        assert (status, json.loads(body)["__type"]) == (403, "InvalidSignatureException")
        assert not world.recorder.calls

    def test_attack_08_the_target_is_not_signed(self, world: World) -> None:
        headers = world.signed(b"{}", target="AWSGlue.GetDatabases")
        headers["Authorization"] = headers["Authorization"].replace(";x-amz-target", "")
        status, _, body = world.send("POST", "/", b"{}", headers)
        assert status == 403
        assert b"not signed" in body
        assert not world.recorder.calls


class TestAttack09Ambiguity:
    @pytest.mark.parametrize("name", ["Authorization", "X-Amz-Target", "Host", "Content-Length"])
    def test_attack_09_a_header_twice(self, world: World, name: str) -> None:
        headers = {
            "Host": f"127.0.0.1:{world.server.port}",
            "Connection": "close",
            "Content-Length": str(len(START)),
            **world.signed(START, target=TARGET),
        }
        lines = [f"{key}: {value}" for key, value in headers.items()]
        lines.append(f"{name}: {headers[name]}")
        request = "\r\n".join(["POST / HTTP/1.1", *lines, "", ""]).encode() + START
        assert world.raw(request).startswith(b"HTTP/1.1 400 ")
        assert not world.recorder.calls

    def test_attack_09_two_lengths(self, world: World) -> None:
        request = (
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n"
        )
        answer = world.raw(request)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert answer.count(b"HTTP/1.1") == 1
        assert not world.recorder.calls


class TestAttack10Size:
    @pytest.mark.parametrize(
        "body",
        [
            b'{"JobName":' + b"[" * 1_000_000,
            b'{"JobName":' + b'{"a":' * 1_000_000,
            b'{"MaxResults":' + b"9" * 100_000 + b"}",
            b'{"JobName":"a","Timeout":' + b"9" * 100_000 + b"}",
            b'{"JobName":"a","Timeout":NaN}',
            b'{"JobName":"a","Timeout":Infinity}',
            b'{"JobName":"a","JobName":"b"}',
            b'{"JobName":"\\ud800"}',
            b'{"JobName":"a\\u0000b"}',
            b'{"JobName":"' + b"x" * 7_500_000 + b'"}',
            b'{"JobName":"a","Arguments":{' + b'"k":"v",' * 900_000 + b'"k":"v"}}',
            b'{"JobName":"a","Arguments":[' + b"{}," * 2_500_000 + b"{}]}",
            b'{"JobName":"a","Unknown":[' + b"{}," * 2_500_000 + b"{}]}",
        ],
        ids=lambda body: body[:30].decode(),
    )
    def test_attack_10_hostile_json(self, world: World, body: bytes) -> None:
        headers = world.signed(body, target=TARGET)
        before = peak_memory()
        # the processor's seconds, not the wall's: the machine may be busy with other tests
        began = time.process_time()
        status, _, answer = world.send("POST", "/", body, headers)
        assert time.process_time() - began < 1
        assert status == 400
        assert json.loads(answer)["__type"] in ("SerializationException", "ValidationException")
        assert peak_memory() - before < 200_000_000
        assert not world.recorder.calls

    @pytest.mark.parametrize("path", ["/", "/bucket?delete"])
    def test_attack_10_two_gigabytes_are_announced(self, world: World, path: str) -> None:
        request = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: {TARGET}\r\n"
            f"Content-Type: application/x-amz-json-1.1\r\nContent-Length: {2 * GIGABYTE}\r\n\r\n"
        )
        began = time.process_time()
        assert world.raw(request.encode()).startswith(b"HTTP/1.1 413 ")
        assert time.process_time() - began < 1

    def test_attack_10_two_gigabytes_come_in_chunks(self, world: World) -> None:
        """The answer comes when the limit is passed; memory stays flat while the rest comes."""
        head = (
            f"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: {TARGET}\r\n"
            "Content-Type: application/x-amz-json-1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        chunk = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
        stop = threading.Event()
        before = peak_memory()
        with socket.create_connection(("127.0.0.1", world.server.port), timeout=20) as connection:
            connection.sendall(head.encode())
            sender = threading.Thread(target=_pour, args=(connection, chunk, 2048, stop))
            sender.start()
            answer = connection.recv(65536)
            time.sleep(0.2)
            stop.set()
            sender.join()
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert peak_memory() - before < 100_000_000

    def test_attack_10_a_body_in_drops(self, world: World) -> None:
        headers = {**world.signed(START, target=TARGET), "Content-Length": str(len(START))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        request = (
            f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{world.server.port}\r\n{lines}"
            "Connection: close\r\n\r\n"
        ).encode() + START
        with socket.create_connection(("127.0.0.1", world.server.port), timeout=20) as connection:
            for byte in request:
                connection.sendall(bytes([byte]))
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\r\n\r\n",
            b"GET\r\n\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
            b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"CONNECT evil:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET http://evil/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01",
        ],
    )
    def test_attack_10_what_is_hardly_http(self, world: World, data: bytes) -> None:
        answer = world.raw(data)
        assert b"HTTP/1.1 5" not in answer
        assert b"Traceback" not in answer
        assert not world.recorder.calls


def _pour(connection: socket.socket, chunk: bytes, times: int, stop: threading.Event) -> None:
    for _ in range(times):
        if stop.is_set():
            return
        try:
            connection.sendall(chunk)
        except OSError:
            return


def peak_memory() -> int:
    """Return the most bytes that this process, which holds the server too, ever had resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize(
    "key", ["../../etc/passwd", "a/../../b", "/etc/x", "..\\", "k/", "a//b", "."]
)
def test_attack_11_keys_reach_the_store_literally(world: World, key: str) -> None:
    """Nothing on the way resolves, joins or shortens them: the store decides."""
    world.client("s3").head_object(Bucket="bucket", Key=key)
    assert world.recorder.request == {"Bucket": "bucket", "Key": key}
