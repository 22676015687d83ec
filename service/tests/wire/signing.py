"""Requests as botocore signs them and as a server receives them: the oracle of these tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import botocore.auth
from botocore.auth import BaseSigner, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from glueball.wire.call import Caller
from glueball.wire.credentials import Credential
from glueball.wire.sigv4 import SignedRequest, Verified, verify

ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
REGION = "us-east-1"
ENDPOINT = "http://127.0.0.1:4566"
NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC).timestamp()
CALLER = Caller(
    access_key=ACCESS_KEY, account_id="123456789012", arn="arn:aws:iam::123456789012:root"
)
BODY = b'{"JobName": "nightly"}'


def lookup(access_key: str, session_token: str | None) -> Credential | None:
    """Find the credential of the one key that these tests know."""
    if access_key != ACCESS_KEY:
        return None
    return Credential(secret_key=SECRET_KEY, caller=CALLER)


def sign(
    signer: type[BaseSigner] = SigV4Auth,
    *,
    method: str = "POST",
    url: str = f"{ENDPOINT}/",
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    body: bytes = b"",
    sent: bytes | None = None,
    service: str = "glue",
    region: str = REGION,
    token: str | None = None,
    secret_key: str = SECRET_KEY,
    access_key: str = ACCESS_KEY,
    at: float = NOW,
    context: Mapping[str, Any] | None = None,
    **options: Any,
) -> SignedRequest:
    """Sign a request with one of botocore's signers and return it as it arrives.

    `sent` is the body that arrives when it is not the one that was signed.
    """
    request = AWSRequest(method=method, url=url, headers=headers, data=body, params=params)
    request.context.update(context or {})
    credentials = Credentials(access_key, secret_key, token)
    moment = datetime.fromtimestamp(at, UTC)
    with patch.object(botocore.auth, "get_current_datetime", lambda: moment):
        signer(credentials, service, region, **options).add_auth(request)  # type: ignore[call-arg]
    return received(request, body if sent is None else sent)


def as_mapping(headers: Any) -> Mapping[str, str | bytes]:
    """Give botocore's headers the type that they have once a request is prepared."""
    return dict(headers.items())


def received(request: AWSRequest, body: bytes) -> SignedRequest:
    """Return what a server sees of a botocore request, with the headers that no client signs."""
    prepared = request.prepare()
    url = urlsplit(str(prepared.url))
    headers = [
        (name.lower().encode(), value if isinstance(value, bytes) else value.encode())
        for name, value in as_mapping(prepared.headers).items()
        if name.lower() != "content-length"
    ]
    sent = {name for name, _ in headers}
    extra = [(b"host", url.netloc.encode()), (b"user-agent", b"Boto3/1.0"), (b"expect", b"x")]
    headers += [(name, value) for name, value in extra if name not in sent]
    headers.append((b"content-length", str(len(body)).encode()))
    return SignedRequest(
        method=str(request.method),
        path=(url.path or "/").encode(),
        query=url.query.encode(),
        headers=headers,
        body_sha256=sha256(body).hexdigest(),
    )


def json_request(**options: Any) -> SignedRequest:
    """Return a signed GetJob."""
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AWSGlue.GetJob",
        **options.pop("headers", {}),
    }
    return sign(headers=headers, body=BODY, **options)


def check(
    request: SignedRequest,
    *,
    services: str | Sequence[str] = "glue",
    now: float = NOW,
) -> Verified:
    """Verify with the key that these tests know."""
    return verify(request, credentials=lookup, services=services, now=now)


def header(request: SignedRequest, name: str) -> str:
    """Return the value of a header that came once."""
    (value,) = (value for key, value in request.headers if key == name.encode())
    return value.decode()


def with_header(request: SignedRequest, name: str, value: str | None) -> SignedRequest:
    """Return the request with a header replaced in its place, added, or (None) removed."""
    key = name.encode()
    headers: list[tuple[bytes, bytes]] = []
    for other, old in request.headers:
        if other != key:
            headers.append((other, old))
        elif value is not None:
            headers.append((key, value.encode()))
    if value is not None and key not in dict(request.headers):
        headers.append((key, value.encode()))
    return replace(request, headers=headers)
