"""Signature Version 4, the verifying side.

Pure: the time, the credentials and the request are arguments. Nothing of what the client claims is
believed before the signature is found right: not its service (it must be the called one, else a
signature made for another could be replayed here), nor its hash of the body. Every region is
served, so the scope may name any. URLs that were presigned with Version 2 are left to `sigv2`.

Source: AWS IAM User Guide, "AWS Signature Version 4 for API requests"; for S3, "Authenticating
Requests (AWS Signature Version 4)".
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from glueball.wire import canonical, sigv2
from glueball.wire.call import Caller
from glueball.wire.claims import Claim, read_claim
from glueball.wire.credentials import NOBODY, CredentialLookup
from glueball.wire.refusals import Refusal, SignatureRefused, mismatch, unknown_key
from glueball.wire.signed_payload import ALGORITHM, ChunkSeed, PayloadForm, SignedPayload
from glueball.wire.timestamps import format_basic

#: how far a request's time may be off ours, in seconds, in both directions
LARGEST_SKEW = 15 * 60

#: headers that AWS takes once; a second one could mean another request than the signed one
_ONCE = (
    b"authorization",
    b"content-type",
    b"date",
    b"host",
    b"x-amz-content-sha256",
    b"x-amz-date",
    b"x-amz-security-token",
    b"x-amz-target",
)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FORMS = {form.value: form for form in PayloadForm if form is not PayloadForm.LITERAL}
_ALGORITHM = ALGORITHM.decode()
_ROOT = ((b"/", b""),)


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedRequest:
    """A request as it came from the client: nothing decoded, nothing normalised.

    The parts are those of an ASGI scope (`method`, `raw_path`, `query_string`, `headers`).
    """

    method: str
    path: bytes  #: percent-encoded, without the query
    query: bytes  #: without the question mark
    #: names in lower case, in order, duplicates preserved
    headers: Sequence[tuple[bytes, bytes]]
    #: hex digest of the body that was read; None when it is yet to be read, which only S3 may do
    body_sha256: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """A request whose signature is right."""

    caller: Caller
    service: str  #: the signing name, one of those that were asked for
    region: str | None  #: of the credential scope; None for version 2, which names none
    payload: SignedPayload  #: what remains to be checked while an S3 payload is read


def verify(
    request: SignedRequest,
    *,
    credentials: CredentialLookup,
    services: Collection[str] | str,
    now: float,
) -> Verified:
    """Check the signature of a request, from its `Authorization` header or its presigned query.

    Args:
        request: what was received.
        credentials: finds the secret of an access key id.
        services: the signing name, or names, that the called service goes by.
        now: epoch seconds.

    Raises:
        SignatureRefused: the request may not enter; the error says why and what to do.
        ValueError: the body's hash was not given for a service other than S3.
    """
    headers = _by_name(request.headers)
    pairs = canonical.query_pairs(request.query)
    names = (services,) if isinstance(services, str) else services
    if "s3" in names and sigv2.is_link(headers, pairs):
        return Verified(
            caller=sigv2.verify_link(
                request.method, request.path, headers, pairs, credentials, now
            ),
            service="s3",
            region=None,
            payload=SignedPayload(form=PayloadForm.UNSIGNED),
        )
    claim = read_claim(headers, pairs)
    _check_scope(claim, names)
    _check_time(claim, now)
    _check_coverage(claim, headers)
    payload_line, form = _payload_line(claim, headers, request.body_sha256)
    credential = credentials(claim.scope.access_key, claim.token)
    secret = NOBODY if credential is None else credential.secret_key
    key = signing_key(secret, claim.scope.date, claim.scope.region, claim.scope.service)
    right = _is_right(request, claim, headers, pairs, payload_line, key)
    if credential is None:
        raise unknown_key(claim.scope.access_key)
    if not right:
        raise mismatch()
    return Verified(
        caller=credential.caller,
        service=claim.scope.service,
        region=claim.scope.region,
        payload=_payload(form, payload_line, claim, key),
    )


def _by_name(headers: Sequence[tuple[bytes, bytes]]) -> Mapping[bytes, bytes]:
    """Return the headers by name; repeated ones joined by commas, as they are signed."""
    values = dict(headers)
    if len(values) == len(headers):
        return values
    joined: dict[bytes, bytes] = {}
    for name, value in headers:
        if name not in joined:
            joined[name] = canonical.header_value(value)
        elif name in _ONCE:
            raise SignatureRefused(
                Refusal.DUPLICATE, f"The header {name.decode('latin-1')} was sent twice; send one."
            )
        else:
            joined[name] += b"," + canonical.header_value(value)
    return joined


def _check_scope(claim: Claim, services: Collection[str]) -> None:
    scope = claim.scope
    if scope.date != claim.timestamp[:8]:
        raise SignatureRefused(
            Refusal.SCOPE,
            f"Date in Credential scope does not match the date of the request: '{scope.date}' is "
            f"not the day of {claim.timestamp}.",
        )
    if scope.service not in services:
        expected = ", ".join(f"'{name}'" for name in sorted(services))
        raise SignatureRefused(
            Refusal.SCOPE,
            f"Credential should be scoped to correct service: '{scope.service}' is wrong; "
            f"expecting {expected}.",
        )


def _check_time(claim: Claim, now: float) -> None:
    life = LARGEST_SKEW if claim.expires is None else claim.expires
    if claim.time - LARGEST_SKEW <= now <= claim.time + life:
        return
    if now < claim.time:
        message = (
            f"Signature not yet current: {claim.timestamp} is still later than "
            f"{format_basic(now + LARGEST_SKEW)} ({format_basic(now)} + 15 min.)"
        )
    elif claim.expires is None:
        message = (
            f"Signature expired: {claim.timestamp} is now earlier than "
            f"{format_basic(now - LARGEST_SKEW)} ({format_basic(now)} - 15 min.)"
        )
    else:
        raise SignatureRefused(
            Refusal.LINK_EXPIRED,
            f"Request has expired: the presigned URL of {claim.timestamp} lived for "
            f"{claim.expires} seconds. Make a new one.",
            Expires=format_basic(claim.time + claim.expires),
            ServerTime=format_basic(now),
        )
    raise SignatureRefused(
        Refusal.EXPIRED,
        f"{message}. Set the clock of the machine that signs.",
        RequestTime=claim.timestamp,
        ServerTime=format_basic(now),
        MaxAllowedSkewMilliseconds=str(LARGEST_SKEW * 1000),
    )


def _check_coverage(claim: Claim, headers: Mapping[bytes, bytes]) -> None:
    """Refuse a request in which a header that carries meaning could have been changed."""
    signed = claim.signed.names
    if b"host" not in signed:
        raise _uncovered([b"host"])
    uncovered = [name for name in headers.keys() - signed if name.startswith(b"x-amz-")]
    if b"x-amz-target" in headers and b"content-type" in headers.keys() - signed:
        uncovered.append(b"content-type")
    if uncovered:
        raise _uncovered(uncovered)
    absent = signed - headers.keys()
    if absent:
        raise SignatureRefused(
            Refusal.MISMATCH,
            f"Headers were signed that did not arrive: {_listed(absent)}. Something between "
            "client and service removes them.",
        )


def _uncovered(names: Collection[bytes]) -> SignatureRefused:
    return SignatureRefused(
        Refusal.UNSIGNED_HEADER,
        "There were headers present in the request which were not signed: "
        f"{_listed(names)}. Host, Content-Type of JSON requests and every X-Amz-* header must be "
        "in SignedHeaders.",
        HeadersNotSigned=_listed(names),
    )


def _listed(names: Collection[bytes]) -> str:
    return ", ".join(name.decode("latin-1") for name in sorted(names))


def _payload_line(
    claim: Claim, headers: Mapping[bytes, bytes], body_sha256: str | None
) -> tuple[str, PayloadForm]:
    """Return the last line of the canonical request, and what it means."""
    sent = headers.get(b"x-amz-content-sha256")
    stated = None if sent is None else sent.strip().decode("latin-1")
    if claim.scope.service == "s3":
        line, form = _object_payload_line(claim, stated)
    elif body_sha256 is None:
        raise ValueError("only S3 payloads may be verified before they are read")
    else:
        line, form = stated or body_sha256, PayloadForm.LITERAL
    if form is PayloadForm.LITERAL and body_sha256 not in (None, line):
        raise SignatureRefused(
            Refusal.PAYLOAD_MISMATCH,
            "The provided 'x-amz-content-sha256' header does not match what was computed: the "
            "body is not the one that was signed.",
            ClientComputedContentSHA256=line if _SHA256.fullmatch(line) else "",
            S3ComputedContentSHA256=body_sha256 or "",
        )
    return line, form


def _object_payload_line(claim: Claim, stated: str | None) -> tuple[str, PayloadForm]:
    if stated is None and claim.expires is not None:
        return PayloadForm.UNSIGNED.value, PayloadForm.UNSIGNED
    if stated is None:
        raise SignatureRefused(
            Refusal.PAYLOAD_UNSTATED,
            "Missing required header for this request: x-amz-content-sha256.",
        )
    if _SHA256.fullmatch(stated):
        return stated, PayloadForm.LITERAL
    if stated.startswith("STREAMING-AWS4-ECDSA"):
        raise SignatureRefused(
            Refusal.UNSUPPORTED,
            "Signature Version 4A is not supported. Please use AWS4-HMAC-SHA256.",
        )
    if stated not in _FORMS:
        raise SignatureRefused(
            Refusal.PAYLOAD_FORM,
            f"x-amz-content-sha256 must be a hexadecimal SHA-256 or one of {', '.join(_FORMS)}.",
        )
    return stated, _FORMS[stated]


def _payload(form: PayloadForm, line: str, claim: Claim, key: bytes) -> SignedPayload:
    if form is PayloadForm.LITERAL:
        return SignedPayload(form=form, sha256=line)
    if not form.signs_chunks:
        return SignedPayload(form=form)
    seed = ChunkSeed(
        signature=claim.signature,
        signing_key=key,
        timestamp=claim.timestamp,
        scope=str(claim.scope),
    )
    return SignedPayload(form=form, seed=seed)


@lru_cache(maxsize=512)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = b"AWS4" + secret.encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _is_right(
    request: SignedRequest,
    claim: Claim,
    headers: Mapping[bytes, bytes],
    pairs: list[tuple[bytes, bytes]],
    payload_line: str,
    key: bytes,
) -> bool:
    """Compare the signature with that of the request, in each form that signers sign."""
    values = [name + b":" + canonical.header_value(headers[name]) for name in claim.signed.order]
    tail = b"\n".join((*values, b"", claim.signed.line, payload_line.encode("latin-1")))
    method = request.method.encode("latin-1", "replace")
    head = f"{_ALGORITHM}\n{claim.timestamp}\n{claim.scope}\n"
    for path, query in _targets(request, claim, pairs):
        hashed = sha256(b"\n".join((method, path, query, tail))).hexdigest()
        signature = hmac.digest(key, (head + hashed).encode(), "sha256").hex()
        if hmac.compare_digest(signature, claim.signature):
            return True
    return False


def _targets(
    request: SignedRequest, claim: Claim, pairs: list[tuple[bytes, bytes]]
) -> Iterable[tuple[bytes, bytes]]:
    """Return the canonical path and query in AWS's form and, where it differs, as received.

    Signers differ in which of the two they sign when a path or query travels in another encoding
    than AWS's canonical one. Both bind the same request.
    """
    if not pairs and request.path == b"/":  # every request of the JSON protocols
        return _ROOT
    if claim.expires is not None:
        pairs = [pair for pair in pairs if pair[0] != b"X-Amz-Signature"]
    if claim.scope.service == "s3":
        paths = (canonical.object_path(request.path), request.path)
    else:
        paths = (canonical.service_path(request.path),) * 2
    queries = (
        canonical.joined_query(canonical.encoded_pairs(pairs)),
        canonical.joined_query(pairs),
    )
    return dict.fromkeys(zip(paths, queries, strict=True))
