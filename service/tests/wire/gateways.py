"""A gateway over operations that record what they get and answer what a test says."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from glueball.core.clock import Clock, SystemClock
from glueball.core.errors import AwsError, ServiceUnavailable
from glueball.wire.call import Call
from glueball.wire.gateway import Gateway, Operation, Route, Service
from glueball.wire.models import long_operations, operation_names
from support.live_server import LiveServer
from wire.signing import ACCESS_KEY, REGION, SECRET_KEY, lookup

#: what an operation answers: the members, an error, or what a function makes of the request
Reply = dict[str, Any] | Exception | Callable[[dict[str, Any]], dict[str, Any]]


class BrokenStore(Exception):
    """Stands for the exception of a part that the wire knows nothing of."""


@dataclass
class Recorder:
    """What operations were called with, and what they answer."""

    replies: dict[str, Reply] = field(default_factory=dict)
    settling: Exception | None = None  #: why what was written does not become durable
    settled: int = 0  #: calls of `settle`
    calls: list[tuple[Call, dict[str, Any]]] = field(default_factory=list)

    def operation(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((call, request))
        reply = self.replies.get(call.operation, {})
        if isinstance(reply, Exception):
            raise reply
        return reply(request) if callable(reply) else reply

    async def settle(self) -> None:
        self.settled += 1
        if self.settling is not None:
            raise self.settling

    @property
    def request(self) -> dict[str, Any]:
        """Return the request of the last call."""
        return self.calls[-1][1]


def services(recorder: Recorder, *, absent: frozenset[str]) -> dict[str, Service]:
    """Return all services, every operation recorded; those in `absent` are not offered."""

    def operations(name: str) -> dict[str, Operation]:
        return {
            operation: recorder.operation
            for operation in operation_names(name)
            if operation not in absent
        }

    return {
        name: Service(
            name=name,
            operations=operations(name),
            inline=name != "s3",
            long=long_operations(name),
        )
        for name in ("glue", "glueball-runtime", "logs", "iam", "sts", "s3")
    }


def translate(error: Exception) -> AwsError | None:
    return ServiceUnavailable("The store is broken.") if isinstance(error, BrokenStore) else None


def make_gateway(
    recorder: Recorder,
    spool: Path,
    *,
    clock: Clock | None = None,
    allowed_hosts: frozenset[str] = frozenset(),
    extra_routes: Mapping[tuple[str, str], Route] | None = None,
    requests_per_second: float = 0.0,
) -> Gateway:
    """Return a gateway over recorded operations; CreateCrawler is not offered."""
    return Gateway(
        services=services(recorder, absent=frozenset({"CreateCrawler"})),
        credentials=lookup,
        region=REGION,
        clock=clock or SystemClock(),
        allowed_hosts=allowed_hosts,
        spool_directory=lambda: spool,
        extra_routes=extra_routes or {},
        translate=translate,
        settle=recorder.settle,
        requests_per_second=requests_per_second,
    )


@dataclass
class World:
    """A gateway that serves, its recorder, and ways to talk to it."""

    server: LiveServer
    recorder: Recorder
    spool: Path

    def client(self, service: str, secret_key: str = SECRET_KEY, **config: Any) -> Any:
        """Return an unmodified boto3 client that never retries."""
        made: Any = boto3.client
        return made(
            service,
            endpoint_url=self.server.url,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=secret_key,
            config=Config(retries={"total_max_attempts": 1}, **config),
        )

    def signed(
        self,
        body: bytes,
        *,
        method: str = "POST",
        path: str = "/",
        target: str = "AWSGlue.GetJob",
        service: str = "glue",
    ) -> dict[str, str]:
        """Return the headers of a signed JSON request."""
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
        request = AWSRequest(
            method=method, url=f"{self.server.url}{path}", data=body, headers=headers
        )
        SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), service, REGION).add_auth(request)
        names: Any = request.headers
        return dict(names.items())

    def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Send a request as it is; return status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def raw(self, data: bytes) -> bytes:
        """Send bytes; return what comes back until the server closes or is silent."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=20) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            answer = bytearray()
            while piece := connection.recv(65536):
                answer += piece
            return bytes(answer)


@contextmanager
def running(spool: Path, **options: Any) -> Iterator[World]:
    """Serve a gateway over recorded operations."""
    recorder = Recorder()
    with LiveServer(make_gateway(recorder, spool, **options)) as server:
        yield World(server=server, recorder=recorder, spool=spool)
