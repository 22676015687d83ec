"""An HTTP server on the loopback interface that answers what a test says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A request that the server got."""

    path: str
    headers: dict[str, str]  #: names in lower case
    body: bytes


@dataclass(slots=True)
class StubServer:
    """What the server was asked, and where it is."""

    port: int
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def stub_server(answers: Sequence[tuple[int, bytes]]) -> Iterator[StubServer]:
    """Answer requests, one after the other, with a status and a body; status 0 hangs up."""
    waiting = iter(answers)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            stub.asked.append(Asked(path=self.path, headers=headers, body=self.rfile.read(length)))
            status, body = next(waiting)
            self.close_connection = True
            if status:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        do_GET = do_POST = _answer

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    stub = StubServer(server.server_port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
