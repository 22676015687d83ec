"""A small HTTP server that speaks the service's door for runs, and can misbehave on demand."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ACCESS_KEY = "AKIDTESTRUN"
SECRET_KEY = "secret/of+a+run"
SESSION_TOKEN = "session-token-of-a-run"
REGION = "eu-test-7"

#: ways to treat one request
UNAVAILABLE = "answer 503"
GARBAGE = "answer 200 with something that is not JSON"
HANG_UP = "close the connection, nothing done"
HANG_UP_AFTERWARDS = "do it, then close the connection without an answer"


@dataclass
class Stored:
    version: int
    text: str
    run_id: str


@dataclass
class BookmarkService:
    """The bookmarks of jobs, as the service keeps them."""

    history: dict[str, list[Stored]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)  #: run id -> its fencing token
    faults: list[str] = field(default_factory=list)  #: for the next requests, one each
    calls: list[str] = field(default_factory=list)  #: targets in the order of arrival
    endpoint_url: str = ""

    def newest(self, job_name: str) -> Stored:
        return self.history.get(job_name, [Stored(0, "", "")])[-1]

    def put(self, job_name: str, text: str, run_id: str = "jr_other") -> None:
        """Commit as if another run did."""
        version = self.newest(job_name).version + 1
        self.history.setdefault(job_name, []).append(Stored(version, text, run_id))

    def answer(self, target: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.calls.append(target)
        name, run_id = request["JobName"], request["RunId"]
        if target == "AWSGlue.GetJobBookmark":
            return self._of_run(name, run_id)
        if run_id not in self.tokens:
            return _error(400, "EntityNotFoundException", f"Job run {run_id} not found.")
        newest = self.newest(name)
        if target == "GlueballRuntime.ReadJobBookmark":
            return 200, {
                "Version": newest.version,
                "JobBookmark": newest.text,
                "Run": newest.version,
                "Attempt": 0,
            }
        if target != "GlueballRuntime.CommitJobBookmark":
            return _error(400, "UnknownOperationException", target)
        if request["Token"] != self.tokens[run_id]:
            return _error(403, "AccessDeniedException", "The attempt has ended.")
        if request["Version"] != newest.version:
            return _error(400, "VersionMismatchException", f"It is at {newest.version}.")
        self.put(name, request["JobBookmark"], run_id)
        return 200, {"Version": newest.version + 1}

    def _of_run(self, job_name: str, run_id: str) -> tuple[int, dict[str, Any]]:
        for entry in reversed(self.history.get(job_name, [])):
            if entry.run_id == run_id:
                shown = {"Version": entry.version, "JobBookmark": entry.text, "RunId": run_id}
                return 200, {"JobBookmarkEntry": shown}
        return _error(400, "EntityNotFoundException", f"Run {run_id} has committed none.")


@contextmanager
def serving(service: BookmarkService, port: int = 0) -> Iterator[BookmarkService]:
    """Serve on the loopback; the service's `endpoint_url` says where."""

    class Handler(_Handler):
        pass

    Handler.service = service
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    service.endpoint_url = f"http://127.0.0.1:{server.server_address[1]}"
    # poll_interval: how long stopping may take
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    service: BookmarkService

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fault = self.service.faults.pop(0) if self.service.faults else None
        if fault == HANG_UP:
            return
        if fault == UNAVAILABLE:
            self._send(503, b'{"__type": "ServiceUnavailableException"}')
            return
        if fault == GARBAGE:
            self._send(200, b"<html>not the service</html>")
            return
        status, answer = self._checked(body)
        if fault != HANG_UP_AFTERWARDS:
            self._send(status, json.dumps(answer).encode())

    def _checked(self, body: bytes) -> tuple[int, dict[str, Any]]:
        if self.headers["Content-Type"] != "application/x-amz-json-1.1":
            return _error(400, "SerializationException", "not JSON 1.1")
        if (
            expected_authorization(self.command, self.path, dict(self.headers), body)
            != (self.headers["Authorization"])
        ):
            return _error(403, "InvalidSignatureException", "The signature does not match.")
        return self.service.answer(self.headers["X-Amz-Target"], json.loads(body))

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a test reads `calls`."""


def expected_authorization(method: str, path: str, headers: dict[str, str], body: bytes) -> str:
    """Sign a request by AWS's rules, written anew here so that the client's signer is checked."""
    values = {name.lower(): value.strip() for name, value in headers.items()}
    signed = ["content-type", "host", "x-amz-date", "x-amz-security-token", "x-amz-target"]
    lines = [f"{name}:{values.get(name, '')}" for name in signed]
    names = ";".join(signed)
    digest = hashlib.sha256(body).hexdigest()
    canonical = "\n".join([method, path, "", *lines, "", names, digest])
    scope = [values["x-amz-date"][:8], REGION, "glue", "aws4_request"]
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", values["x-amz-date"], "/".join(scope), hashed])
    key = f"AWS4{SECRET_KEY}".encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    return (
        f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{'/'.join(scope)}, "
        f"SignedHeaders={names}, Signature={signature}"
    )


def _error(status: int, code: str, message: str) -> tuple[int, dict[str, Any]]:
    return status, {"__type": code, "message": message}
