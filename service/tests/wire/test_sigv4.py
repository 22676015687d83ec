"""What `verify` lets in is what AWS's own signers sign, and nothing that differs from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from urllib.parse import parse_qsl, quote, unquote_to_bytes

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4QueryAuth
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.wire.credentials import Credential
from glueball.wire.refusals import Refusal, SignatureRefused
from glueball.wire.signed_payload import PayloadForm
from glueball.wire.sigv4 import SignedRequest, verify
from wire.signing import (
    ACCESS_KEY,
    BODY,
    CALLER,
    ENDPOINT,
    SECRET_KEY,
    check,
    header,
    json_request,
    lookup,
    sign,
    with_header,
)

DAY = 24 * 3600

text = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
segments = st.lists(text.map(lambda part: quote(part, safe="-._~")), max_size=4)
paths = segments.map(lambda parts: "/" + "/".join(parts))
queries = st.lists(st.tuples(text, text), max_size=4)
header_names = st.from_regex(r"x-(amz-meta|custom)-[a-z0-9]{1,6}", fullmatch=True)
header_values = st.from_regex(r"[!-~]([ -~]{0,20}[!-~])?", fullmatch=True)
headers = st.dictionaries(header_names, header_values, max_size=3)
methods = st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD"])
bodies = st.binary(max_size=40)


def url_of(path: str, query: list[tuple[str, str]]) -> str:
    """Return a URL encoded as botocore's serialisers do."""
    encoded = "&".join(
        f"{quote(name, safe='-._~')}={quote(value, safe='-._~')}" for name, value in query
    )
    return f"{ENDPOINT}{path}" + (f"?{encoded}" if encoded else "")


