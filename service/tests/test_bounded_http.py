"""Attack 10 before there is a request: heads that do not end."""

from __future__ import annotations

import resource
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from glueball.bounded_http import LONGEST_HEAD
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
