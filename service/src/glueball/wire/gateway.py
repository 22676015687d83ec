"""The one way in: an ASGI application that speaks AWS's protocols.

A request goes through the steps of `Gateway._exchange`, in their order, each of them a function
or class of a module of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from glueball import __version__, failpoints
from glueball.core.clock import Clock
from glueball.core.errors import AwsError
from glueball.wire.answers import Answer
from glueball.wire.body import BodyReader, ClientGone, Receive
from glueball.wire.call import Call
from glueball.wire.credentials import CredentialLookup
from glueball.wire.endpoints import Dialect, Endpoint, Operation, Service
from glueball.wire.errors import InternalFailure, NotImplementedHere, of_machine
from glueball.wire.form_payload import FormDecoder
from glueball.wire.form_signatures import verify_form
from glueball.wire.form_uploads import FormUploadEndpoint
from glueball.wire.head import Head, head_of, refuse_ambiguous
from glueball.wire.hosts import refuse_foreign
from glueball.wire.origins import refuse_browsers
from glueball.wire.payload import PayloadDecoder
from glueball.wire.routing import Dialects
from glueball.wire.s3_targets import target_of
from glueball.wire.sending import Send, open_body, send_answer
from glueball.wire.sigv4 import SignedRequest, Verified, verify
from glueball.wire.spool import LARGEST_PAYLOAD, spooled
from glueball.wire.throttle import Throttle

__all__ = ["Gateway", "Operation", "Route", "Service"]

#: A page of our own beside AWS's operations: an ASGI callable.
Route = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]

_log = logging.getLogger(__name__)
_THREADS = 16
#: threads for long work: few, since each of them that computes delays all others by a switch
_LONG_THREADS = 4
#: bytes of a body up to which it is hashed, decoded and checked on the event loop
_LARGEST_QUICK = 64 * 1024

_Result = TypeVar("_Result")


class Gateway:
    """The ASGI application.

    Args:
        services: what is offered, by botocore's name.
        credentials: finds the secret of an access key id.
        clock: decides whether signatures are fresh.
        allowed_hosts: names and addresses this service goes by, besides the loopback ones.
        spool_directory: says where payloads are spooled; on the volume of the object store.
        extra_routes: pages of our own by exact method and path; their host is checked, and that
            no web page calls them, but nobody's signature.
        translate: turns other parts' exceptions (a database's) into what a client sees; None for
            those that are bugs.
        settle: returns when what operations have written is durable; no answer goes out before.
        requests_per_second: that each operation of the control plane may have; 0: any number.
    """

    def __init__(
        self,
        *,
        services: Mapping[str, Service],
        credentials: CredentialLookup,
        clock: Clock,
        allowed_hosts: frozenset[str],
        spool_directory: Callable[[], Path],
        extra_routes: Mapping[tuple[str, str], Route],
        translate: Callable[[Exception], AwsError | None],
        settle: Callable[[], Awaitable[None]],
        requests_per_second: float = 0.0,
    ) -> None:
        self._dialects = Dialects(services)
        self._credentials = credentials
        self._clock = clock
        self._allowed_hosts = allowed_hosts
        self._spool_directory = spool_directory
        self._extra_routes = extra_routes
        self._translate = translate
        self._settle = settle
        self._throttle = Throttle(requests_per_second, clock)
        self._executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="glueball-operation")
        self._long = ThreadPoolExecutor(_LONG_THREADS, thread_name_prefix="glueball-long")

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _serve(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        head = head_of(scope, str(uuid4()))
        reader = BodyReader(head, receive)
        try:
            self._admit(head)
            route = self._extra_routes.get((head.method, scope["path"]))
            if route is not None:
                return await route(scope, receive, send)
            answer = await self._exchange(head, reader)
            file = open_body(answer)
        except ClientGone:
            return None
        except Exception as error:
            answer, file = self._dialects.refuse(head, self._as_seen(error, head)), None
        if not reader.exhausted and head.expects_continue:
            # The client will not send the body; what it sends next would be taken for it.
            answer.headers.append((b"connection", b"close"))
        await send_answer(answer, file, send, receive, self._executor)

    def _admit(self, head: Head) -> None:
        refuse_ambiguous(head)
        refuse_foreign(head, self._allowed_hosts)
        refuse_browsers(head)

    async def _exchange(self, head: Head, reader: BodyReader) -> Answer:
        dialect = self._dialects.of(head)
        endpoint = dialect.find(head)
        if isinstance(endpoint, FormUploadEndpoint):
            return await self._exchange_form(endpoint, head, reader)
        if endpoint is not None and endpoint.streams:
            return await self._exchange_stream(endpoint, head, reader)
        body = await reader.read(dialect.body_limit)
        executor = self._long if len(body) > _LARGEST_QUICK else None
        if endpoint is None:
            endpoint = await _run(executor, dialect.find_in, body)
        digest = await _run(executor, _sha256, body)
        verified = self._verify(endpoint, head, digest)
        self._throttle.check(endpoint)
        operation = _operation(endpoint)

        def answer() -> Answer:
            content = _unframed(dialect, endpoint, head, verified, body)
            request = endpoint.decode(head, content, None)
            return endpoint.encode(head, _called(endpoint, operation, head, verified, request))

        return await self._answer(endpoint, executor, answer)

    async def _exchange_stream(self, endpoint: Endpoint, head: Head, reader: BodyReader) -> Answer:
        verified = self._verify(endpoint, head, None)
        operation = _operation(endpoint)
        decoder = PayloadDecoder(verified.payload, head.headers, limit=LARGEST_PAYLOAD)
        directory = self._spool_directory()
        async with spooled(reader, decoder, directory, self._executor) as payload:
            request = endpoint.decode(head, b"", payload)

            def answer() -> Answer:
                return endpoint.encode(head, _called(endpoint, operation, head, verified, request))

            return await self._answer(endpoint, None, answer)

    async def _answer(
        self,
        endpoint: Endpoint | FormUploadEndpoint,
        executor: Executor | None,
        answer: Callable[[], Answer],
    ) -> Answer:
        """Decode, call the operation and encode: on the event loop where that is quick."""
        service = endpoint.service
        if endpoint.name in service.long and service.name != "s3":
            executor = self._long
        elif executor is None and not service.inline:
            executor = self._executor
        answered = await _run(executor, answer)
        if service.inline:
            failpoints.reach("gateway.answered")
            await self._settle()
            failpoints.reach("gateway.settled")
        return answered

    async def _exchange_form(
        self, endpoint: FormUploadEndpoint, head: Head, reader: BodyReader
    ) -> Answer:
        """Answer a form, whose signature travels in its body, before the file."""
        operation = _operation(endpoint)
        decoder = FormDecoder(
            endpoint.boundary(head),
            target_of(head).bucket,
            partial(verify_form, credentials=self._credentials, now=self._clock.now()),
            limit=LARGEST_PAYLOAD,
        )
        directory = self._spool_directory()
        async with spooled(reader, decoder, directory, self._executor) as payload:
            verified, fields = decoder.admitted.verified, decoder.fields
            request = endpoint.decode_form(fields, payload)

            def answer() -> Answer:
                result = _called(endpoint, operation, head, verified, request)
                return endpoint.encode_form(head, fields, result)

            return await self._answer(endpoint, None, answer)

    def _verify(self, endpoint: Endpoint, head: Head, body_sha256: str | None) -> Verified:
        return verify(
            SignedRequest(
                method=head.method,
                path=head.path,
                query=head.query,
                headers=head.headers,
                body_sha256=body_sha256,
            ),
            credentials=self._credentials,
            services=endpoint.signing_name,
            now=self._clock.now(),
        )

    def _as_seen(self, error: Exception, head: Head) -> AwsError:
        """Return what the client sees of an error."""
        if isinstance(error, AwsError):
            return error
        seen = self._translate(error)
        if seen is None and isinstance(error, OSError):
            seen = of_machine(error)
        if seen is not None:
            _log.warning("request %s: %s: %s", head.request_id, type(error).__name__, error)
            return seen
        _log.error("request %s failed: this is a bug", head.request_id, exc_info=error)
        return InternalFailure(
            f"The request {head.request_id} met a bug of this service. The service's log has the "
            "details: please report them."
        )

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                self._executor.shutdown()
                self._long.shutdown()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


async def _run(
    executor: Executor | None, function: Callable[..., _Result], *arguments: Any
) -> _Result:
    """Call a function in a thread of an executor; without one, here and now."""
    if executor is None:
        return function(*arguments)
    return await asyncio.get_running_loop().run_in_executor(executor, function, *arguments)


def _sha256(body: bytes) -> str:
    return sha256(body).hexdigest()


def _called(
    endpoint: Endpoint | FormUploadEndpoint,
    operation: Operation,
    head: Head,
    verified: Verified,
    request: dict[str, Any],
) -> dict[str, Any]:
    call = Call(
        service=endpoint.service.name,
        operation=endpoint.name,
        request_id=head.request_id,
        caller=verified.caller,
        region=verified.region,
    )
    return operation(call, request) or {}


def _operation(endpoint: Endpoint | FormUploadEndpoint) -> Operation:
    """Return what runs an endpoint's operation.

    Raises:
        NotImplementedHere: we do not have it.
    """
    operation = endpoint.service.operations.get(endpoint.name)
    if operation is None:
        raise NotImplementedHere(
            f"The operation {endpoint.name} of {endpoint.service.name} is not available in "
            f"Glueball {__version__}."
        )
    return operation


def _unframed(
    dialect: Dialect, endpoint: Endpoint, head: Head, verified: Verified, body: bytes
) -> bytes:
    """Return a body without S3's framing, its checksums checked; other protocols have neither.

    Raises:
        AwsError: it is not what its headers or signature say; see `PayloadDecoder`.
    """
    if dialect.protocol != "rest-xml" or not body:
        return body
    decoder = PayloadDecoder(
        verified.payload,
        head.headers,
        limit=dialect.body_limit,
        of_part=endpoint.name != "CompleteMultipartUpload",
    )
    decoded = decoder.feed(body)
    decoder.finish()
    return decoded
