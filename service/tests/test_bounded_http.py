"""Attack 10 before there is a request: heads that do not end, and clients that say nothing."""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from glueball.bounded_http import LONGEST_HEAD, BoundedHttpProtocol
from support.live_server import LiveServer

KILOBYTE = 1000
START = b"POST / HTTP/1.1\r\nHost: localhost\r\n"


async def count(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
    """Answer with the number of bytes of the body."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"%d" % size})


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with LiveServer(count) as running:
        yield running


def exchange(server: LiveServer, begin: bytes, unit: bytes, times: int, end: bytes = b"") -> bytes:
    """Send a request in pieces until all is sent or the server closes; return its answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        with suppress(ConnectionError):
            connection.sendall(begin)
            for _ in range(times):
                connection.sendall(unit)
            connection.sendall(end)
        try:
            return connection.recv(65536)
        except ConnectionError:
            return b""  # what was still under way when the server closed took its answer along


@pytest.mark.parametrize(
    ("begin", "unit"),
    [
        (START, b"x-a: " + b"y" * KILOBYTE + b"\r\n"),
        (START + b"x-a: ", b"y" * KILOBYTE),
        (START, b"x" * KILOBYTE),
        (b"GET /", b"y" * KILOBYTE),
        (START + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"x-a: " + b"y" * KILOBYTE + b"\r\n"),
        (START + b"Transfer-Encoding: chunked\r\n\r\n0\r\nx-a: ", b"y" * KILOBYTE),
        (START + b"Transfer-Encoding: chunked\r\n\r\n5;", b"y" * KILOBYTE),
    ],
    ids=[
        "headers",
        "one value",
        "one name",
        "path",
        "trailers",
        "one trailer",
        "chunk extension",
    ],
)
def test_attack_10_a_head_that_does_not_end(server: LiveServer, begin: bytes, unit: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = exchange(server, begin, unit, 100_000)
    assert answer[:12] in (b"", b"HTTP/1.1 400")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kilobytes


def test_heads_below_the_bound(server: LiveServer) -> None:
    header = b"x-a: " + b"y" * KILOBYTE + b"\r\n"
    end = b"Content-Length: 3\r\n\r\nabc"
    answer = exchange(server, START, header, LONGEST_HEAD // len(header) - 1, end)
    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("size", [1, 100, 65_536])
def test_bodies_have_no_bound_here(server: LiveServer, size: int) -> None:
    times = 10_000_000 // size if size > 100 else 10_000
    head = START + b"Transfer-Encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n" % size + b"x" * size + b"\r\n"
    answer = exchange(server, head, chunk, times, b"0\r\n\r\n")
    assert answer.endswith(b"%d\r\n0\r\n\r\n" % (size * times))
    head = START + b"Content-Length: %d\r\n\r\n" % (size * times)
    assert exchange(server, head, b"x" * size, times).endswith(b"%d\r\n0\r\n\r\n" % (size * times))


@pytest.mark.parametrize(
    ("sent", "trickle"),
    [
        pytest.param(b"", b"", id="a connection without a request"),
        pytest.param(START, b"", id="half a head"),
        pytest.param(START, b"x-a: b\r\n", id="a head that trickles"),
        pytest.param(b"", b"\r\n", id="empty lines that trickle"),
        pytest.param(START + b"Content-Length: 0\r\n\r\n", b"\r\n", id="behind an answer"),
        pytest.param(
            START + b"Content-Length: 0\r\n\r\n" + START, b"x-a: b\r\n", id="a second head"
        ),
    ],
)
def test_a_connection_without_a_request_is_closed(
    server: LiveServer, monkeypatch: pytest.MonkeyPatch, sent: bytes, trickle: bytes
) -> None:
    monkeypatch.setattr(BoundedHttpProtocol, "longest_wait", 1.0)
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.settimeout(0.2)
        connection.sendall(sent)
        while not is_closed(connection):
            assert time.monotonic() - began < 10, "it is still open"
            with suppress(ConnectionError):
                connection.sendall(trickle)
    assert time.monotonic() - began > 0.8


def test_a_body_that_comes_slowly_keeps_its_connection(
    server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How long a body may take is not for this part to say."""
    monkeypatch.setattr(BoundedHttpProtocol, "longest_wait", 0.3)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(START + b"Content-Length: 5\r\n\r\n")
        for _ in range(5):
            time.sleep(0.2)
            connection.sendall(b"x")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def is_closed(connection: socket.socket) -> bool:
    """Read what there is, for a fifth of a second; tell whether the other side has closed."""
    try:
        return connection.recv(65536) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True
