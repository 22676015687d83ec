"""Errors of the wire itself, and how each protocol names an error."""

from __future__ import annotations

import errno

from glueball.core.errors import AwsError, ServiceUnavailable
from glueball.wire.refusals import SignatureRefused, code_for


class MalformedRequest(AwsError):
    """An HTTP request that cannot be understood, or can be understood in two ways."""

    code = "InvalidRequest"


class ForeignHost(AwsError):
    """A request for a name that is not ours: DNS rebinding, or a proxy that is not configured."""

    code = "AccessDeniedException"
    status = 403


class BrowserRefused(AwsError):
    """A request that a web page made."""

    code = "AccessDeniedException"
    status = 403


class WrongContentType(AwsError):
    code = "UnsupportedMediaTypeException"
    status = 415


class BodyTooLarge(AwsError):
    code = "RequestEntityTooLargeException"
    status = 413


class BodyTimeout(AwsError):
    """The client stopped sending in the middle of a body."""

    code = "RequestTimeoutException"
    status = 408


class UnknownOperation(AwsError):
    code = "UnknownOperationException"


class NotImplementedHere(AwsError):
    """An operation that AWS has and we do not have yet."""

    code = "NotImplemented"
    status = 501


class Throttled(AwsError):
    """More requests than the service is set to allow; AWS's clients wait and try again."""

    code = "ThrottlingException"


class MalformedBody(AwsError):
    """A body that is not what its content type says, or holds values of the wrong types."""

    code = "SerializationException"


class InvalidParameter(AwsError):
    """What CloudWatch Logs calls a request that breaks its model's constraints."""

    code = "InvalidParameterException"


class InternalFailure(AwsError):
    """A bug of ours; its traceback is in the service's log."""

    code = "InternalFailure"
    status = 500


#: how the query protocol names what JSON services name with "…Exception" (each service's
#: "Common Errors" page)
_QUERY_CODES = {
    "AccessDeniedException": "AccessDenied",
    "RequestEntityTooLargeException": "RequestEntityTooLarge",
    "RequestTimeoutException": "RequestTimeout",
    "SerializationException": "MalformedInput",
    "ServiceUnavailableException": "ServiceUnavailable",
    "ThrottlingException": "Throttling",
    "UnknownOperationException": "InvalidAction",
    "UnsupportedMediaTypeException": "UnsupportedMediaType",
    "ValidationException": "ValidationError",
}
#: the same of S3 (S3 API Reference, "Error Responses")
_S3_CODES = {
    "AccessDeniedException": "AccessDenied",
    "InternalFailure": "InternalError",
    "RequestEntityTooLargeException": "MaxMessageLengthExceeded",
    "RequestTimeoutException": "RequestTimeout",
    "SerializationException": "MalformedXML",
    "ServiceUnavailableException": "ServiceUnavailable",
    "UnknownOperationException": "MethodNotAllowed",
    "UnsupportedMediaTypeException": "UnsupportedMediaType",
    "ValidationException": "InvalidArgument",
}
_CODES: dict[str, dict[str, str]] = {
    "ec2": _QUERY_CODES,
    "json": {},
    "query": _QUERY_CODES,
    "rest-json": {},
    "rest-xml": _S3_CODES,
    "smithy-rpc-v2-cbor": {},
}

#: what the machine may be short of, and the remedy
_MACHINE = {
    errno.ENOSPC: "The disk is full. Free space on the volume of the home directory",
    errno.EDQUOT: "The disk quota is used up. Free space in the home directory",
    errno.EFBIG: "No file may grow that large here, by the disk or by ulimit -f. Raise the limit",
    errno.EIO: "The disk fails. Look at the system's log",
    errno.EROFS: "The home directory is on a read-only file system. Make it writable",
    errno.ENOENT: "A part of the home directory is missing. Put it back or restart the service",
    errno.EMFILE: "Too many files are open. Raise the limit (ulimit -n)",
    errno.ENFILE: "Too many files are open on this machine. Raise the limit (fs.file-max)",
}


def code_and_status(error: AwsError, protocol: str) -> tuple[str, int]:
    """Return an error's code and HTTP status as a protocol has them.

    Args:
        error: what happened.
        protocol: botocore's name: "json", "query", "rest-xml", …
    """
    if isinstance(error, SignatureRefused):
        named = code_for(error.kind, protocol)
        return named.code, named.status
    return _CODES[protocol].get(error.code, error.code), error.status


def of_machine(error: OSError) -> AwsError | None:
    """Return the 503 for an error that the machine is to blame for; None for any other."""
    if error.errno not in _MACHINE:
        return None
    return ServiceUnavailable(f"{_MACHINE[error.errno]}, then try again. Nothing was changed.")
