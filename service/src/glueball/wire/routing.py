"""Which of AWS's protocols a request speaks."""

from __future__ import annotations

from collections.abc import Mapping

from glueball.core.errors import AwsError
from glueball.wire.absent_services import absent_dialect, is_form, is_json, scope_service
from glueball.wire.answers import Answer
from glueball.wire.endpoints import Dialect, Service
from glueball.wire.head import Head
from glueball.wire.json_protocol import JsonDialect
from glueball.wire.models import service_model
from glueball.wire.query_protocol import QueryDialect
from glueball.wire.rest_xml import RestXmlDialect

_NO_S3 = Service(name="s3", operations={}, inline=True)


class Dialects:
    """The protocols of one gateway: JSON by `X-Amz-Target`, query by its form, the rest is S3.

    What is signed for a service that is not here is none of them.

    Args:
        services: by name. Without "s3", what would be its gets an answer that says so.
    """

    def __init__(self, services: Mapping[str, Service]) -> None:
        self._json = JsonDialect(services)
        self._query = QueryDialect(services)
        self._signing_names = {service_model(name).signing_name for name in (*services, "s3")}
        self._s3 = RestXmlDialect(services.get("s3") or _NO_S3)

    def of(self, head: Head) -> Dialect:
        """Return the protocol that a request speaks."""
        scope = scope_service(head)
        if scope is not None and scope not in self._signing_names:
            return absent_dialect(head, scope)
        if is_json(head):
            return self._json
        if is_form(head):
            return self._query
        return self._s3

    def refuse(self, head: Head, error: AwsError) -> Answer:
        """Return an error in the form of the request's protocol."""
        return self.of(head).refuse(head, error)
