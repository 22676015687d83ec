"""What may be wrong with a payload, in S3's words (S3 API Reference, "Error Responses")."""

from __future__ import annotations

from glueball.core.errors import AwsError


class IncompleteBody(AwsError):
    """Fewer or more bytes than announced, or chunks that do not follow the framing."""

    code = "IncompleteBody"


class InvalidChunkSize(AwsError):
    """A chunk that is larger than what the request announced in all."""

    code = "InvalidChunkSizeError"
    status = 403


class MalformedTrailer(AwsError):
    """Trailing headers that are not those that were announced."""

    code = "MalformedTrailerError"


class BadDigest(AwsError):
    """The payload has another checksum than the client sent."""

    code = "BadDigest"


class InvalidDigest(AwsError):
    """A `Content-MD5` that is not the base64 of 16 bytes."""

    code = "InvalidDigest"


class InvalidRequest(AwsError):
    """Headers about the payload that are malformed, too many, or of an unknown algorithm."""

    code = "InvalidRequest"


class MissingContentLength(AwsError):
    """A chunked payload that does not say how long it is."""

    code = "MissingContentLength"
    status = 411


class EntityTooLarge(AwsError):
    """A payload above the service's limit."""

    code = "EntityTooLarge"