class TestBotocoreAsOracle:
    @given(methods, paths, queries, headers, bodies)
    def test_header_form(
        self,
        method: str,
        path: str,
        query: list[tuple[str, str]],
        headers: dict[str, str],
        body: bytes,
    ) -> None:
        request = sign(method=method, url=url_of(path, query), headers=headers, body=body)
        assert check(request).caller == CALLER

    @given(st.dictionaries(text, text, max_size=4))
    def test_query_given_apart_from_the_url(self, params: dict[str, str]) -> None:
        # botocore signs %20 for a space and sends +
        assert check(sign(method="GET", params=params)).service == "glue"

    @given(methods, paths, queries, headers, bodies)
    def test_s3_header_form(
        self,
        method: str,
        path: str,
        query: list[tuple[str, str]],
        headers: dict[str, str],
        body: bytes,
    ) -> None:
        request = sign(
            S3SigV4Auth,
            method=method,
            url=url_of(path, query),
            headers=headers,
            body=body,
            service="s3",
        )
        verified = check(request, services="s3")
        assert verified.payload.form is PayloadForm.LITERAL
        assert verified.payload.sha256 == sha256(body).hexdigest()

    @given(paths, st.dictionaries(text, text, max_size=3), headers)
    def test_presigned(self, path: str, query: dict[str, str], headers: dict[str, str]) -> None:
        url = url_of(path, [*query.items()])
        request = sign(SigV4QueryAuth, method="GET", url=url, headers=headers, service="sts")
        assert check(request, services="sts").caller == CALLER

    @given(paths, st.dictionaries(text, text, max_size=3), headers, bodies)
    def test_s3_presigned(
        self, path: str, query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> None:
        request = sign(
            S3SigV4QueryAuth,
            method="PUT",
            url=url_of(path, [*query.items()]),
            headers=headers,
            sent=body,
            service="s3",
            expires=300,
        )
        assert check(request, services="s3").payload.form is PayloadForm.UNSIGNED

    @pytest.mark.parametrize(
        "path",
        [
            pytest.param(
                "/a(b)*c'd", id="characters that botocore sends bare when it is given them"
            ),
            pytest.param("/a/../b//c/./", id="dots and double slashes, which are parts of keys"),
            pytest.param("/a%2Fb%2fc", id="encoded slashes, in both cases"),
            pytest.param("/%C3%A9+%41", id="plus, and letters that need no encoding"),
        ],
    )
    def test_s3_paths_as_received(self, path: str) -> None:
        check(sign(S3SigV4Auth, url=ENDPOINT + path, service="s3"), services="s3")

    def test_header_values_are_trimmed_and_collapsed(self) -> None:
        request = sign(headers={"x-custom": "a b c"})
        check(with_header(request, "x-custom", "  a   b \t c "))

    def test_repeated_headers_are_joined_by_commas(self) -> None:
        request = with_header(sign(headers={"x-custom": "a,b"}), "x-custom", None)
        twice = replace(
            request, headers=[*request.headers, (b"x-custom", b" a "), (b"x-custom", b"b")]
        )
        check(twice)

    def test_date_header_instead_of_x_amz_date(self) -> None:
        request = sign(headers={"Date": "overwritten by botocore"})
        assert b"x-amz-date" not in dict(request.headers)
        check(request)

    def test_content_length_may_be_signed(self) -> None:
        check(sign(headers={"Content-Length": str(len(BODY))}, body=BODY))

    def test_an_ipv6_endpoint(self) -> None:
        check(sign(url="http://[::1]:4566/"))


#: AWS's examples: (reason, service, request line and headers, signed headers, signature)
KEY_OF_SUITE = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
VANILLA = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
SUITE = [
    ("get-vanilla", b"GET", b"/", b"", [], VANILLA),
    ("get-relative", b"GET", b"/example/..", b"", [], VANILLA),
    ("get-slash", b"GET", b"//", b"", [], VANILLA),
    (
        "get-vanilla-query-order-key-case",
        b"GET",
        b"/",
        b"Param2=value2&Param1=value1",
        [],
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    (
        "get-utf8",
        b"GET",
        "/ሴ".encode(),
        b"",
        [],
        "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
    ),
    (
        "get-header-key-duplicate",
        b"GET",
        b"/",
        b"",
        [(b"my-header1", b"value2"), (b"my-header1", b"value2"), (b"my-header1", b"value1")],
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    ),
    (
        "get-header-value-trim",
        b"GET",
        b"/",
        b"",
        [(b"my-header1", b" value1"), (b"my-header2", b' "a   b   c"')],
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
    (
        "post-vanilla",
        b"POST",
        b"/",
        b"",
        [],
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ),
]


class TestPublishedExamples:
    """Signatures that AWS printed, so that botocore is not the only witness."""

    @pytest.mark.parametrize(
        ("method", "path", "query", "extra", "signature"),
        [pytest.param(*case[1:], id=case[0]) for case in SUITE],
    )
    def test_sigv4_test_suite(
        self,
        method: bytes,
        path: bytes,
        query: bytes,
        extra: list[tuple[bytes, bytes]],
        signature: str,
    ) -> None:
        names = sorted({b"host", b"x-amz-date", *(name for name, _ in extra)})
        authorization = (
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            f"SignedHeaders={b';'.join(names).decode()}, Signature={signature}"
        )
        request = SignedRequest(
            method=method.decode(),
            path=path,
            query=query,
            headers=[
                (b"host", b"example.amazonaws.com"),
                *extra,
                (b"x-amz-date", b"20150830T123600Z"),
                (b"authorization", authorization.encode()),
            ],
            body_sha256=sha256().hexdigest(),
        )
        verify(
            request,
            credentials=lambda _key, _token: Credential(secret_key=KEY_OF_SUITE, caller=CALLER),
            services="service",
            now=1440938160,
        )

    def test_s3_get_object(self) -> None:
        request = SignedRequest(
            method="GET",
            path=b"/test.txt",
            query=b"",
            headers=[
                (b"host", b"examplebucket.s3.amazonaws.com"),
                (b"range", b"bytes=0-9"),
                (b"x-amz-content-sha256", sha256().hexdigest().encode()),
                (b"x-amz-date", b"20130524T000000Z"),
                (
                    b"authorization",
                    b"AWS4-HMAC-SHA256 "
                    b"Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                    b"SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
                    b"Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
                ),
            ],
            body_sha256=sha256().hexdigest(),
        )
        check(request, services="s3", now=1369353600)

    def test_s3_presigned_get_object(self) -> None:
        request = SignedRequest(
            method="GET",
            path=b"/test.txt",
            query=b"X-Amz-Algorithm=AWS4-HMAC-SHA256"
            b"&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            b"&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            b"&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
            headers=[(b"host", b"examplebucket.s3.amazonaws.com")],
            body_sha256=None,
        )
        assert check(request, services="s3", now=1369353600 + DAY).service == "s3"
        with pytest.raises(SignatureRefused) as refused:
            check(request, services="s3", now=1369353600 + DAY + 1)
        assert refused.value.kind is Refusal.LINK_EXPIRED


def mutants(value: bytes) -> Iterator[bytes]:
    """Yield the value with each bit of each byte flipped."""
    for position in range(len(value)):
        for bit in range(8):
            flipped = bytearray(value)
            flipped[position] ^= 1 << bit
            yield bytes(flipped)


def altered(request: SignedRequest) -> Iterator[tuple[str, SignedRequest]]:
    """Yield the request with each bit of each signed part flipped."""
    for method in mutants(request.method.encode()):
        yield "method", replace(request, method=method.decode("latin-1"))
    for path in mutants(request.path):
        yield "path", replace(request, path=path)
    for query in mutants(request.query):
        yield "query", replace(request, query=query)
    for body in mutants(BODY):
        yield "body", replace(request, body_sha256=sha256(body).hexdigest())
    for index, (name, value) in enumerate(request.headers):
        if name in (b"user-agent", b"expect", b"content-length"):
            continue
        pairs = [(other, value) for other in mutants(name)]
        pairs += [(name, other) for other in mutants(value)]
        for pair in pairs:
            headers = [*request.headers[:index], pair, *request.headers[index + 1 :]]
            yield name.decode(), replace(request, headers=headers)


def meaning(request: SignedRequest) -> object:
    """Return what a request says, apart from how it is encoded."""
    return (
        request.method,
        [unquote_to_bytes(part) for part in request.path.split(b"/")],
        sorted(parse_qsl(request.query.decode("latin-1"), keep_blank_values=True)),
        [(name, value.split()) for name, value in request.headers],
        request.body_sha256,
    )


class TestMutations:
    """Every flipped bit of every signed part is noticed, or does not change the meaning."""

    @pytest.mark.parametrize(
        ("request_", "services"),
        [
            pytest.param(json_request(), "glue", id="JSON service, header form"),
            pytest.param(
                sign(
                    S3SigV4Auth,
                    method="PUT",
                    url=f"{ENDPOINT}/lake/a%20b//c.csv?partNumber=1&uploadId=x%2Fy",
                    headers={"x-amz-meta-owner": "ada"},
                    body=BODY,
                    service="s3",
                ),
                "s3",
                id="S3, header form",
            ),
            pytest.param(
                sign(
                    S3SigV4QueryAuth,
                    method="GET",
                    url=f"{ENDPOINT}/lake/k?versionId=null",
                    service="s3",
                    expires=60,
                ),
                "s3",
                id="S3, presigned",
            ),
            pytest.param(
                sign(
                    SigV4QueryAuth,
                    method="POST",
                    url=f"{ENDPOINT}/?Action=GetCallerIdentity",
                    service="sts",
                ),
                "sts",
                id="query service, presigned",
            ),
        ],
    )
    def test_every_bit_counts(self, request_: SignedRequest, services: str) -> None:
        check(request_, services=services)
        seen = set()
        for part, mutant in altered(request_):
            try:
                verified = check(mutant, services=services)
            except SignatureRefused:
                seen.add(part)
            else:
                unsigned = verified.payload.form is PayloadForm.UNSIGNED and part == "body"
                assert unsigned or meaning(mutant) == meaning(request_), (part, mutant)
        assert {"method", "path", "host"} <= seen

    @given(st.data())
    def test_a_dropped_added_or_doubled_part_counts(self, data: st.DataObject) -> None:
        request = json_request(headers={"x-amz-meta-a": "1"}, url=f"{ENDPOINT}/?a=1&b=2")
        signed = [pair for pair in request.headers if pair[0].startswith((b"x-amz", b"content-t"))]
        pair = data.draw(st.sampled_from(signed))
        rest = [other for other in request.headers if other != pair]
        change = data.draw(
            st.sampled_from(
                [
                    replace(request, headers=rest),
                    replace(request, headers=[*request.headers, pair]),
                    replace(request, headers=[*request.headers, (b"x-amz-meta-b", b"2")]),
                    replace(request, query=b"a=1"),
                    replace(request, query=b"a=1&b=2&b=2"),
                    replace(request, query=b"a=1&b=2&c"),
                    replace(request, path=b"/x"),
                ]
            )
        )
        with pytest.raises(SignatureRefused):
            check(change)


class TestForgedCredentials:
    def test_another_secret(self) -> None:
        with pytest.raises(SignatureRefused) as refused:
            check(json_request(secret_key="x" * 40))
        assert refused.value.kind is Refusal.MISMATCH

    def test_an_unknown_key_is_computed_like_a_known_one(self) -> None:
        with pytest.raises(SignatureRefused) as refused:
            check(json_request(access_key="AKIAUNKNOWN"))
        assert refused.value.kind is Refusal.UNKNOWN_KEY
        assert "glueball env" in refused.value.message

    def test_the_stand_in_secret_of_unknown_keys_opens_nothing(self) -> None:
        with pytest.raises(SignatureRefused) as refused:
            check(json_request(access_key="AKIAUNKNOWN", secret_key="0" * 40))
        assert refused.value.kind is Refusal.UNKNOWN_KEY

    @settings(max_examples=200)
    @given(
        st.binary(max_size=60),
        st.binary(max_size=60).map(lambda tail: b"AWS4-HMAC-SHA256 Credential=" + tail),
        st.binary(max_size=60).map(lambda query: b"X-Amz-Signature=0&X-Amz-Date=" + query),
        st.binary(max_size=20),
    )
    def test_rubbish_is_refused_and_never_crashes(
        self, scheme: bytes, credential: bytes, query: bytes, other: bytes
    ) -> None:
        for headers, parameters in (
            ([(b"authorization", scheme)], other),
            ([(b"authorization", credential), (b"x-amz-date", other)], b""),
            ([(b"authorization", credential), (b"date", other)], b""),
            ([], query),
            ([(other, scheme)], other),
        ):
            request = SignedRequest(
                method="POST", path=other, query=parameters, headers=headers, body_sha256="0" * 64
            )
            with pytest.raises(SignatureRefused) as refused:
                check(request)
            assert SECRET_KEY not in repr(refused.value)
            assert SECRET_KEY not in str(refused.value.fields)

    def test_a_refusal_shows_neither_secret_nor_the_right_signature(self) -> None:
        right = json_request()
        signature = header(right, "authorization").rpartition("=")[2]
        with pytest.raises(SignatureRefused) as refused:
            check(with_header(right, "x-amz-target", "AWSGlue.DeleteJob"))
        shown = f"{refused.value!r} {refused.value.fields}"
        assert SECRET_KEY not in shown
        assert signature not in shown

    def test_credentials_do_not_show_their_secret(self) -> None:
        assert SECRET_KEY not in repr(lookup(ACCESS_KEY, None))
