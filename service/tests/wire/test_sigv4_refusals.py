"""What `verify` refuses, and which sentence and kind each refusal gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4QueryAuth

from glueball.wire.refusals import AwsCode, Refusal, SignatureRefused, code_for
from glueball.wire.signed_payload import PayloadForm
from glueball.wire.sigv4 import SignedRequest
from wire.signing import (
    BODY,
    ENDPOINT,
    NOW,
    check,
    header,
    json_request,
    sign,
    with_header,
)

MINUTE = 60
DAY = 24 * 3600


def refusal(
    request: SignedRequest, *, services: str = "glue", now: float = NOW
) -> SignatureRefused:
    """Return the error with which the request is refused."""
    with pytest.raises(SignatureRefused) as refused:
        check(request, services=services, now=now)
    return refused.value


def object_request(**options: str) -> SignedRequest:
    return sign(S3SigV4Auth, method="PUT", url=f"{ENDPOINT}/b/k", service="s3", headers=options)


def link(**options: int) -> SignedRequest:
    return sign(S3SigV4QueryAuth, method="GET", url=f"{ENDPOINT}/b/k", service="s3", **options)  # type: ignore[arg-type]


def authorization(
    credential: str = "AKIAIOSFODNN7EXAMPLE/20260314/us-east-1/glue/aws4_request",
    signed: str = "host;x-amz-date",
    signature: str = "0" * 64,
) -> str:
    return (
        f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature={signature}"
    )


class TestTime:
    """Attack 6: a request lives for 15 minutes, on either side of our clock."""

    @pytest.mark.parametrize("minutes", [0, 14, -14, 15, -15])
    def test_within_the_skew(self, minutes: int) -> None:
        check(json_request(), now=NOW + minutes * MINUTE)

    @pytest.mark.parametrize(
        ("minutes", "sentence"),
        [
            pytest.param(16, "Signature expired", id="captured and replayed later"),
            pytest.param(-16, "Signature not yet current", id="signed for the future"),
        ],
    )
    def test_beyond_the_skew(self, minutes: int, sentence: str) -> None:
        error = refusal(json_request(), now=NOW + minutes * MINUTE)
        assert error.kind is Refusal.EXPIRED
        assert sentence in error.message
        assert "clock" in error.message

    def test_a_date_header_ages_as_well(self) -> None:
        request = sign(headers={"Date": "set by botocore"})
        check(request, now=NOW + 14 * MINUTE)
        assert refusal(request, now=NOW + 16 * MINUTE).kind is Refusal.EXPIRED

    def test_an_unsigned_date_header_is_no_date(self) -> None:
        request = sign(headers={"Date": "set by botocore"})
        bare = header(request, "authorization").replace("date;", "").replace(";date", "")
        assert refusal(with_header(request, "authorization", bare)).kind is Refusal.MALFORMED

    @pytest.mark.parametrize(
        "date",
        [
            pytest.param("20260314T150926", id="no zone"),
            pytest.param("2026-03-14T15:09:26Z", id="extended form"),
            pytest.param("20260230T150926Z", id="30 February"),
            pytest.param("00000314T150926Z", id="year 0"),
            pytest.param("٢٠٢٦0314T150926Z", id="digits that are not ASCII"),
            pytest.param("", id="empty"),
        ],
    )
    def test_dates_that_are_none(self, date: str) -> None:
        error = refusal(with_header(json_request(), "x-amz-date", date))
        assert error.kind is Refusal.MALFORMED
        assert "20150830T123600Z" in error.message


class TestPresignedTime:
    @pytest.mark.parametrize(
        ("seconds", "kind"),
        [
            pytest.param(0, None, id="at once"),
            pytest.param(60, None, id="in its last second"),
            pytest.param(61, Refusal.LINK_EXPIRED, id="a second later"),
            pytest.param(-14 * MINUTE, None, id="the client's clock is ahead, within the skew"),
            pytest.param(-16 * MINUTE, Refusal.EXPIRED, id="signed for the future"),
        ],
    )
    def test_a_link_of_a_minute(self, seconds: int, kind: Refusal | None) -> None:
        request = link(expires=60)
        if kind is None:
            check(request, services="s3", now=NOW + seconds)
        else:
            assert refusal(request, services="s3", now=NOW + seconds).kind is kind

    @pytest.mark.parametrize("expires", [1, 7 * DAY])
    def test_shortest_and_longest_life(self, expires: int) -> None:
        check(link(expires=expires), services="s3", now=NOW + expires)

    @pytest.mark.parametrize("expires", [0, -1, 7 * DAY + 1, 10**30])
    def test_lives_that_are_refused(self, expires: int) -> None:
        error = refusal(link(expires=expires), services="s3")
        assert error.kind is Refusal.MALFORMED_QUERY
        assert "604800" in error.message


class TestScope:
    """Attack 5: a signature is good for one day and one service."""

    def test_of_another_service(self) -> None:
        error = refusal(json_request(service="s3"))
        assert error.kind is Refusal.SCOPE
        assert "'s3'" in error.message

    def test_any_region_is_served_and_told(self) -> None:
        assert check(json_request(region="eu-west-1")).region == "eu-west-1"

    def test_a_region_is_bound_by_the_signature(self) -> None:
        request = json_request(region="eu-west-1")
        moved = header(request, "authorization").replace("/eu-west-1/", "/us-east-1/")
        error = refusal(with_header(request, "authorization", moved))
        assert error.kind is Refusal.MISMATCH

    def test_of_another_day(self) -> None:
        request = json_request()
        moved = header(request, "authorization").replace("/20260314/", "/20260313/")
        error = refusal(with_header(request, "authorization", moved))
        assert error.kind is Refusal.SCOPE
        assert "20260313" in error.message

    def test_midnight_between_signing_and_arrival(self) -> None:
        midnight = NOW - NOW % DAY
        check(json_request(at=midnight - 1), now=midnight + 5)

    def test_another_terminator(self) -> None:
        request = json_request()
        moved = header(request, "authorization").replace("/aws4_request", "/aws5_request")
        assert refusal(with_header(request, "authorization", moved)).kind is Refusal.SCOPE

    def test_a_service_with_several_signing_names(self) -> None:
        request = json_request(service="monitoring")
        assert check(request, services=("cloudwatch", "monitoring")).service == "monitoring"


class TestCoverage:
    """Attack 8: what carries meaning must be signed."""

    @pytest.mark.parametrize(
        "name",
        ["host", "x-amz-date", "x-amz-target", "content-type", "x-amz-security-token", "x-amz-acl"],
    )
    def test_left_out_of_the_signed_headers(self, name: str) -> None:
        request = json_request(token="AQoD", headers={"x-amz-acl": "private"})
        value = header(request, "authorization")
        names = value.partition("SignedHeaders=")[2].partition(",")[0]
        fewer = ";".join(other for other in names.split(";") if other != name)
        error = refusal(with_header(request, "authorization", value.replace(names, fewer)))
        assert error.kind is Refusal.UNSIGNED_HEADER
        assert error.fields["HeadersNotSigned"] == name

    def test_a_target_added_to_a_request_without_one(self) -> None:
        request = with_header(sign(), "x-amz-target", "AWSGlue.DeleteDatabase")
        assert refusal(request).kind is Refusal.UNSIGNED_HEADER

    def test_a_presigned_url_with_an_unsigned_amz_header(self) -> None:
        request = with_header(link(), "x-amz-copy-source", "/b/secret")
        assert refusal(request, services="s3").kind is Refusal.UNSIGNED_HEADER

    def test_content_type_of_other_protocols_may_be_unsigned(self) -> None:
        check(with_header(sign(service="sts"), "content-type", "text/plain"), services="sts")

    def test_a_signed_header_that_was_lost_on_the_way(self) -> None:
        request = with_header(sign(headers={"x-custom": "1"}), "x-custom", None)
        error = refusal(request)
        assert error.kind is Refusal.MISMATCH
        assert "x-custom" in error.message


class TestDuplicates:
    """Attack 9: two of what must be one mean two readings of one request."""

    @pytest.mark.parametrize(
        "name",
        ["authorization", "x-amz-target", "host", "x-amz-date", "content-type"],
    )
    @pytest.mark.parametrize("same", [True, False])
    def test_headers(self, name: str, same: bool) -> None:
        request = json_request()
        second = header(request, name) if same else "evil.example"
        doubled = replace(request, headers=[*request.headers, (name.encode(), second.encode())])
        error = refusal(doubled)
        assert error.kind is Refusal.DUPLICATE
        assert name in error.message

    @pytest.mark.parametrize("name", [b"X-Amz-Signature", b"X-Amz-Credential", b"X-Amz-Expires"])
    def test_query_parameters(self, name: bytes) -> None:
        request = link()
        doubled = replace(request, query=request.query + b"&" + name + b"=1")
        assert refusal(doubled, services="s3").kind is Refusal.DUPLICATE

    def test_two_signatures(self) -> None:
        request = replace(object_request(), query=link().query)
        assert refusal(request, services="s3").kind is Refusal.DUPLICATE


class TestMalformed:
    """Attack 4: an Authorization header that is none."""

    @pytest.mark.parametrize(
        ("value", "kind"),
        [
            pytest.param(None, Refusal.MISSING, id="none at all"),
            pytest.param("", Refusal.UNSUPPORTED, id="empty"),
            pytest.param("garbage", Refusal.UNSUPPORTED, id="a word"),
            pytest.param("Bearer eyJhbGciOi", Refusal.UNSUPPORTED, id="bearer token"),
            pytest.param("Basic YWRhOmJhYmJhZ2U=", Refusal.UNSUPPORTED, id="password"),
            pytest.param("AWS AKIA:c2ln", Refusal.UNSUPPORTED, id="SigV2"),
            pytest.param("AWS4-ECDSA-P256-SHA256 Credential=a", Refusal.UNSUPPORTED, id="SigV4A"),
            pytest.param("AWS4-HMAC-SHA256", Refusal.MALFORMED, id="algorithm only"),
            pytest.param("AWS4-HMAC-SHA256 Credential=a/b", Refusal.MALFORMED, id="truncated"),
            pytest.param(authorization()[:-1], Refusal.MALFORMED, id="a digit short"),
            pytest.param(authorization(signature="A" * 64), Refusal.MALFORMED, id="upper case"),
            pytest.param(authorization(credential="a/b"), Refusal.MALFORMED, id="two parts"),
            pytest.param(
                authorization(credential="a/b/c/d/e/aws4_request"),
                Refusal.MALFORMED,
                id="six parts",
            ),
            pytest.param(
                authorization(credential="/20260314/us-east-1/glue/aws4_request"),
                Refusal.MALFORMED,
                id="no key",
            ),
            pytest.param(authorization(signed="x-amz-date;host"), Refusal.MALFORMED, id="unsorted"),
            pytest.param(authorization(signed="host;host"), Refusal.MALFORMED, id="one twice"),
            pytest.param(authorization(signed="Host"), Refusal.MALFORMED, id="capital letter"),
            pytest.param(authorization(signed="host;"), Refusal.MALFORMED, id="empty name"),
            pytest.param(
                authorization() + ", Signature=" + "0" * 64, Refusal.MALFORMED, id="one part twice"
            ),
            pytest.param(authorization() + "\r\nX-Evil: 1", Refusal.MALFORMED, id="line break"),
            pytest.param("AWS4-HMAC-SHA256 " + "," * 5000, Refusal.MALFORMED, id="commas"),
        ],
    )
    def test_authorization(self, value: str | None, kind: Refusal) -> None:
        error = refusal(with_header(json_request(), "authorization", value))
        assert error.kind is kind
        for protocol in ("json", "query"):
            assert code_for(error.kind, protocol).status == 403

    @pytest.mark.parametrize("secret", ["eyJhbGciOi", "YWRhOmJhYmJhZ2U="])
    def test_what_was_sent_is_not_repeated(self, secret: str) -> None:
        error = refusal(with_header(json_request(), "authorization", f"Bearer {secret}"))
        assert secret not in error.message

    def test_missing_parts_are_named_as_aws_does(self) -> None:
        error = refusal(
            with_header(json_request(), "authorization", "AWS4-HMAC-SHA256 Signature=0")
        )
        assert "Authorization header requires 'Credential' parameter." in error.message
        assert "requires 'Signature'" not in error.message

    def test_no_date_at_all(self) -> None:
        error = refusal(with_header(sign(), "x-amz-date", None))
        assert "requires existence of either a 'X-Amz-Date' or a 'Date' header" in error.message

    @pytest.mark.parametrize(
        ("old", "new", "kind"),
        [
            ("X-Amz-Algorithm=AWS4-HMAC-SHA256", "", Refusal.MALFORMED_QUERY),
            ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1", Refusal.MALFORMED_QUERY),
            ("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256", Refusal.UNSUPPORTED),
            ("X-Amz-Expires=3600", "", Refusal.MALFORMED_QUERY),
            ("X-Amz-Expires=3600", "X-Amz-Expires=1e3", Refusal.MALFORMED_QUERY),
            ("X-Amz-Date=2026", "X-Amz-Date=x", Refusal.MALFORMED_QUERY),
            ("X-Amz-Signature=", "X-Amz-Signature=z", Refusal.MALFORMED_QUERY),
            ("%2Faws4_request", "", Refusal.MALFORMED_QUERY),
            ("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=", Refusal.MALFORMED_QUERY),
            ("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=date", Refusal.UNSIGNED_HEADER),
        ],
    )
    def test_presigned(self, old: str, new: str, kind: Refusal) -> None:
        request = link()
        query = request.query.decode().replace(old, new)
        assert refusal(replace(request, query=query.encode()), services="s3").kind is kind

    def test_sigv2_in_the_query_of_another_service(self) -> None:
        request = SignedRequest(
            method="GET",
            path=b"/b/k",
            query=b"AWSAccessKeyId=AKIA&Signature=c2ln&Expires=1",
            headers=[(b"host", b"h")],
            body_sha256=None,
        )
        assert refusal(request, services="glue").kind is Refusal.UNSUPPORTED


class TestPayload:
    """Attack 7: the body's hash is ours, never the client's word."""

    def test_body_altered_and_header_kept(self) -> None:
        request = sign(S3SigV4Auth, method="PUT", body=BODY, sent=b"evil", service="s3")
        error = refusal(request, services="s3")
        assert error.kind is Refusal.PAYLOAD_MISMATCH

    def test_body_altered_at_a_service_that_ignores_the_header(self) -> None:
        assert refusal(json_request(sent=b"evil")).kind is Refusal.MISMATCH

    @pytest.mark.parametrize("stated", ["UNSIGNED-PAYLOAD", "0" * 64, "\N{SNOWMAN}"])
    def test_other_services_do_not_believe_a_stated_hash(self, stated: str) -> None:
        request = json_request(headers={"X-Amz-Content-SHA256": "replaced"})
        error = refusal(with_header(request, "x-amz-content-sha256", stated))
        assert error.kind is Refusal.PAYLOAD_MISMATCH

    def test_other_services_must_have_read_the_body(self) -> None:
        with pytest.raises(ValueError, match="only S3"):
            check(replace(json_request(), body_sha256=None))

    @pytest.mark.parametrize(
        "form", [form for form in PayloadForm if form is not PayloadForm.LITERAL]
    )
    def test_forms_of_s3(self, form: PayloadForm) -> None:
        request = sign(Stated, method="PUT", service="s3", headers={"stated": form.value})
        payload = check(replace(request, body_sha256=None), services="s3").payload
        assert payload.form is form
        assert (payload.seed is not None) is form.signs_chunks
        assert "signing_key" not in repr(payload)

    @pytest.mark.parametrize(
        ("stated", "kind"),
        [
            (None, Refusal.PAYLOAD_UNSTATED),
            ("", Refusal.PAYLOAD_FORM),
            ("LITERAL", Refusal.PAYLOAD_FORM),
            ("0" * 63, Refusal.PAYLOAD_FORM),
            ("STREAMING-UNKNOWN", Refusal.PAYLOAD_FORM),
            ("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", Refusal.UNSUPPORTED),
        ],
    )
    def test_what_s3_does_not_take(self, stated: str | None, kind: Refusal) -> None:
        request = object_request()
        changed = with_header(request, "x-amz-content-sha256", stated)
        if stated is None:
            signed = header(request, "authorization").replace("x-amz-content-sha256;", "")
            changed = with_header(changed, "authorization", signed)
        assert refusal(changed, services="s3").kind is kind


class Stated(S3SigV4Auth):
    """botocore's signer, with the payload form that the test asks for."""

    def payload(self, request: object) -> str:
        headers: Mapping[str, str] = request.headers  # type: ignore[attr-defined]
        return headers["stated"]


