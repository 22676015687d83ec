"""What a request claims about itself: who signed it, when, for whom, and which headers.

Two forms: the `Authorization` header, and the ``X-Amz-*`` parameters of a presigned URL. Both are
parsed strictly; whatever does not follow the grammar is refused with a sentence and never raises
anything but `SignatureRefused`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from glueball.wire.refusals import USE_OUR_KEYS, Refusal, SignatureRefused
from glueball.wire.signed_payload import ALGORITHM
from glueball.wire.timestamps import format_basic, parse_basic, parse_http_date

#: the longest life of a presigned URL, in seconds: seven days
LONGEST_LINK = 7 * 24 * 3600

_VISIBLE = rb"[!-+\--~]+"  # visible ASCII but the comma
_AUTHORIZATION = re.compile(
    rb"AWS4-HMAC-SHA256[ \t]+Credential=(%b)[ \t]*,[ \t]*SignedHeaders=(%b)[ \t]*,"
    rb"[ \t]*Signature=([0-9a-f]{64})" % (_VISIBLE, _VISIBLE)
)
_CREDENTIAL = re.compile(r"([\w.@-]{1,128})/(\d{8})/([\w-]{1,64})/([\w-]{1,64})/([\w-]+)", re.ASCII)
_SIGNATURE = re.compile(rb"[0-9a-f]{64}")
_HEADER_NAME = re.compile(rb"[a-z0-9!#$%&'*+.^_`|~-]+")
_SECONDS = re.compile(rb"[0-9]{1,9}")

_QUERY_NAMES = frozenset(
    b"X-Amz-" + name
    for name in (
        b"Algorithm",
        b"Credential",
        b"Date",
        b"Expires",
        b"SignedHeaders",
        b"Signature",
        b"Security-Token",
    )
)
_QUERY_NEEDED = _QUERY_NAMES - {b"X-Amz-Security-Token"}


class Scope(NamedTuple):
    """The credential scope: what a signing key is good for."""

    access_key: str
    date: str  #: ``20130524``
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


class SignedNames(NamedTuple):
    """The headers that the signature covers."""

    order: tuple[bytes, ...]
    names: frozenset[bytes]
    line: bytes  #: as it stands in the canonical request


class Claim(NamedTuple):
    """A parsed signature, not yet verified."""

    scope: Scope
    signed: SignedNames
    signature: str
    timestamp: str  #: ``20130524T000000Z``
    time: float  #: the same in epoch seconds
    token: str | None
    expires: int | None  #: seconds that a presigned URL lives; None for the header form


def read_claim(headers: Mapping[bytes, bytes], pairs: Sequence[tuple[bytes, bytes]]) -> Claim:
    """Return what the request claims.

    Args:
        headers: by lower-case name.
        pairs: the query as received, from `canonical.query_pairs`.

    Raises:
        SignatureRefused: there is no signature, or two, or it is not well-formed.
    """
    authorization = headers.get(b"authorization")
    presigned = bool(pairs) and any(name.startswith(b"X-Amz-") for name, _ in pairs)
    query = _query_parameters(pairs) if presigned else {}
    if authorization is not None:
        if b"X-Amz-Algorithm" in query:
            raise SignatureRefused(
                Refusal.DUPLICATE,
                "Only one auth mechanism allowed; send either the Authorization header or the "
                "X-Amz-Algorithm query parameter.",
            )
        return _header_claim(authorization, headers)
    if b"X-Amz-Algorithm" in query or b"X-Amz-Signature" in query:
        return _query_claim(query, headers)
    if any(name == b"AWSAccessKeyId" for name, _ in pairs):
        raise SignatureRefused(
            Refusal.UNSUPPORTED,
            "This URL was presigned with Signature Version 2, which only S3 takes. Please use "
            "AWS4-HMAC-SHA256 (Signature Version 4).",
        )
    raise SignatureRefused(
        Refusal.MISSING,
        f"Missing Authentication Token: the request is not signed. {USE_OUR_KEYS}",
    )


def _header_claim(authorization: bytes, headers: Mapping[bytes, bytes]) -> Claim:
    match = _AUTHORIZATION.fullmatch(authorization.strip())
    if match is None:
        raise _malformed_header(authorization)
    credential, signed, signature = match.groups()
    names = _signed_names(signed, Refusal.MALFORMED)
    timestamp, time = _header_time(headers, names)
    token = headers.get(b"x-amz-security-token")
    return Claim(
        _scope(credential.decode(), Refusal.MALFORMED),
        names,
        signature.decode(),
        timestamp,
        time,
        None if token is None else token.strip().decode("latin-1"),
        None,
    )


def _header_time(headers: Mapping[bytes, bytes], names: SignedNames) -> tuple[str, float]:
    sent = headers.get(b"x-amz-date")
    if sent is not None:
        timestamp = sent.strip().decode("latin-1")
        time = parse_basic(timestamp)
    elif b"date" not in names.names:
        raise SignatureRefused(
            Refusal.MALFORMED,
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' "
            "header, and that header must be signed.",
        )
    else:
        time = parse_http_date(headers.get(b"date", b"").strip().decode("latin-1"))
        timestamp = "" if time is None else format_basic(time)
    if time is None:
        raise SignatureRefused(
            Refusal.MALFORMED,
            "The date of the request is not valid: X-Amz-Date must look like 20150830T123600Z.",
        )
    return timestamp, time


def _query_parameters(pairs: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return the decoded authentication parameters of a presigned URL."""
    found: dict[bytes, bytes] = {}
    for name, value in pairs:
        if name not in _QUERY_NAMES:
            continue
        if name in found:
            raise SignatureRefused(
                Refusal.DUPLICATE, f"The query parameter {name.decode()} was sent twice."
            )
        found[name] = unquote_to_bytes(value)
    return found


