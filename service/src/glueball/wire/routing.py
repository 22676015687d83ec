"""Which of AWS's protocols a request speaks."""

from __future__ import annotations

from collections.abc import Mapping

from glueball.core.errors import AwsError
from glueball.wire.answers import Answer
from glueball.wire.endpoints import Dialect, Service
from glueball.wire.head import Head
from glueball.wire.json_protocol import JsonDialect
from glueball.wire.query_protocol import CONTENT_TYPE, QueryDialect
from glueball.wire.rest_xml import RestXmlDialect

_JSON_PREFIX = b"application/x-amz-json-"
_NO_S3 = Service(name="s3", operations={}, inline=True)


class Dialects:
    """The protocols of one gateway: JSON by `X-Amz-Target`, query by its form, the rest is S3.

    Args:
        services: by name. Without "s3", what would be its gets an answer that says so.
    """

    def __init__(self, services: Mapping[str, Service]) -> None:
        self._json = JsonDialect(services)
        self._query = QueryDialect(services)
        self._s3 = RestXmlDialect(services.get("s3") or _NO_S3)

    def of(self, head: Head) -> Dialect:
        """Return the protocol that a request speaks."""
        content_type = head.values.get(b"content-type", b"")
        if b"x-amz-target" in head.values or content_type.startswith(_JSON_PREFIX):
            return self._json
        if head.method == "POST" and head.path == b"/" and CONTENT_TYPE.fullmatch(content_type):
            return self._query
        return self._s3

    def refuse(self, head: Head, error: AwsError) -> Answer:
        """Return an error in the form of the request's protocol."""
        return self.of(head).refuse(head, error)
