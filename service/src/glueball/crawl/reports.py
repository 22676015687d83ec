"""The report of a crawl that succeeded: what it has done to the catalog."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ConnectionError

from glueball.crawl.client import Patience
from glueball.crawl.errors import ServiceRefused
from glueball.crawl.specification import Specification

_TARGET = "GlueballRuntime.ReportCrawl"
_ANSWER_SECONDS = 20.0
_TRY_AGAIN = frozenset({500, 502, 503, 504})


@dataclass(slots=True)
class Summary:
    """What a crawl has done so far."""

    tables_created: list[str] = field(default_factory=list)
    tables_updated: list[str] = field(default_factory=list)
    tables_deleted: list[str] = field(default_factory=list)
    partitions_created: int = 0
    partitions_updated: int = 0
    partitions_deleted: int = 0

    def document(self) -> dict[str, Any]:
        """Return it as the service takes it."""
        return {
            "TablesCreated": self.tables_created,
            "TablesUpdated": self.tables_updated,
            "TablesDeleted": self.tables_deleted,
            "PartitionsCreated": self.partitions_created,
            "PartitionsUpdated": self.partitions_updated,
            "PartitionsDeleted": self.partitions_deleted,
        }

    def lines(self) -> list[str]:
        """Return it as the log says it, in AWS's manner; what was not done is left out."""
        counts = {
            "TABLE": (self.tables_created, self.tables_updated, self.tables_deleted),
            "PARTITION": (
                range(self.partitions_created),
                range(self.partitions_updated),
                range(self.partitions_deleted),
            ),
        }
        lines = []
        for what, done in counts.items():
            named = zip(("ADD", "UPDATE", "DELETE"), done, strict=True)
            if said := [f"{verb}: {len(some)}" for verb, some in named if some]:
                lines += [f"Run Summary For {what}:", *said]
        return lines


class ServiceReports:
    """Hands reports in at the service, by a private operation."""

    def __init__(
        self,
        specification: Specification,
        credentials: Credentials,
        patience: Patience | None = None,
    ) -> None:
        """Takes the run, its credentials, and how to wait for a service that restarts."""
        self._specification = specification
        self._url = specification.endpoint_url.rstrip("/") + "/"
        self._credentials = credentials
        self._patience = patience or Patience()

    def report(self, summary: Summary) -> None:
        """Hand in what the crawl has done. Doing it again changes nothing.

        Raises:
            ServiceRefused: the run has ended, or its token is an old one.
            ServiceUnreachable: nobody answered for a minute.
        """
        request = {
            "RunId": self._specification.run_id,
            "Token": self._specification.token,
            "Summary": summary.document(),
        }
        body = json.dumps(request).encode()
        status, content = self._patience.call("ReportCrawl", lambda: self._exchange(body))
        if status != http.client.OK:
            code, message = _error_of(content, status)
            raise ServiceRefused("ReportCrawl", code, message)

    def _exchange(self, body: bytes) -> tuple[int, bytes]:
        """Send a request once.

        Raises:
            ConnectionError: there was no usable answer.
        """
        url = urlsplit(self._url)
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        connection = kind(url.hostname or "", url.port, timeout=_ANSWER_SECONDS)
        try:
            connection.request("POST", url.path, body, self._signed_headers(body))
            answer = connection.getresponse()
            status, content = answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionError(error=error) from error
        finally:
            connection.close()
        if status in _TRY_AGAIN:
            raise ConnectionError(error=OSError(f"HTTP {status}"))
        return status, content

    def _signed_headers(self, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": _TARGET}
        request = AWSRequest("POST", self._url, data=body, headers=headers)
        # Signed anew for every try: a signature is good for some minutes only.
        SigV4Auth(self._credentials, "glue", self._specification.region).add_auth(request)
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
