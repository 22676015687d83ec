"""Calls of the service's private operations, over a connection that stays open."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ConnectionError

from glueball.crawl.client import Patience
from glueball.crawl.errors import ServiceRefused
from glueball.crawl.specification import Specification

_ANSWER_SECONDS = 20.0
_TRY_AGAIN = frozenset({500, 502, 503, 504})


class PrivateCalls:
    """Calls private operations, patiently while the service restarts. For one thread.

    Args:
        specification: says where the service is.
        credentials: of the run.
        patience: how to wait for a service that restarts.
    """

    def __init__(
        self,
        specification: Specification,
        credentials: Credentials,
        patience: Patience | None = None,
    ) -> None:
        self._region = specification.region
        self._url = specification.endpoint_url.rstrip("/") + "/"
        self._credentials = credentials
        self._patience = patience or Patience()
        self._connection: http.client.HTTPConnection | None = None

    def call(self, target: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Call an operation, which must be one that can be repeated; return its answer.

        Args:
            target: the service and the operation: "GlueballRuntime.ReportCrawl".
            request: its members.

        Raises:
            ServiceRefused: the service answered with an error.
            ServiceUnreachable: nobody answered for a minute.
        """
        operation = target.rpartition(".")[2]
        body = json.dumps(request).encode()
        status, content = self._patience.call(operation, lambda: self._exchange(target, body))
        if status != http.client.OK:
            code, message = _error_of(content, status)
            raise ServiceRefused(operation, code, message)
        answer: dict[str, Any] = json.loads(content)
        return answer

    def close(self) -> None:
        """Close the connection; the next call opens another one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, target: str, body: bytes) -> tuple[int, bytes]:
        """Send a request once.

        Raises:
            ConnectionError: there was no usable answer.
        """
        try:
            connection, path = self._connected(), urlsplit(self._url).path
            # Signed anew for every try: a signature is good for some minutes only.
            connection.request("POST", path, body, self._signed_headers(target, body))
            answer = connection.getresponse()
            status, content = answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise ConnectionError(error=error) from error
        if status in _TRY_AGAIN:
            self.close()
            raise ConnectionError(error=OSError(f"HTTP {status}"))
        return status, content

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            url = urlsplit(self._url)
            tls = url.scheme == "https"
            kind = http.client.HTTPSConnection if tls else http.client.HTTPConnection
            self._connection = kind(url.hostname or "", url.port, timeout=_ANSWER_SECONDS)
        return self._connection

    def _signed_headers(self, target: str, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
        request = AWSRequest("POST", self._url, data=body, headers=headers)
        SigV4Auth(self._credentials, "glue", self._region).add_auth(request)
        return dict(request.headers.items())


def _error_of(content: bytes, status: int) -> tuple[str, str]:
    try:
        document = json.loads(content)
    except ValueError:
        document = {}
    members: Mapping[str, Any] = document if isinstance(document, dict) else {}
    # "aws.protocoldetails:code" forms carry a prefix or a URL after the name.
    code = str(members.get("__type", f"HTTP {status}")).rpartition("#")[2].partition(":")[0]
    return code, str(members.get("message") or members.get("Message") or "it gave no reason")
