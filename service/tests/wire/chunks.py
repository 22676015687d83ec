"""Writes aws-chunked payloads by AWS's documented algorithm, for the tests of its decoder."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256

from glueball.wire.signed_payload import ChunkSeed, PayloadForm, SignedPayload

#: the key, time and first signature of the example that AWS prints for trailing headers
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TIMESTAMP = "20130524T000000Z"
SCOPE = "20130524/us-east-1/s3/aws4_request"


def signing_key() -> bytes:
    """Return the signing key of the example."""
    key = b"AWS4" + SECRET_KEY.encode()
    for part in SCOPE.split("/"):
        key = hmac.new(key, part.encode(), sha256).digest()
    return key


def signed_payload(form: PayloadForm, signature: str = "5e" * 32) -> SignedPayload:
    """Return what `verify` says of a request with this signature."""
    seed = ChunkSeed(
        signature=signature, signing_key=signing_key(), timestamp=TIMESTAMP, scope=SCOPE
    )
    return SignedPayload(form=form, seed=seed if form.signs_chunks else None)


def write(
    payload: SignedPayload, chunks: Sequence[bytes], trailers: Mapping[str, str] | None = None
) -> bytes:
    """Return the chunks in their framing, followed by the one of size 0 and the trailers."""
    signature = payload.seed.signature if payload.seed else ""
    written = b""
    for chunk in (*chunks, b""):
        written += b"%x" % len(chunk)
        if payload.seed:
            signature = _sign("PAYLOAD", signature, sha256().hexdigest(), sha256(chunk).hexdigest())
            written += f";chunk-signature={signature}".encode()
        written += b"\r\n" + (chunk + b"\r\n" if chunk else b"")
    for name, value in (trailers or {}).items():
        written += f"{name}:{value}\r\n".encode()
    if payload.seed and payload.form.has_trailer:
        lines = "".join(f"{name}:{value}\n" for name, value in (trailers or {}).items())
        signature = _sign("TRAILER", signature, sha256(lines.encode()).hexdigest())
        written += f"x-amz-trailer-signature:{signature}\r\n".encode()
    return written + b"\r\n"


def _sign(kind: str, *lines: str) -> str:
    text = "\n".join((f"AWS4-HMAC-SHA256-{kind}", TIMESTAMP, SCOPE, *lines))
    return hmac.new(signing_key(), text.encode(), sha256).hexdigest()
