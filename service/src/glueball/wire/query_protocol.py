"""AWS's query protocol: the operation in the form field `Action`, answers in XML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from botocore.model import OperationModel, StructureShape

from glueball.core.errors import AwsError, ValidationFailed
from glueball.wire import forms
from glueball.wire.answers import Answer, with_length
from glueball.wire.bodies import SpooledBody
from glueball.wire.endpoints import Service
from glueball.wire.errors import UnknownOperation, code_and_status
from glueball.wire.head import Head
from glueball.wire.models import service_model
from glueball.wire.validation import problems
from glueball.wire.xml_writer import element, encoded, escaped, write_members

#: bytes; IAM's largest request, a policy, is far smaller
LARGEST_BODY = 16 * 1024 * 1024
#: characters that XML 1.0 has no way to write; a message may repeat them
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
CONTENT_TYPE = re.compile(rb"application/x-www-form-urlencoded(?:\s*;.*)?", re.IGNORECASE)


class QueryEndpoint:
    """An operation of a query service."""

    streams = False

    def __init__(self, service: Service, model: OperationModel) -> None:
        self.service = service
        self.name: str = model.name
        self.signing_name: str = model.service_model.signing_name
        self._input: StructureShape | None = model.input_shape
        self._output: StructureShape | None = model.output_shape
        self._namespace: str = model.service_model.metadata["xmlNamespace"]

    def decode(self, head: Head, body: bytes, spooled: SpooledBody | None) -> dict[str, Any]:
        """Return the members of the request.

        Raises:
            MalformedBody: not a form, or values of the wrong types.
            ValidationFailed: values that break the model's constraints.
        """
        if self._input is None:
            return {}
        request = forms.read_structure(self._input, forms.parse(body))
        sentence = problems(self.service.name, self._input, request, null_characters=False)
        if sentence:
            raise ValidationFailed(sentence)
        return request

    def encode(self, head: Head, result: dict[str, Any]) -> Answer:
        """Return the response with the members given."""
        out = [f'<{self.name}Response xmlns="{escaped(self._namespace)}">']
        if self._output is not None:
            wrapper = self._output.serialization.get("resultWrapper", f"{self.name}Result")
            out.append(f"<{wrapper}>")
            write_members(out, self._output, result)
            out.append(f"</{wrapper}>")
        request_id = element("RequestId", head.request_id)
        out.append(f"<ResponseMetadata>{request_id}</ResponseMetadata></{self.name}Response>")
        return _answer(head, 200, out)


class QueryDialect:
    """All query services.

    Args:
        services: by name; those of other protocols are left alone.
    """

    protocol = "query"
    body_limit = LARGEST_BODY

    def __init__(self, services: Mapping[str, Service]) -> None:
        self._by_version: dict[str, Service] = {}
        for name, service in services.items():
            metadata = service_model(name).metadata
            if metadata["protocol"] == "query":
                self._by_version[metadata["apiVersion"]] = service
        self._endpoints: dict[tuple[str, str], QueryEndpoint] = {}

    def find(self, head: Head) -> None:
        """Return nothing: the body names the operation."""

    def find_in(self, body: bytes) -> QueryEndpoint:
        """Return the operation that `Version`, which tells the services apart, and `Action` name.

        Raises:
            MalformedBody: the body is not a form.
            UnknownOperation: no such version or action.
        """
        form = forms.parse(body)
        version = form.get("Version", {}).get("", "")
        action = form.get("Action", {}).get("", "")
        return self._endpoints.get((version, action)) or self._make(version, action)

    def refuse(self, head: Head, error: AwsError) -> Answer:
        """Return an error in the form of this protocol."""
        code, status = code_and_status(error, self.protocol)
        fault = "Sender" if status < 500 else "Receiver"
        message = _NOT_XML.sub("?", error.message)
        members = (element("Type", fault), element("Code", code), element("Message", message))
        request_id = element("RequestId", head.request_id)
        text = f"<ErrorResponse><Error>{''.join(members)}</Error>{request_id}</ErrorResponse>"
        return _answer(head, status, [text])

    def _make(self, version: str, action: str) -> QueryEndpoint:
        service = self._by_version.get(version)
        if service is None:
            raise UnknownOperation(
                f"Could not find operation {action} for version {version}; there are the versions "
                f"{', '.join(f'{key} ({self._by_version[key].name})' for key in self._by_version)}."
            )
        model = service_model(service.name)
        if action not in model.operation_names:
            raise UnknownOperation(f"Could not find operation {action} for version {version}.")
        endpoint = QueryEndpoint(service, model.operation_model(action))
        self._endpoints[version, action] = endpoint
        return endpoint


def _answer(head: Head, status: int, out: list[str]) -> Answer:
    headers = [
        (b"content-type", b"text/xml"),
        (b"x-amzn-requestid", head.request_id.encode()),
    ]
    return with_length(status, headers, encoded(out))
