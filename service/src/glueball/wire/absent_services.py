"""Services of AWS that are not here: a client is told so, by name and in its own protocol.

The credential scope names the service, and the request itself shows the protocol: clients of one
service differ in it (SQS speaks JSON and, to older clients, query), so no table could tell.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

import msgspec

from glueball import __version__
from glueball.core.errors import AwsError
from glueball.wire.answers import Answer, with_length
from glueball.wire.endpoints import Endpoint
from glueball.wire.errors import code_and_status
from glueball.wire.head import Head
from glueball.wire.xml_writer import DECLARATION, element, encoded

#: bytes; the body is not looked at
_LARGEST_BODY = 16 * 1024 * 1024
_SCOPE = re.compile(
    rb"Credential=[^/,\s]{1,128}/[0-9]{8}/[A-Za-z0-9-]{1,64}/([a-z0-9-]{1,64})/aws4_request"
)
#: bytes of a header or query that are looked at
_LONGEST_CLAIM = 8192
JSON_PREFIX = b"application/x-amz-json-"
FORM = re.compile(rb"application/x-www-form-urlencoded(?:\s*;.*)?", re.IGNORECASE)
#: scopes of the services that speak REST in XML, S3's own kin apart
_REST_XML = frozenset(("cloudfront", "route53"))
#: what people call services whose scope has another name
_NAMES = {
    "elasticfilesystem": "efs",
    "elasticloadbalancing": "elbv2",
    "elasticmapreduce": "emr",
    "mobiletargeting": "pinpoint",
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}


class ServiceNotAvailable(AwsError):
    """A whole service that AWS has and we do not; 400, so that no client tries again."""

    code = "NotImplemented"


def scope_service(head: Head) -> str | None:
    """Return the service that a request claims to be signed for; None if it claims none."""
    text = head.values.get(b"authorization")
    if text is None:
        if b"X-Amz-Credential=" not in head.query:
            return None
        text = unquote_to_bytes(head.query[:_LONGEST_CLAIM])
    match = _SCOPE.search(text, 0, _LONGEST_CLAIM)
    return match[1].decode("ascii") if match else None


def is_form(head: Head) -> bool:
    """Whether a request has the outside of the query protocol."""
    content_type = head.values.get(b"content-type", b"")
    return head.method == "POST" and head.path == b"/" and FORM.fullmatch(content_type) is not None


def is_json(head: Head) -> bool:
    """Whether a request has the outside of the JSON protocols 1.0 and 1.1."""
    content_type = head.values.get(b"content-type", b"")
    return b"x-amz-target" in head.values or content_type.startswith(JSON_PREFIX)


class AbsentDialect:
    """The protocols of a service that is not here, as far as refusals need them.

    Args:
        scope: the service's signing name.
        protocol: botocore's name of the protocol.
    """

    body_limit = _LARGEST_BODY

    def __init__(self, scope: str, protocol: str) -> None:
        self._scope = scope
        self.protocol = protocol

    def find(self, head: Head) -> Endpoint | None:
        """Refuse every operation.

        Raises:
            ServiceNotAvailable: always.
        """
        named = _NAMES.get(self._scope)
        name = f"{named} ({self._scope})" if named else self._scope
        raise ServiceNotAvailable(f"The service {name} is not available in Glueball {__version__}.")

    def find_in(self, body: bytes) -> Endpoint:
        raise AssertionError("the head tells enough")

    def refuse(self, head: Head, error: AwsError) -> Answer:
        """Return an error in the form of the protocol."""
        code, status = code_and_status(error, self.protocol)
        content_type, body = _WRITERS[self.protocol](code, status, error.message, head.request_id)
        headers = [
            (b"content-type", content_type),
            (b"x-amzn-requestid", head.request_id.encode()),
        ]
        if self.protocol == "rest-json":
            headers.append((b"x-amzn-errortype", code.encode()))
        if self.protocol == "smithy-rpc-v2-cbor":
            headers.append((b"smithy-protocol", b"rpc-v2-cbor"))
        return with_length(status, headers, b"" if head.method == "HEAD" else body)


def absent_dialect(head: Head, scope: str) -> AbsentDialect:
    """Return the dialect that a request to a service that is not here speaks."""
    return _dialect(scope, _protocol_of(head, scope))


@lru_cache(maxsize=256)
def _dialect(scope: str, protocol: str) -> AbsentDialect:
    return AbsentDialect(scope, protocol)


def _protocol_of(head: Head, scope: str) -> str:
    if head.values.get(b"smithy-protocol") == b"rpc-v2-cbor":
        return "smithy-rpc-v2-cbor"
    if is_json(head):
        return "json"
    if is_form(head) or (head.path == b"/" and b"Action=" in head.query):
        return "ec2" if scope == "ec2" else "query"
    return "rest-xml" if scope in _REST_XML or scope.startswith("s3") else "rest-json"


def _json(code: str, _status: int, message: str, _request_id: str) -> tuple[bytes, bytes]:
    body = msgspec.json.encode({"__type": code, "message": message})
    return b"application/x-amz-json-1.1", body


def _rest_json(_code: str, _status: int, message: str, _request_id: str) -> tuple[bytes, bytes]:
    return b"application/json", msgspec.json.encode({"message": message})


def _query(code: str, status: int, message: str, request_id: str) -> tuple[bytes, bytes]:
    fault = element("Type", "Sender" if status < 500 else "Receiver")
    inner = fault + element("Code", code) + element("Message", message)
    request = element("RequestId", request_id)
    text = f"<ErrorResponse><Error>{inner}</Error>{request}</ErrorResponse>"
    return b"text/xml", encoded([text])


def _ec2(code: str, _status: int, message: str, request_id: str) -> tuple[bytes, bytes]:
    error = f"<Error>{element('Code', code)}{element('Message', message)}</Error>"
    request = element("RequestID", request_id)
    text = f"{DECLARATION}<Response><Errors>{error}</Errors>{request}</Response>"
    return b"text/xml", encoded([text])


def _cbor(code: str, _status: int, message: str, _request_id: str) -> tuple[bytes, bytes]:
    texts = ("__type", code, "message", message)
    return b"application/cbor", b"\xa2" + b"".join(map(_cbor_text, texts))


def _cbor_text(text: str) -> bytes:
    """Return a text of less than 64 KB in CBOR (RFC 8949, 3.1, major type 3)."""
    raw = text.encode("utf-8", "replace")[:65535]
    size = len(raw)
    if size < 24:
        return bytes((0x60 + size,)) + raw
    return (b"\x78%c" % size if size < 256 else b"\x79" + size.to_bytes(2, "big")) + raw


_WRITERS = {
    "ec2": _ec2,
    "json": _json,
    "query": _query,
    "rest-json": _rest_json,
    "rest-xml": _query,
    "smithy-rpc-v2-cbor": _cbor,
}
