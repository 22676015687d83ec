"""What the gateway needs to know of an operation, whatever the protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from glueball.core.errors import AwsError
from glueball.wire.answers import Answer
from glueball.wire.bodies import SpooledBody
from glueball.wire.call import Call
from glueball.wire.head import Head

if TYPE_CHECKING:
    from glueball.wire.form_uploads import FormUploadEndpoint

#: An operation as the wire calls it: the call and the request's members by name; the response's
#: members by name come back.
Operation = Callable[[Call, dict[str, Any]], dict[str, Any] | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """A service as we offer it."""

    name: str  #: botocore's name, or "glueball-runtime"
    operations: Mapping[str, Operation]  #: those that we have, by name ("CreateJob")
    #: whether operations run on the event loop (sub-millisecond work) instead of in a thread
    inline: bool
    #: of these, the operations that may take long all the same, and run in a thread
    long: frozenset[str] = frozenset()


class Endpoint(Protocol):
    """One operation of one service in its protocol."""

    @property
    def service(self) -> Service:
        """Return the service it belongs to."""
        ...

    @property
    def name(self) -> str:
        """Return the name of the operation."""
        ...

    @property
    def signing_name(self) -> str:
        """Return the name that the signature's scope must have."""
        ...

    @property
    def streams(self) -> bool:
        """Tell whether the request's payload is too large to be a value."""
        ...

    def decode(self, head: Head, body: bytes, spooled: SpooledBody | None) -> dict[str, Any]:
        """Return the request's members by name.

        Args:
            head: of the request.
            body: empty where it streams.
            spooled: the payload where it streams, else None.

        Raises:
            AwsError: the request does not fit the operation's input.
        """
        ...

    def encode(self, head: Head, result: dict[str, Any]) -> Answer:
        """Return the response with the members given."""
        ...


class Dialect(Protocol):
    """One of AWS's protocols, for all services that speak it."""

    @property
    def protocol(self) -> str:
        """Return botocore's name of the protocol."""
        ...

    @property
    def body_limit(self) -> int:
        """Return the most bytes of a body that does not stream."""
        ...

    def find(self, head: Head) -> Endpoint | FormUploadEndpoint | None:
        """Return the operation that the head names; None if only the body tells.

        Raises:
            AwsError: there is no such operation.
        """
        ...

    def find_in(self, body: bytes) -> Endpoint:
        """Return the operation that the body names.

        Raises:
            AwsError: there is no such operation, or the body is malformed.
        """
        ...

    def refuse(self, head: Head, error: AwsError) -> Answer:
        """Return the response that tells the client of an error."""
        ...
