"""URLs that botocore presigned with Signature Version 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from botocore.auth import HmacV1QueryAuth

from glueball.wire.refusals import Refusal, SignatureRefused
from glueball.wire.sigv4 import SignedRequest
from wire.signing import ACCESS_KEY, CALLER, ENDPOINT, NOW, check, sign, with_header

LIFE = 600


class _Signer(HmacV1QueryAuth):
    """botocore's signer, made as `sign` makes the others."""

    def __init__(self, credentials: Any, *_: str, expires: int = LIFE) -> None:
        super().__init__(credentials, expires=expires)


def link(
    method: str = "GET",
    path: str = "/b/k",
    headers: Mapping[str, str] | None = None,
    **options: Any,
) -> SignedRequest:
    """Return a request by a presigned URL; `headers` are sent along."""
    with patch("botocore.auth.time.time", lambda: NOW):
        return sign(_Signer, method=method, url=f"{ENDPOINT}{path}", headers=headers, **options)


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(link(), id="plain"),
        pytest.param(link("PUT", headers={"Content-Type": "text/csv"}), id="a content type"),
        pytest.param(link("PUT", headers={"x-amz-meta-a": "1 2"}), id="metadata"),
        pytest.param(link(path="/b/a%20b//c%2B"), id="an encoded key"),
        pytest.param(link(path="/b/k?response-content-type=text%2Fcsv"), id="an override"),
        pytest.param(link(path="/b/k?uploadId=x&partNumber=2", method="PUT"), id="a part"),
        pytest.param(link(path="/b?uploads", method="POST"), id="a parameter without a value"),
        pytest.param(link(path="/b?prefix=a"), id="a parameter that is not signed"),
    ],
)
def test_what_botocore_presigns_is_taken(request_: SignedRequest) -> None:
    verified = check(request_, services="s3")
    assert verified.caller == CALLER
    assert verified.region is None


def test_a_header_in_the_query_need_not_be_sent() -> None:
    request = link("PUT", headers={"x-amz-meta-a": "1 2"})
    assert b"x-amz-meta-a=1%202" in request.query
    check(with_header(request, "x-amz-meta-a", None), services="s3")


META = with_header(link("PUT", headers={"x-amz-meta-a": "1 2"}), "x-amz-meta-a", None)


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        pytest.param(replace(link(), method="PUT"), Refusal.MISMATCH, id="another method"),
        pytest.param(replace(link(), path=b"/b/other"), Refusal.MISMATCH, id="another key"),
        pytest.param(with_header(link(), "x-amz-acl", "x"), Refusal.MISMATCH, id="a header more"),
        pytest.param(
            with_header(link(), "content-type", "x"), Refusal.MISMATCH, id="another content type"
        ),
        pytest.param(
            replace(link(), query=link().query + b"&uploadId=x"), Refusal.MISMATCH, id="a parameter"
        ),
        pytest.param(
            replace(link(), query=link().query + b"&Expires=9999999999"),
            Refusal.DUPLICATE,
            id="a second end",
        ),
        pytest.param(
            replace(META, query=b"X-Amz-Meta-A=evil&" + META.query),
            Refusal.DUPLICATE,
            id="a header twice",
        ),
        pytest.param(
            replace(META, query=b"x%2damz-meta-a=evil&" + META.query),
            Refusal.DUPLICATE,
            id="a header twice, encoded in another way",
        ),
        pytest.param(
            replace(link(), query=b"AWSAccessKeyId=" + ACCESS_KEY.encode()),
            Refusal.MISSING,
            id="no signature",
        ),
        pytest.param(link(access_key="AKIAOTHER"), Refusal.UNKNOWN_KEY, id="an unknown key"),
        pytest.param(
            replace(link(), query=link().query.replace(b"Expires=", b"Expires=x")),
            Refusal.MISSING,
            id="an end that is no number",
        ),
    ],
)
def test_what_is_refused(request_: SignedRequest, kind: Refusal) -> None:
    with pytest.raises(SignatureRefused) as refused:
        check(request_, services="s3")
    assert refused.value.kind is kind


def test_a_url_lives_as_long_as_it_says() -> None:
    check(link(), services="s3", now=NOW + LIFE)
    with pytest.raises(SignatureRefused) as refused:
        check(link(), services="s3", now=NOW + LIFE + 1)
    assert refused.value.kind is Refusal.LINK_EXPIRED


def test_no_other_service_takes_version_2() -> None:
    with pytest.raises(SignatureRefused) as refused:
        check(link(), services="glue")
    assert refused.value.kind is Refusal.UNSUPPORTED
