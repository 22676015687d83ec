"""What a signature says of the payload that follows it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from enum import Enum

ALGORITHM = b"AWS4-HMAC-SHA256"


class PayloadForm(Enum):
    """How a payload travels and what protects it; all but `LITERAL` are S3's alone."""

    #: as it is; its SHA-256 was signed
    LITERAL = "LITERAL"
    #: as it is; nothing of it was signed
    UNSIGNED = "UNSIGNED-PAYLOAD"
    #: in chunks, each with its own signature
    SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    #: in signed chunks, then signed trailing headers
    SIGNED_CHUNKS_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
    #: in chunks, then trailing headers; nothing of it was signed
    UNSIGNED_CHUNKS_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

    @property
    def chunked(self) -> bool:
        """Whether the payload comes in aws-chunked framing."""
        return self not in (PayloadForm.LITERAL, PayloadForm.UNSIGNED)

    @property
    def signs_chunks(self) -> bool:
        """Whether every chunk carries a signature."""
        return self in (PayloadForm.SIGNED_CHUNKS, PayloadForm.SIGNED_CHUNKS_TRAILER)

    @property
    def has_trailer(self) -> bool:
        """Whether trailing headers follow the last chunk."""
        return self in (PayloadForm.SIGNED_CHUNKS_TRAILER, PayloadForm.UNSIGNED_CHUNKS_TRAILER)


@dataclass(frozen=True, kw_only=True, slots=True)
class ChunkSeed:
    """Where the chain of chunk signatures begins: the request's own signature and its key."""

    signature: str = field(repr=False)  #: hex
    signing_key: bytes = field(repr=False)
    timestamp: str  #: ``20130524T000000Z``
    scope: str  #: ``20130524/us-east-1/s3/aws4_request``

    def sign(self, algorithm: bytes, previous: str, *hashes: str) -> str:
        """Return the hex signature of the link that follows `previous`.

        Args:
            algorithm: ``AWS4-HMAC-SHA256-PAYLOAD`` or ``AWS4-HMAC-SHA256-TRAILER``.
            previous: the hex signature before this one.
            hashes: the hex SHA-256 values that end the string to sign.
        """
        lines = (self.timestamp, self.scope, previous, *hashes)
        return hmac.digest(
            self.signing_key, algorithm + b"\n" + "\n".join(lines).encode(), "sha256"
        ).hex()


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedPayload:
    """The payload as its signature describes it.

    Whoever reads a payload passes this to `payload.PayloadDecoder`, which holds it to its word.
    """

    form: PayloadForm
    sha256: str | None = None  #: hex, for `LITERAL`
    seed: ChunkSeed | None = None  #: for the signed chunk forms