class TestSessionTokens:
    def test_in_the_header_and_in_the_query(self) -> None:
        header_form = json_request(token="AQoD/+=")
        query_form = sign(SigV4QueryAuth, method="GET", service="sts", token="AQoD/+=")
        assert "X-Amz-Security-Token=AQoD%2F%2B%3D" in query_form.query.decode()
        for request, service in ((header_form, "glue"), (query_form, "sts")):
            check(request, services=service)

    def test_in_the_query_and_in_a_header_as_well(self) -> None:
        request = sign(SigV4QueryAuth, method="GET", service="sts", token="AQoD")
        both = with_header(request, "x-amz-security-token", "other")
        assert refusal(both, services="sts").kind is Refusal.MALFORMED_QUERY


class TestCodes:
    @pytest.mark.parametrize("protocol", ["json", "rest-json", "query", "ec2", "rest-xml"])
    def test_every_refusal_has_a_name_in_every_protocol(self, protocol: str) -> None:
        for kind in Refusal:
            assert code_for(kind, protocol).status in (400, 403)

    @pytest.mark.parametrize(
        ("kind", "protocol", "code"),
        [
            (Refusal.MISSING, "json", AwsCode("MissingAuthenticationTokenException", 403)),
            (Refusal.MISMATCH, "json", AwsCode("InvalidSignatureException", 403)),
            (Refusal.UNKNOWN_KEY, "json", AwsCode("UnrecognizedClientException", 403)),
            (Refusal.UNKNOWN_KEY, "query", AwsCode("InvalidClientTokenId", 403)),
            (Refusal.EXPIRED, "query", AwsCode("RequestExpired", 400)),
            (Refusal.EXPIRED, "rest-xml", AwsCode("RequestTimeTooSkewed", 403)),
            (Refusal.MISMATCH, "rest-xml", AwsCode("SignatureDoesNotMatch", 403)),
            (Refusal.MALFORMED, "rest-xml", AwsCode("AuthorizationHeaderMalformed", 400)),
        ],
    )
    def test_names_that_clients_look_for(self, kind: Refusal, protocol: str, code: AwsCode) -> None:
        assert code_for(kind, protocol) == code

    def test_no_protocol_of_that_name(self) -> None:
        with pytest.raises(KeyError):
            code_for(Refusal.MISSING, "smtp")
