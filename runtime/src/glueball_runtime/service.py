"""Requests from a run to the service that started it: JSON 1.1, signed with the run's own keys."""

from __future__ import annotations

import http.client
import json
import os
import random
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from glueball_runtime.errors import (
    BookmarkVersionMismatch,
    MissingCredentials,
    NotFound,
    NotPermitted,
    ServiceError,
    ServiceUnreachable,
)

#: target prefixes: the service's own operations for runs, and AWS's public ones
RUNTIME_TARGET = "GlueballRuntime"
GLUE_TARGET = "AWSGlue"

#: seconds that a restart of the service may take before a request fails
RESTART_SECONDS = 60.0
#: seconds to wait for one answer
ANSWER_SECONDS = 20.0
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 3.0

_ERRORS: Mapping[str, type[ServiceError]] = {
    "VersionMismatchException": BookmarkVersionMismatch,
    "EntityNotFoundException": NotFound,
    "AccessDeniedException": NotPermitted,
    "ExpiredTokenException": NotPermitted,
    "InvalidClientTokenId": NotPermitted,
    "UnrecognizedClientException": NotPermitted,
}
#: statuses of a service that is not ready (any more), or of a proxy in front of one
_TRY_AGAIN = frozenset({502, 503, 504})


class _NotReady(Exception):
    """No usable answer this time; a restart would explain it."""


class ServiceClient:
    """Calls operations of the service, patiently while it restarts.

    A request may reach the service twice when its first answer is lost, so an operation must be one
    that can be repeated, or its caller must be able to tell.

    Args:
        endpoint_url: "http://127.0.0.1:4566".
        region: the region that requests are signed for.
        restart_seconds: how long to go on trying while nobody answers.
        pause: waits for that many seconds between two tries.
    """

    def __init__(
        self,
        endpoint_url: str,
        region: str,
        *,
        restart_seconds: float = RESTART_SECONDS,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._endpoint_url = endpoint_url.rstrip("/")
        self._region = region
        self._restart_seconds = restart_seconds
        self._pause = pause

    def call(self, target: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Call an operation and return its answer.

        Args:
            target: RUNTIME_TARGET or GLUE_TARGET.
            operation: "ReadJobBookmark".
            request: the operation's members.

        Raises:
            ServiceError: the service refused.
            ServiceUnreachable: no answer within `restart_seconds`.
            MissingCredentials: the environment has no keys.
        """
        body = json.dumps(request).encode()
        deadline = time.monotonic() + self._restart_seconds
        pause_seconds = _FIRST_PAUSE_SECONDS
        while True:
            try:
                status, content = self._exchange(f"{target}.{operation}", body)
                return _answer(operation, status, content)
            except (_NotReady, OSError, http.client.HTTPException) as error:
                if time.monotonic() + pause_seconds > deadline:
                    reason = f"{type(error).__name__}: {error}"
                    raise ServiceUnreachable(
                        self._endpoint_url, operation, self._restart_seconds, reason
                    ) from error
            # Half of the pause is chance, so that many waiting runs do not come back at once.
            self._pause(pause_seconds * random.uniform(0.5, 1.0))
            pause_seconds = min(2 * pause_seconds, _LONGEST_PAUSE_SECONDS)

    def _exchange(self, target: str, body: bytes) -> tuple[int, bytes]:
        url = urlsplit(self._endpoint_url)
        connect = (
            http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        )
        connection = connect(url.hostname or "", url.port, timeout=ANSWER_SECONDS)
        try:
            connection.request("POST", f"{url.path}/", body, self._signed_headers(target, body))
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _signed_headers(self, target: str, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
        request = AWSRequest("POST", f"{self._endpoint_url}/", data=body, headers=headers)
        # Signed anew for every try: a signature is good for some minutes only.
        SigV4Auth(_credentials(), "glue", self._region).add_auth(request)
        return dict(request.headers.items())


def _credentials() -> Credentials:
    return Credentials(
        access_key=_variable("AWS_ACCESS_KEY_ID"),
        secret_key=_variable("AWS_SECRET_ACCESS_KEY"),
        token=os.environ.get("AWS_SESSION_TOKEN") or None,
    )


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise MissingCredentials(name)
    return value


def _answer(operation: str, status: int, content: bytes) -> dict[str, Any]:
    if status in _TRY_AGAIN:
        raise _NotReady(f"HTTP {status}")
    document = _document(content)
    if status == http.client.OK:
        return document
    # "aws.protocoldetails:code" forms carry a prefix or a URL after the name.
    code = str(document.get("__type", f"HTTP {status}")).rpartition("#")[2].partition(":")[0]
    message = str(document.get("message") or document.get("Message") or "")
    raise _ERRORS.get(code, ServiceError)(operation, code, message)


def _document(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content or b"{}")
    except ValueError as error:
        raise _NotReady(f"the answer is not JSON: {content[:80]!r}") from error
    if not isinstance(document, dict):
        raise _NotReady(f"the answer is not a JSON object: {content[:80]!r}")
    return document
