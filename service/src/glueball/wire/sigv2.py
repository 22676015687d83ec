"""Signature Version 2 of S3, the verifying side: presigned URLs and policies of form uploads.

boto3 and the AWS CLI presign so by default for us-east-1. Requests with an `Authorization` header
are signed with Version 4 by every current client, so Version 2 is not taken there.

Source: Amazon S3 User Guide, "Signing and authenticating REST requests", "Query string request
authentication alternative".
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote_to_bytes

from glueball.wire import hosts
from glueball.wire.call import Caller
from glueball.wire.credentials import NOBODY, CredentialLookup
from glueball.wire.refusals import Refusal, SignatureRefused, mismatch, unknown_key
from glueball.wire.timestamps import format_basic

ACCESS_KEY_PARAMETER = b"AWSAccessKeyId"
_NEEDED = (ACCESS_KEY_PARAMETER, b"Signature", b"Expires")
_EPOCH = re.compile(rb"[0-9]{1,12}")
#: query parameters that take part in the signature: they change what a request means
_SIGNED_PARAMETERS = frozenset(
    (
        *b"accelerate acl analytics cors defaultObjectAcl delete encryption inventory".split(),
        *b"legal-hold lifecycle location logging metrics notification object-lock".split(),
        *b"ownershipControls partNumber policy policyStatus publicAccessBlock".split(),
        *b"replication requestPayment restore retention select select-type".split(),
        *b"storageClass tagging torrent uploadId uploads versionId versioning".split(),
        *b"versions website".split(),
        *b"response-cache-control response-content-disposition response-content-encoding "
        b"response-content-language response-content-type response-expires".split(),
    )
)


def is_link(headers: Mapping[bytes, bytes], pairs: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether a request is authenticated by a URL that was presigned with Version 2."""
    names = {name for name, _ in pairs}
    return (
        ACCESS_KEY_PARAMETER in names
        and b"authorization" not in headers
        and b"X-Amz-Algorithm" not in names
    )


def verify_link(
    method: str,
    path: bytes,
    headers: Mapping[bytes, bytes],
    pairs: Sequence[tuple[bytes, bytes]],
    credentials: CredentialLookup,
    now: float,
) -> Caller:
    """Check the signature of a presigned URL; return who made it.

    Args:
        method: of HTTP.
        path: percent-encoded, as received.
        headers: by lower-case name.
        pairs: the query as received, from `canonical.query_pairs`.
        credentials: finds the secret of an access key id.
        now: epoch seconds.

    Raises:
        SignatureRefused: the URL is incomplete or over, its key is unknown, or it was made for
            another request.
    """
    parameters = _parameters(pairs)
    access_key = parameters[ACCESS_KEY_PARAMETER].decode("latin-1")
    _check_life(parameters[b"Expires"], now)
    amazon = _amazon_headers(headers, pairs)
    token = amazon.get(b"x-amz-security-token")
    text = b"\n".join(
        (
            method.encode("latin-1", "replace"),
            headers.get(b"content-md5", b"").strip(),
            headers.get(b"content-type", b"").strip(),
            parameters[b"Expires"],
            *(name + b":" + amazon[name] for name in sorted(amazon)),
            _resource(path, headers, pairs),
        )
    )
    signature = parameters[b"Signature"].decode("latin-1")
    return verify_text(
        text, access_key, signature, None if token is None else token.decode("latin-1"), credentials
    )


def verify_text(
    text: bytes, access_key: str, signature: str, token: str | None, credentials: CredentialLookup
) -> Caller:
    """Check the Version 2 signature of a text; return whose it is.

    Args:
        text: what was signed.
        access_key: the access key id.
        signature: base64 of the HMAC-SHA1.
        token: of temporary credentials.
        credentials: finds the secret of an access key id.

    Raises:
        SignatureRefused: the key is unknown, or the signature is another one.
    """
    credential = credentials(access_key, token)
    secret = NOBODY if credential is None else credential.secret_key
    right = base64.b64encode(hmac.digest(secret.encode(), text, "sha1"))
    equal = hmac.compare_digest(right, signature.encode("latin-1", "replace"))
    if credential is None:
        raise unknown_key(access_key)
    if not equal:
        raise mismatch()
    return credential.caller


def _parameters(pairs: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    parameters: dict[bytes, bytes] = {}
    for name, value in pairs:
        if name in _NEEDED:
            if name in parameters:
                raise _twice(name)
            parameters[name] = unquote_to_bytes(value)
    if len(parameters) < len(_NEEDED):
        raise SignatureRefused(
            Refusal.MISSING,
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId "
            "parameters.",
        )
    return parameters


def _twice(name: bytes) -> SignatureRefused:
    text = name.decode("latin-1")
    return SignatureRefused(Refusal.DUPLICATE, f"The query parameter {text} was sent twice.")


def _check_life(expires: bytes, now: float) -> None:
    if not _EPOCH.fullmatch(expires):
        raise SignatureRefused(
            Refusal.MISSING, "Invalid date: Expires must be a number of seconds since 1970."
        )
    if now > int(expires):
        raise SignatureRefused(
            Refusal.LINK_EXPIRED,
            "Request has expired: the presigned URL is over. Make a new one.",
            Expires=format_basic(int(expires)),
            ServerTime=format_basic(now),
        )


def _amazon_headers(
    headers: Mapping[bytes, bytes], pairs: Sequence[tuple[bytes, bytes]]
) -> dict[bytes, bytes]:
    """Return the `x-amz-…` headers; they may travel in the query of a presigned URL.

    Raises:
        SignatureRefused: one is in the query twice: what is signed could be another than what the
            request is read by.
    """
    in_query: dict[bytes, bytes] = {}
    for spelled, value in pairs:
        name = unquote_to_bytes(spelled).lower()
        if name.startswith(b"x-amz-"):
            if name in in_query:
                raise _twice(name)
            in_query[name] = unquote_to_bytes(value.replace(b"+", b" "))
    in_head = {name: value for name, value in headers.items() if name.startswith(b"x-amz-")}
    return {name: value.strip() for name, value in (in_query | in_head).items()}


def _resource(
    path: bytes, headers: Mapping[bytes, bytes], pairs: Sequence[tuple[bytes, bytes]]
) -> bytes:
    """Return the path with its bucket, and those parameters that are signed."""
    bucket = hosts.bucket_of(headers.get(b"host"))
    resource = path if bucket is None else b"/" + bucket.encode() + path
    signed = sorted((name, value) for name, value in pairs if name in _SIGNED_PARAMETERS)
    parts = [name + (b"=" + unquote_to_bytes(value) if value else b"") for name, value in signed]
    return resource + (b"?" + b"&".join(parts) if parts else b"")
