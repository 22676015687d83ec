"""Form uploads as operations: POST to a bucket, which puts an object.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from botocore.model import OperationModel, ServiceModel, StructureShape

from glueball.wire.answers import Answer, header_value, with_length
from glueball.wire.bodies import SpooledBody
from glueball.wire.endpoints import Service
from glueball.wire.form_payload import boundary_of
from glueball.wire.head import Head
from glueball.wire.rest_inputs import InvalidArgument, RestInput
from glueball.wire.s3_targets import S3Target
from glueball.wire.xml_reader import read_structure
from glueball.wire.xml_writer import DECLARATION, element, encoded

_CREATED = 201
_SEE_OTHER = 303
_NO_CONTENT = 204
_STATUSES = {"200": 200, "201": _CREATED}


def is_form_upload(head: Head, target: S3Target) -> bool:
    """Whether a request is a form that uploads an object."""
    return (
        head.method == "POST"
        and target.level == 1
        and "delete" not in target.query
        and boundary_of(head.values.get(b"content-type", b"")) is not None
    )


class FormUploadEndpoint:
    """PutObject, by a form whose fields are its headers.

    Args:
        service: S3 as we offer it.
        model: S3's.
    """

    name = "PutObject"
    streams = True

    def __init__(self, service: Service, model: ServiceModel) -> None:
        self.service = service
        self.signing_name: str = model.signing_name
        operation: OperationModel = model.operation_model(self.name)
        self._input = RestInput(operation.input_shape)
        self._tagging = model.shape_for("Tagging")

    def boundary(self, head: Head) -> bytes:
        """Return what stands between the parts of the form."""
        return boundary_of(head.values.get(b"content-type", b"")) or b""

    def decode_form(self, fields: Mapping[str, str], upload: SpooledBody) -> dict[str, Any]:
        """Return the members of the request.

        Raises:
            InvalidArgument: there is no key.
            AwsError: see `RestInput.read`.
        """
        if not fields["key"]:
            raise InvalidArgument(
                "Bucket POST must contain a field named 'key'. If it is specified, please check "
                "the order of the fields.",
                ArgumentName="key",
            )
        target = S3Target(bucket=fields["bucket"], key=fields["key"], query={})
        headers = {name.encode(): value.encode() for name, value in fields.items()}
        if "tagging" in fields:
            headers[b"x-amz-tagging"] = self._tags(fields["tagging"]).encode()
        return self._input.read(target, headers, b"", upload)

    def encode_form(self, head: Head, fields: Mapping[str, str], result: dict[str, Any]) -> Answer:
        """Return the answer that the form asks for."""
        bucket, key, etag = fields["bucket"], fields["key"], result["ETag"]
        host = head.values.get(b"host", b"").decode("latin-1")
        directory = "" if head.path == b"/" else f"{bucket}/"  # where the host names the bucket
        place = f"http://{host}/{directory}{quote(key)}"
        status = _STATUSES.get(fields.get("success_action_status", ""), _NO_CONTENT)
        redirect = fields.get("success_action_redirect") or fields.get("redirect") or ""
        if urlsplit(redirect).scheme in ("http", "https"):
            status = _SEE_OTHER
            query = urlencode({"bucket": bucket, "key": key, "etag": etag})
            place = f"{redirect}{'&' if '?' in redirect else '?'}{query}"
        headers = [
            (b"x-amz-request-id", head.request_id.encode()),
            (b"etag", header_value("ETag", etag)),
            (b"location", header_value("Location", place)),
        ]
        if status == _NO_CONTENT:
            return Answer(status=status, headers=headers, body=b"")
        if status != _CREATED:
            return with_length(status, headers, b"")
        members = {"Location": place, "Bucket": bucket, "Key": key, "ETag": etag}
        inner = "".join(element(name, text) for name, text in members.items())
        headers.append((b"content-type", b"application/xml"))
        text = f"{DECLARATION}<PostResponse>{inner}</PostResponse>"
        return with_length(status, headers, encoded([text]))

    def _tags(self, document: str) -> str:
        assert isinstance(self._tagging, StructureShape)
        tagging = read_structure(self._tagging, document.encode())
        return urlencode([(tag["Key"], tag["Value"]) for tag in tagging.get("TagSet") or ()])
