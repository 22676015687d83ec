"""The load generator: sends requests that were built and signed beforehand, as fast as answered.

A process of its own, so that it shares no interpreter with what measures or with what is measured.
It builds nothing, signs nothing and parses only the status line and the length of an answer: with a
server that does nothing at all it manages about 90,000 requests a second.

Reads one JSON object from standard input::

    {"host": "127.0.0.1", "port": 4566, "connections": 16, "seconds": 2.0, "requests": ["POST …"]}

With `seconds` the requests are sent in turn, again and again, for so long; with null each is sent
once. Writes one JSON object, where failures are the first answers that were not 200::

    {"answered": 4711, "seconds": 2.0, "failures": []}
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from itertools import cycle
from typing import Any

import uvloop

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close\r\n", re.IGNORECASE)
_SHOWN_FAILURES = 3


class Load:
    """What all connections share: the requests that are left and what became of the others."""

    def __init__(self, work: dict[str, Any]) -> None:
        requests = [request.encode("latin-1") for request in work["requests"]]
        self.loop = asyncio.get_running_loop()
        self.began = time.perf_counter()
        self.address = (work["host"], work["port"])
        self.open = work["connections"]
        self.deadline = None
        self.requests = iter(requests)
        if work["seconds"] is not None:
            self.deadline = self.began + work["seconds"]
            self.requests = cycle(requests)
        self.answered = 0
        self.failures: list[str] = []
        self.done = self.loop.create_future()
        self.tasks: set[asyncio.Task[Any]] = set()

    def connect(self) -> None:
        """Open a connection; it sends by itself."""
        task = self.loop.create_task(
            self.loop.create_connection(lambda: Connection(self), *self.address)
        )
        self.tasks.add(task)  # else nothing would hold it
        task.add_done_callback(self.tasks.discard)

    def next(self) -> bytes | None:
        """Return the next request; None when it is over."""
        if self.deadline is not None and time.perf_counter() >= self.deadline:
            return None
        return next(self.requests, None)

    def answer(self, response: bytes) -> None:
        """Count a complete answer."""
        self.answered += 1
        if not response.startswith(b"HTTP/1.1 200 ") and len(self.failures) < _SHOWN_FAILURES:
            self.failures.append(response[:600].decode("latin-1"))

    def left(self) -> None:
        """Note that a connection has nothing more to do."""
        self.open -= 1
        if not self.open and not self.done.done():
            self.done.set_result(None)


class Connection(asyncio.Protocol):
    """One connection with one request in flight.

    A server that closes it after an answer (moto always does) is connected to again.
    """

    def __init__(self, load: Load) -> None:
        self._load = load
        self._buffer = b""
        self._waiting = False  # for an answer
        self._reconnects = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer = self._buffer + data if self._buffer else data
        head = buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(buffer, 0, head + 2)
        if length is None:
            raise ValueError(f"an answer without length: {buffer[:200]!r}")
        if len(buffer) < head + 4 + int(length[1]):
            return
        self._load.answer(buffer)
        self._buffer, self._waiting = b"", False
        if _CLOSES.search(buffer, 0, head + 2):
            self._reconnects = True
            self._transport.close()
        else:
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if self._waiting:
            self._load.failures.append(f"the server closed a connection: {error}")
        if self._reconnects:
            self._load.connect()
        else:
            self._load.left()

    def _send(self) -> None:
        request = self._load.next()
        if request is None:
            self._transport.close()
            return
        self._waiting = True
        self._transport.write(request)


async def run(work: dict[str, Any]) -> dict[str, Any]:
    """Send the requests and return what came back."""
    load = Load(work)
    for _ in range(load.open):
        load.connect()
    await load.done
    seconds = time.perf_counter() - load.began
    return {"answered": load.answered, "seconds": seconds, "failures": load.failures}


if __name__ == "__main__":
    uvloop.install()
    print(json.dumps(asyncio.run(run(json.load(sys.stdin)))))
