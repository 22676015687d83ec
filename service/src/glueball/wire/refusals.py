"""Why a signature was refused, and how each AWS protocol says so."""

from __future__ import annotations

from enum import Enum, auto
from typing import ClassVar, NamedTuple

from glueball.core.errors import AwsError

#: the remedy for everything that comes from wrong keys
USE_OUR_KEYS = 'To use the keys of this service, run: eval "$(glueball env)"'


class Refusal(Enum):
    """The ways in which a signature fails."""

    #: no signature at all
    MISSING = auto()
    #: an Authorization header, or a date, that does not follow the grammar
    MALFORMED = auto()
    #: presigned query parameters that do not follow the grammar
    MALFORMED_QUERY = auto()
    #: a header that must come once came twice, or two signatures came at once
    DUPLICATE = auto()
    #: another signing method: SigV2 but for S3's presigned URLs and forms, SigV4A, Bearer, Basic
    UNSUPPORTED = auto()
    #: an access key id that nobody here has
    UNKNOWN_KEY = auto()
    #: a session token that is missing, forged or not of this access key
    BAD_TOKEN = auto()
    #: a genuine session token after its end
    EXPIRED_TOKEN = auto()
    #: the signature is not that of this request under this key
    MISMATCH = auto()
    #: the request's time is more than 15 minutes off ours
    EXPIRED = auto()
    #: a presigned URL after its end
    LINK_EXPIRED = auto()
    #: signed for another day or service
    SCOPE = auto()
    #: a header that carries meaning is not covered by the signature
    UNSIGNED_HEADER = auto()
    #: S3 without X-Amz-Content-SHA256
    PAYLOAD_UNSTATED = auto()
    #: an X-Amz-Content-SHA256 that is neither a hash nor one of the known words
    PAYLOAD_FORM = auto()
    #: the body is not the one that was signed
    PAYLOAD_MISMATCH = auto()


class SignatureRefused(AwsError):
    """A request that may not enter.

    Its code and status depend on the protocol of the service that was called: see `code_for`.
    The message never holds a secret, nor the signature that would have been right.

    Args:
        kind: what is wrong.
        message: the sentence the client reads, with the remedy.
        fields: further members of S3's error (`Region`, say).
    """

    code = "AccessDeniedException"
    status: ClassVar[int] = 403

    def __init__(self, kind: Refusal, message: str, **fields: str) -> None:
        super().__init__(message, **fields)
        self.kind = kind


def unknown_key(access_key: str) -> SignatureRefused:
    """Return the refusal of an access key id that nobody here has."""
    return SignatureRefused(
        Refusal.UNKNOWN_KEY,
        f"The access key id {access_key} is not known here: the security token included in the "
        f"request is invalid. {USE_OUR_KEYS}",
    )


def mismatch() -> SignatureRefused:
    """Return the refusal of a signature that is not that of the request under its key."""
    return SignatureRefused(
        Refusal.MISMATCH,
        "The request signature we calculated does not match the signature you provided. "
        f"Check your AWS Secret Access Key and signing method. {USE_OUR_KEYS}",
    )


class AwsCode(NamedTuple):
    """An error code and the HTTP status that AWS sends with it."""

    code: str
    status: int


_JSON = {
    Refusal.MISSING: AwsCode("MissingAuthenticationTokenException", 403),
    Refusal.MALFORMED: AwsCode("IncompleteSignatureException", 403),
    Refusal.MALFORMED_QUERY: AwsCode("IncompleteSignatureException", 403),
    Refusal.DUPLICATE: AwsCode("IncompleteSignatureException", 400),
    Refusal.UNSUPPORTED: AwsCode("IncompleteSignatureException", 403),
    Refusal.UNKNOWN_KEY: AwsCode("UnrecognizedClientException", 403),
    Refusal.BAD_TOKEN: AwsCode("UnrecognizedClientException", 403),
    Refusal.EXPIRED_TOKEN: AwsCode("ExpiredTokenException", 403),
    Refusal.MISMATCH: AwsCode("InvalidSignatureException", 403),
    Refusal.EXPIRED: AwsCode("InvalidSignatureException", 403),
    Refusal.LINK_EXPIRED: AwsCode("InvalidSignatureException", 403),
    Refusal.SCOPE: AwsCode("InvalidSignatureException", 403),
    Refusal.UNSIGNED_HEADER: AwsCode("InvalidSignatureException", 403),
    Refusal.PAYLOAD_UNSTATED: AwsCode("InvalidSignatureException", 403),
    Refusal.PAYLOAD_FORM: AwsCode("InvalidSignatureException", 403),
    Refusal.PAYLOAD_MISMATCH: AwsCode("InvalidSignatureException", 403),
}

