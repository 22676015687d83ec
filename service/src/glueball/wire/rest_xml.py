"""The REST-XML protocol, which S3 speaks."""

from __future__ import annotations

from typing import Any

from botocore.model import OperationModel, Shape, StructureShape

from glueball.core.errors import AwsError
from glueball.wire.answers import Answer, header_value, with_length
from glueball.wire.bodies import FileRange, SpooledBody
from glueball.wire.endpoints import Service
from glueball.wire.errors import code_and_status
from glueball.wire.form_uploads import FormUploadEndpoint, is_form_upload
from glueball.wire.head import Head
from glueball.wire.models import service_model
from glueball.wire.rest_inputs import RestInput
from glueball.wire.s3_routes import S3Routes
from glueball.wire.s3_targets import headers_of, target_of
from glueball.wire.texts import text_of
from glueball.wire.xml_writer import DECLARATION, element, encoded, escaped, write_members

#: bytes; CompleteMultipartUpload with 10,000 parts and their checksums has 3 MB
LARGEST_BODY = 4 * 1024 * 1024

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
#: root elements that the model has no word of (S3 API Reference, each operation's page); clients
#: that read with SAX look for them
_ROOTS = {
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
}


class RestXmlEndpoint:
    """An operation of S3."""

    def __init__(self, service: Service, model: OperationModel) -> None:
        self.service = service
        self.name: str = model.name
        self.signing_name: str = model.service_model.signing_name
        self._input = RestInput(model.input_shape)
        self.streams = self._input.streams
        self._status: int = model.http.get("responseCode", 200)
        self._output: StructureShape | None = model.output_shape
        members: dict[str, Shape] = dict(self._output.members) if self._output else {}
        self._payload: str | None = (
            self._output.serialization.get("payload") if self._output else None
        )
        self._headers = [
            (name, member.serialization.get("name", name).lower(), member)
            for name, member in members.items()
            if member.serialization.get("location") == "header"
        ]
        self._prefixes = [
            (name, member.serialization.get("name", ""))
            for name, member in members.items()
            if member.serialization.get("location") == "headers"
        ]
        self._elsewhere = frozenset(
            name for name, member in members.items() if "location" in member.serialization
        )
        self._has_body = len(self._elsewhere) < len(members)

    def decode(self, head: Head, body: bytes, spooled: SpooledBody | None) -> dict[str, Any]:
        """Return the members of the request.

        Raises:
            AwsError: see `RestInput.read`.
        """
        target = target_of(head)
        return self._input.read(target, headers_of(head, target), body, spooled)

    def encode(self, head: Head, result: dict[str, Any]) -> Answer:
        """Return the response with the members given.

        Raises:
            UnsafeHeader: a value that cannot travel in a header.
        """
        status = 206 if result.get("ContentRange") else self._status
        headers = _identified(head)
        body = self._body(headers, result)
        length = len(body) if isinstance(body, bytes) else body.length
        for name, header, member in self._headers:
            value = result.get(name)
            if value is None or (header == "content-length" and head.method != "HEAD"):
                continue
            text = text_of(member, value, timestamp="rfc822")
            headers.append((header.encode(), header_value(header, text)))
        for name, prefix in self._prefixes:
            for key, text in (result.get(name) or {}).items():
                header = f"{prefix}{key}".lower()
                headers.append((header.encode("latin-1"), header_value(header, text)))
        if head.method != "HEAD" and status != 204:
            headers.append((b"content-length", b"%d" % length))
        return Answer(status=status, headers=headers, body=body)

    def _body(
        self, headers: list[tuple[bytes, bytes]], result: dict[str, Any]
    ) -> bytes | FileRange:
        if self._output is None or not self._has_body:
            return b""
        if self._payload is None:
            headers.append((b"content-type", b"application/xml"))
            return self._document(self._output, result, self._root())
        shape: Shape = self._output.members[self._payload]
        value = result.get(self._payload)
        if isinstance(value, str):
            return value.encode("utf-8")
        if isinstance(shape, StructureShape):
            headers.append((b"content-type", b"application/xml"))
            root = shape.serialization.get("name", shape.name)
            return self._document(shape, value or {}, root)
        payload: bytes | FileRange = b"" if value is None else value
        return payload

    def _root(self) -> str:
        return _ROOTS.get(self.name, f"{self.name}Result")

    def _document(self, shape: StructureShape, value: dict[str, Any], root: str) -> bytes:
        if self.name == "GetBucketLocation":  # its only member is the root's text
            text = escaped(value.get("LocationConstraint") or "")
            out = [f'{DECLARATION}<LocationConstraint xmlns="{_NAMESPACE}">{text}']
            return encoded([*out, "</LocationConstraint>"])
        out = [f'{DECLARATION}<{root} xmlns="{_NAMESPACE}">']
        write_members(out, shape, value, self._elsewhere)
        out.append(f"</{root}>")
        return encoded(out)


class RestXmlDialect:
    """S3.

    Args:
        service: S3 as we offer it.
    """

    protocol = "rest-xml"
    body_limit = LARGEST_BODY

    def __init__(self, service: Service) -> None:
        self._service = service
        self._model = service_model(service.name)
        self._routes = S3Routes(self._model)
        self._form_upload = FormUploadEndpoint(service, self._model)
        self._endpoints: dict[str, RestXmlEndpoint] = {}

    def find(self, head: Head) -> RestXmlEndpoint | FormUploadEndpoint:
        """Return the operation that method, URL and headers mean.

        Raises:
            InvalidUri: the URL is not UTF-8.
            MethodNotAllowed: no operation looks like that.
        """
        target = target_of(head)
        if is_form_upload(head, target):
            return self._form_upload
        name = self._routes.find(head.method, target.level, target.query, headers_of(head, target))
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            endpoint = RestXmlEndpoint(self._service, self._model.operation_model(name))
            self._endpoints[name] = endpoint
        return endpoint

    def find_in(self, body: bytes) -> RestXmlEndpoint:
        raise AssertionError("the head names the operation")

    def refuse(self, head: Head, error: AwsError) -> Answer:
        """Return an error in S3's form."""
        code, status = code_and_status(error, self.protocol)
        headers = _identified(head)
        for name, text in error.headers.items():
            headers.append((name.lower().encode(), header_value(name, text)))
        if head.method == "HEAD" or status == 304:
            return Answer(status=status, headers=headers, body=b"")
        out = [f"{DECLARATION}<Error>", element("Code", code), element("Message", error.message)]
        out += [element(name, text) for name, text in error.fields.items()]
        out.append(element("Resource", head.path.decode("latin-1")))
        out.append(element("RequestId", head.request_id))
        out.append("</Error>")
        headers.append((b"content-type", b"application/xml"))
        return with_length(status, headers, encoded(out))


def _identified(head: Head) -> list[tuple[bytes, bytes]]:
    request_id = head.request_id.encode()
    return [(b"x-amz-request-id", request_id), (b"x-amz-id-2", request_id)]
