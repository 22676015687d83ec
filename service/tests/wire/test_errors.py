from __future__ import annotations

import errno

import pytest

from glueball.core.errors import AccessDenied, AwsError, ServiceUnavailable, ValidationFailed
from glueball.wire.errors import (
    BodyTooLarge,
    InternalFailure,
    MalformedBody,
    UnknownOperation,
    code_and_status,
    of_machine,
)
from glueball.wire.refusals import Refusal, SignatureRefused


@pytest.mark.parametrize(
    ("error", "status", "json", "query", "s3"),
    [
        (
            ValidationFailed("x"),
            400,
            "ValidationException",
            "ValidationError",
            "InvalidArgument",
        ),
        (AccessDenied("x"), 403, "AccessDeniedException", "AccessDenied", "AccessDenied"),
        (
            ServiceUnavailable("x"),
            503,
            "ServiceUnavailableException",
            "ServiceUnavailable",
            "ServiceUnavailable",
        ),
        (
            BodyTooLarge("x"),
            413,
            "RequestEntityTooLargeException",
            "RequestEntityTooLarge",
            "MaxMessageLengthExceeded",
        ),
        (MalformedBody("x"), 400, "SerializationException", "MalformedInput", "MalformedXML"),
        (
            UnknownOperation("x"),
            400,
            "UnknownOperationException",
            "InvalidAction",
            "MethodNotAllowed",
        ),
        (InternalFailure("x"), 500, "InternalFailure", "InternalFailure", "InternalError"),
    ],
)
def test_every_protocol_has_its_own_names(
    error: AwsError, status: int, json: str, query: str, s3: str
) -> None:
    assert code_and_status(error, "json") == (json, status)
    assert code_and_status(error, "query") == (query, status)
    assert code_and_status(error, "rest-xml") == (s3, status)


def test_signatures_have_their_own_statuses_too() -> None:
    refused = SignatureRefused(Refusal.EXPIRED_TOKEN, "x")
    assert code_and_status(refused, "json") == ("ExpiredTokenException", 403)
    assert code_and_status(refused, "rest-xml") == ("ExpiredToken", 400)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "Free space"),
        (errno.EDQUOT, "Free space"),
        (errno.EFBIG, "Raise the limit"),
        (errno.EROFS, "Make it writable"),
        (errno.ENOENT, "restart the service"),
        (errno.EMFILE, "ulimit -n"),
        (errno.ENFILE, "file-max"),
    ],
)
def test_the_machine_is_named_with_the_remedy(number: int, says: str) -> None:
    error = of_machine(OSError(number, "x"))
    assert isinstance(error, ServiceUnavailable)
    assert says in error.message
    assert "Nothing was changed" in error.message


def test_other_errors_are_bugs() -> None:
    assert of_machine(OSError(errno.EBADF, "x")) is None
    assert of_machine(OSError("no number")) is None