_QUERY = {
    Refusal.MISSING: AwsCode("MissingAuthenticationToken", 403),
    Refusal.MALFORMED: AwsCode("IncompleteSignature", 403),
    Refusal.MALFORMED_QUERY: AwsCode("IncompleteSignature", 403),
    Refusal.DUPLICATE: AwsCode("IncompleteSignature", 400),
    Refusal.UNSUPPORTED: AwsCode("IncompleteSignature", 403),
    Refusal.UNKNOWN_KEY: AwsCode("InvalidClientTokenId", 403),
    Refusal.BAD_TOKEN: AwsCode("InvalidClientTokenId", 403),
    Refusal.EXPIRED_TOKEN: AwsCode("ExpiredToken", 403),
    Refusal.MISMATCH: AwsCode("SignatureDoesNotMatch", 403),
    Refusal.EXPIRED: AwsCode("RequestExpired", 400),
    Refusal.LINK_EXPIRED: AwsCode("RequestExpired", 400),
    Refusal.SCOPE: AwsCode("SignatureDoesNotMatch", 403),
    Refusal.UNSIGNED_HEADER: AwsCode("SignatureDoesNotMatch", 403),
    Refusal.PAYLOAD_UNSTATED: AwsCode("SignatureDoesNotMatch", 403),
    Refusal.PAYLOAD_FORM: AwsCode("SignatureDoesNotMatch", 403),
    Refusal.PAYLOAD_MISMATCH: AwsCode("SignatureDoesNotMatch", 403),
}

_S3 = {
    Refusal.MISSING: AwsCode("AccessDenied", 403),
    Refusal.MALFORMED: AwsCode("AuthorizationHeaderMalformed", 400),
    Refusal.MALFORMED_QUERY: AwsCode("AuthorizationQueryParametersError", 400),
    Refusal.DUPLICATE: AwsCode("InvalidRequest", 400),
    Refusal.UNSUPPORTED: AwsCode("InvalidRequest", 400),
    Refusal.UNKNOWN_KEY: AwsCode("InvalidAccessKeyId", 403),
    Refusal.BAD_TOKEN: AwsCode("InvalidToken", 400),
    Refusal.EXPIRED_TOKEN: AwsCode("ExpiredToken", 400),
    Refusal.MISMATCH: AwsCode("SignatureDoesNotMatch", 403),
    Refusal.EXPIRED: AwsCode("RequestTimeTooSkewed", 403),
    Refusal.LINK_EXPIRED: AwsCode("AccessDenied", 403),
    Refusal.SCOPE: AwsCode("AuthorizationHeaderMalformed", 400),
    Refusal.UNSIGNED_HEADER: AwsCode("AccessDenied", 403),
    Refusal.PAYLOAD_UNSTATED: AwsCode("InvalidRequest", 400),
    Refusal.PAYLOAD_FORM: AwsCode("InvalidArgument", 400),
    Refusal.PAYLOAD_MISMATCH: AwsCode("XAmzContentSHA256Mismatch", 400),
}

_TABLES = {
    "json": _JSON,
    "rest-json": _JSON,
    "query": _QUERY,
    "ec2": _QUERY,
    "rest-xml": _S3,
    "smithy-rpc-v2-cbor": _JSON,
}


def code_for(kind: Refusal, protocol: str) -> AwsCode:
    """Return how AWS names a refusal.

    The codes are those of each service's "Common Errors" page and of S3's "Error Responses".

    Args:
        kind: what is wrong with the signature.
        protocol: the service's protocol as botocore's model calls it: ``json``, ``rest-json``,
            ``query``, ``ec2`` or ``rest-xml``.

    Raises:
        KeyError: for a protocol that no AWS service speaks.
    """
    return _TABLES[protocol][kind]