def _query_claim(query: Mapping[bytes, bytes], headers: Mapping[bytes, bytes]) -> Claim:
    algorithm = query.get(b"X-Amz-Algorithm", ALGORITHM)
    if algorithm.startswith(b"AWS4-ECDSA"):
        raise _unsupported("Signature Version 4A")
    missing = sorted(_QUERY_NEEDED - query.keys())
    if missing or algorithm != ALGORITHM:
        raise _malformed_query(
            "Query-string authentication version 4 requires the X-Amz-Algorithm "
            "(AWS4-HMAC-SHA256), X-Amz-Credential, X-Amz-Signature, X-Amz-Date, "
            "X-Amz-SignedHeaders, and X-Amz-Expires parameters."
        )
    timestamp = query[b"X-Amz-Date"].decode("latin-1")
    time = parse_basic(timestamp)
    if time is None:
        raise _malformed_query("X-Amz-Date must look like 20150830T123600Z.")
    if not _SIGNATURE.fullmatch(query[b"X-Amz-Signature"]):
        raise _malformed_query("X-Amz-Signature must be 64 lower-case hexadecimal digits.")
    if b"x-amz-security-token" in headers:
        raise _malformed_query("A presigned URL carries its session token in the query only.")
    token = query.get(b"X-Amz-Security-Token")
    return Claim(
        _scope(query[b"X-Amz-Credential"].decode("latin-1"), Refusal.MALFORMED_QUERY),
        _signed_names(query[b"X-Amz-SignedHeaders"], Refusal.MALFORMED_QUERY),
        query[b"X-Amz-Signature"].decode(),
        timestamp,
        time,
        None if token is None else token.decode("latin-1"),
        _lifetime(query[b"X-Amz-Expires"]),
    )


def _lifetime(text: bytes) -> int:
    seconds = int(text) if _SECONDS.fullmatch(text) else 0
    if not 1 <= seconds <= LONGEST_LINK:
        raise _malformed_query(
            f"X-Amz-Expires must be a number of seconds from 1 to {LONGEST_LINK} (seven days)."
        )
    return seconds


def scope_of(credential: str) -> Scope:
    """Return the scope in the credential of a form.

    Raises:
        SignatureRefused: it is not one.
    """
    return _scope(credential, Refusal.MALFORMED_QUERY)


@lru_cache(maxsize=1024)
def _scope(credential: str, kind: Refusal) -> Scope:
    match = _CREDENTIAL.fullmatch(credential)
    if match is None:
        raise SignatureRefused(
            kind,
            "The Credential is malformed; expecting "
            '"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
        )
    access_key, date, region, service, terminator = match.groups()
    if terminator != "aws4_request":
        raise SignatureRefused(
            Refusal.SCOPE, "Credential should be scoped with a valid terminator: 'aws4_request'."
        )
    return Scope(access_key, date, region, service)


@lru_cache(maxsize=1024)
def _signed_names(line: bytes, kind: Refusal) -> SignedNames:
    order = tuple(line.split(b";"))
    well_formed = all(map(_HEADER_NAME.fullmatch, order))
    if not well_formed or list(order) != sorted(set(order)):
        raise SignatureRefused(
            kind,
            "SignedHeaders must be the names of the signed headers in lower case, sorted, each "
            "once, separated by semicolons.",
        )
    return SignedNames(order, frozenset(order), line)


def _malformed_header(authorization: bytes) -> SignatureRefused:
    """Say what is wrong with an Authorization header, without repeating it."""
    scheme = authorization.split(maxsplit=1)[0] if authorization.strip() else b""
    if scheme == b"AWS":
        return _unsupported("Signature Version 2")
    if scheme.startswith(b"AWS4-ECDSA"):
        return _unsupported("Signature Version 4A")
    if scheme != ALGORITHM:
        return _unsupported("This kind of Authorization header")
    missing = [
        f"Authorization header requires '{name}' parameter."
        for name in ("Credential", "SignedHeaders", "Signature")
        if f"{name}=".encode() not in authorization
    ]
    grammar = (
        "Authorization must read: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=… "
        "(64 lower-case hexadecimal digits)."
    )
    return SignatureRefused(Refusal.MALFORMED, " ".join([*missing, grammar]))


def _malformed_query(message: str) -> SignatureRefused:
    return SignatureRefused(Refusal.MALFORMED_QUERY, message)


def _unsupported(what: str) -> SignatureRefused:
    return SignatureRefused(
        Refusal.UNSUPPORTED,
        f"{what} is not supported. Please use AWS4-HMAC-SHA256 (Signature Version 4), as every "
        "current AWS SDK and CLI does.",
    )
