"""AWS's JSON protocols 1.0 and 1.1: one URL, the operation in `X-Amz-Target`."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from botocore.model import OperationModel, StructureShape

from glueball.core.errors import AwsError, ValidationFailed
from glueball.wire.answers import Answer, with_length
from glueball.wire.bodies import SpooledBody
from glueball.wire.endpoints import Service
from glueball.wire.errors import (
    InvalidParameter,
    MalformedBody,
    UnknownOperation,
    WrongContentType,
    code_and_status,
)
from glueball.wire.head import Head
from glueball.wire.json_values import conform
from glueball.wire.models import service_model
from glueball.wire.nesting import MOST_VALUES, is_excessive
from glueball.wire.shapes import JsonTypes
from glueball.wire.text_checks import TextChecks
from glueball.wire.validation import problems

#: bytes; the largest request of these services, PutLogEvents, has 1 MB on AWS
LARGEST_BODY = 8 * 1024 * 1024

#: bytes of a request about one thing: every reader of it pays for its size. AWS publishes no number
_LARGEST_SINGLE = 4 * 1024 * 1024
#: beginnings of the names of operations about many things
_OF_MANY = ("BatchCreate", "BatchUpdate", "Report")
#: a BatchCreatePartition of 100 partitions with 1,000 columns each has 400,906 strings
_MOST_VALUES_OF_MANY = 600_000

#: bytes of a request whose patterns the decoder matches itself
_LARGEST_AT_ONCE = 64 * 1024

#: bytes of a request that is looked at again: all of it becomes Python objects then
_LARGEST_LOOK = 1024 * 1024

_CONTENT_TYPE = re.compile(rb"application/x-amz-json-1\.[01](?:\s*;.*)?", re.IGNORECASE)
_NULL_ESCAPE = rb"\u0000"
_encode = msgspec.json.Encoder().encode


#: while the types of a service are made they refer to types that are not whole, also those of other
#: operations: a decoder that another thread makes of these reads memory that is not there
_making_types = threading.Lock()


class _LazyDecoder:
    """Decodes the requests of an operation; made at the first one: few operations are used."""

    def __init__(self, types: Callable[[], JsonTypes], shape: StructureShape) -> None:
        self._types = types
        self._shape = shape
        self._decoder: msgspec.json.Decoder[dict[str, Any]] | None = None

    def decode(self, body: bytes) -> dict[str, Any]:
        """Return the members of a request; raises as msgspec does."""
        if self._decoder is None:
            with _making_types:
                self._decoder = msgspec.json.Decoder(self._types().type_of(self._shape))
        return self._decoder.decode(body)


class JsonEndpoint:
    """An operation of a JSON service."""

    streams = False

    def __init__(self, service: Service, types: JsonTypes, model: OperationModel) -> None:
        self.service = service
        self.name: str = model.name
        self.signing_name: str = model.service_model.signing_name
        self._texts = TextChecks(service.name)
        self._all_texts = TextChecks(service.name, classes=True)
        self._input: StructureShape = model.input_shape or StructureShape(
            "Empty", {"type": "structure", "members": {}}
        )
        version = model.service_model.metadata["jsonVersion"]
        self._content_type = b"application/x-amz-json-" + version.encode()
        self._decoder = _LazyDecoder(lambda: types, self._input)
        self._large_decoder = _LazyDecoder(
            lambda: JsonTypes(service.name, patterns=False), self._input
        )

    def decode(self, head: Head, body: bytes, spooled: SpooledBody | None) -> dict[str, Any]:
        """Return the members of the request.

        Raises:
            MalformedBody: not JSON, or values of the wrong types.
            ValidationFailed, InvalidParameter: values that break the model's constraints.
        """
        of_many = self.name.startswith(_OF_MANY)
        if len(body) > _LARGEST_SINGLE and not of_many:
            raise self._broken(
                f"The request has more than {_LARGEST_SINGLE} bytes, the limit of one definition."
            )
        if is_excessive(body, _MOST_VALUES_OF_MANY if of_many else MOST_VALUES):
            raise MalformedBody(
                "The request nests deeper, has more parts or longer numbers than any input."
            )
        request = self._decoded(body or b"{}")
        if body.count(b":") > 1:
            _refuse_duplicates(body)
        return request

    def _decoded(self, body: bytes) -> dict[str, Any]:
        try:
            request = self._quickly_decoded(body)
            return self._checked(msgspec.json.decode(body)) if request is None else request
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _not_json(error) from error

    def _quickly_decoded(self, body: bytes) -> dict[str, Any] | None:
        """Return the request, None if it must be looked at again: null members are fine, and
        errors get AWS's words.
        """
        if _NULL_ESCAPE in body:
            return None
        is_large = len(body) > _LARGEST_AT_ONCE
        try:
            request = (self._large_decoder if is_large else self._decoder).decode(body)
        except msgspec.ValidationError as error:
            if len(body) > _LARGEST_LOOK:
                raise self._broken(f"The request does not fit the input: {error}.") from error
            return None
        texts = self._all_texts if is_large else self._texts
        if texts.fit(self._input, request):
            return request
        if len(body) > _LARGEST_LOOK:
            raise self._broken("The request has a text that does not match its pattern.")
        return None

    def _checked(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise MalformedBody("The request is not a JSON object.")
        request: dict[str, Any] = conform(self._input, value)
        name = self.service.name
        sentence = problems(name, self._input, request, null_characters=name == "logs")
        if sentence:
            raise self._broken(sentence)
        return request

    def _broken(self, sentence: str) -> AwsError:
        return (InvalidParameter if self.service.name == "logs" else ValidationFailed)(sentence)

    def encode(self, head: Head, result: dict[str, Any]) -> Answer:
        """Return the response with the members given."""
        headers = [
            (b"content-type", self._content_type),
            (b"x-amzn-requestid", head.request_id.encode()),
        ]
        return with_length(200, headers, _encode(result))


class JsonDialect:
    """All JSON services.

    Args:
        services: by name; those of other protocols are left alone.
    """

    protocol = "json"
    body_limit = LARGEST_BODY

    def __init__(self, services: Mapping[str, Service]) -> None:
        self._services: dict[str, tuple[Service, JsonTypes]] = {}
        for name, service in services.items():
            metadata = service_model(name).metadata
            if metadata["protocol"] == "json":
                self._services[metadata["targetPrefix"]] = service, JsonTypes(name)
        self._endpoints: dict[bytes, JsonEndpoint] = {}

    def find(self, head: Head) -> JsonEndpoint:
        """Return the operation that `X-Amz-Target` names.

        Both that header and the content type are demanded: a web page can send neither without
        a preflight, which is refused.

        Raises:
            WrongContentType: not one of the two of these protocols.
            UnknownOperation: no such target.
        """
        if not _CONTENT_TYPE.fullmatch(head.values.get(b"content-type", b"")):
            raise WrongContentType(
                "Requests with X-Amz-Target need the Content-Type application/x-amz-json-1.1 or "
                "application/x-amz-json-1.0."
            )
        target = head.values.get(b"x-amz-target")
        if target is None:
            raise UnknownOperation("The header X-Amz-Target is missing: it names the operation.")
        return self._endpoints.get(target) or self._make(target)

    def find_in(self, body: bytes) -> JsonEndpoint:
        raise AssertionError("the head names the operation")

    def refuse(self, head: Head, error: AwsError) -> Answer:
        """Return an error in the form of these protocols."""
        code, status = code_and_status(error, self.protocol)
        target = head.values.get(b"x-amz-target", b"").decode("latin-1")
        service, _ = self._services.get(target.rpartition(".")[0], (None, None))
        member = _message_member(service.name, code) if service else "message"
        members = {"__type": code, member: error.message, **error.fields}
        headers = [
            (b"content-type", b"application/x-amz-json-1.1"),
            (b"x-amzn-requestid", head.request_id.encode()),
        ]
        return with_length(status, headers, _encode(members))

    def _make(self, target: bytes) -> JsonEndpoint:
        prefix, _, name = target.decode("latin-1").rpartition(".")  # CloudTrail's prefix has dots
        if prefix not in self._services:
            raise UnknownOperation(
                f"There is no service with the target prefix '{prefix}' here; there are "
                f"{', '.join(sorted(self._services))}."
            )
        service, types = self._services[prefix]
        model = service_model(service.name)
        if name not in model.operation_names:
            raise UnknownOperation(f"The service {service.name} has no operation '{name}'.")
        endpoint = JsonEndpoint(service, types, model.operation_model(name))
        self._endpoints[target] = endpoint
        return endpoint


@lru_cache(maxsize=1024)
def _message_member(service: str, code: str) -> str:
    """Return how the error's shape spells the member that holds the message."""
    for shape in service_model(service).error_shapes:
        if isinstance(shape, StructureShape) and shape.error_code == code:
            return next((name for name in shape.members if name.lower() == "message"), "message")
    return "message"


def _not_json(error: Exception) -> MalformedBody:
    return MalformedBody(f"The request is not valid JSON: {error}.")


def _refuse_duplicates(body: bytes) -> None:
    """Refuse an object that has a member twice: readers differ in which one they take.

    Raises:
        MalformedBody: there is one.
    """
    try:
        _UNIQUE.decode(body.decode("utf-8"))
    except ValueError as error:  # also: not UTF-8 in members that the operation does not know
        raise _not_json(error) from error


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("an object has a member twice")


_UNIQUE = json.JSONDecoder(object_pairs_hook=_unique)
