"""Payloads in every form, whole, broken and altered."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Iterator, Sequence
from hashlib import md5, sha256
from zlib import crc32

import pytest
from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum
from hypothesis import given
from hypothesis import strategies as st

from glueball.core.errors import AwsError
from glueball.wire import checksums
from glueball.wire.payload import Payload, PayloadDecoder
from glueball.wire.payload_errors import (
    BadDigest,
    EntityTooLarge,
    IncompleteBody,
    InvalidChunkSize,
    InvalidDigest,
    InvalidRequest,
    MalformedTrailer,
    MissingContentLength,
)
from glueball.wire.refusals import Refusal, SignatureRefused
from glueball.wire.signed_payload import PayloadForm, SignedPayload
from wire.chunks import signed_payload, write

BODY = b"flight,delay\nUA1545,11\n" * 3
LIMIT = 1 << 20
CHUNKED = [form for form in PayloadForm if form.chunked]
CRC32 = base64.b64encode(crc32(BODY).to_bytes(4, "big")).decode()


def literal(body: bytes = BODY) -> SignedPayload:
    return SignedPayload(form=PayloadForm.LITERAL, sha256=sha256(body).hexdigest())


def read(
    payload: SignedPayload,
    pieces: Iterable[bytes],
    headers: dict[str, str] | None = None,
    *,
    limit: int = LIMIT,
    of_part: bool = True,
) -> tuple[bytes, Payload]:
    """Decode a payload that comes in pieces."""
    pairs = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    decoder = PayloadDecoder(payload, pairs, limit=limit, of_part=of_part)
    decoded = b"".join([decoder.feed(piece) for piece in pieces])
    return decoded, decoder.finish()


def announcing(body: bytes, trailers: Sequence[str] = ()) -> dict[str, str]:
    headers = {"x-amz-decoded-content-length": str(len(body))}
    return headers | ({"x-amz-trailer": ",".join(trailers)} if trailers else {})


def cut(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


class TestWhole:
    @given(st.binary(max_size=300), st.integers(1, 50))
    def test_literal(self, body: bytes, size: int) -> None:
        decoded, found = read(literal(body), cut(body, size), {"content-length": str(len(body))})
        assert decoded == body
        assert found == Payload(
            size=len(body), md5=md5(body).hexdigest(), sha256=sha256(body).hexdigest()
        )

    def test_unsigned(self) -> None:
        assert read(SignedPayload(form=PayloadForm.UNSIGNED), [BODY])[0] == BODY

    @pytest.mark.parametrize("form", CHUNKED)
    @given(
        chunks=st.lists(st.binary(min_size=1, max_size=40), max_size=6), size=st.integers(1, 200)
    )
    def test_chunked(self, form: PayloadForm, chunks: list[bytes], size: int) -> None:
        payload, body = signed_payload(form), b"".join(chunks)
        value = base64.b64encode(crc32(body).to_bytes(4, "big")).decode()
        trailers = {"x-amz-checksum-crc32": value} if form.has_trailer else {}
        written = write(payload, chunks, trailers)
        decoded, found = read(payload, cut(written, size), announcing(body, [*trailers]))
        assert decoded == body
        assert (found.size, found.md5) == (len(body), md5(body).hexdigest())
        assert found.checksums == ({"CRC32": value} if trailers else {})

    @given(st.binary(max_size=300), st.integers(1, 99))
    def test_botocore_as_oracle(self, body: bytes, size: int) -> None:
        wrapper = AwsChunkedWrapper(
            io.BytesIO(body),
            checksum_cls=Crc32Checksum,
            checksum_name="x-amz-checksum-crc32",
            chunk_size=size,
        )
        payload = signed_payload(PayloadForm.UNSIGNED_CHUNKS_TRAILER)
        headers = announcing(body, ["x-amz-checksum-crc32"])
        decoded, found = read(payload, cut(wrapper.read(), 7), headers)
        assert decoded == body
        assert found.checksums["CRC32"] == Crc32Checksum().handle(body)

    def test_the_example_that_aws_prints(self) -> None:
        seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
        payload = signed_payload(PayloadForm.SIGNED_CHUNKS_TRAILER, seed)
        body = b"a" * 66560
        written = (
            b"10000;chunk-signature="
            b"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n"
            + body[:65536]
            + b"\r\n400;chunk-signature="
            b"1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n"
            + body[65536:]
            + b"\r\n0;chunk-signature="
            b"2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
            b"x-amz-checksum-crc32c:sOO8/Q==\r\n"
            b"x-amz-trailer-signature:"
            b"d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"
        )
        headers = announcing(body, ["x-amz-checksum-crc32c"])
        decoded, found = read(payload, cut(written, 8192), headers)
        assert decoded == body
        assert found.checksums == {"CRC32C": "sOO8/Q=="}

    def test_trailer_lines_as_older_clients_end_them(self) -> None:
        payload = signed_payload(PayloadForm.UNSIGNED_CHUNKS_TRAILER)
        written = b"0\r\nx-amz-checksum-crc32:AAAAAA==\n\r\n\r\n"
        assert read(payload, [written], announcing(b"", ["x-amz-checksum-crc32"]))[0] == b""


class TestChecksums:
    @pytest.mark.parametrize("algorithm", [*checksums.ALGORITHMS])
    def test_right_and_wrong_in_a_header(self, algorithm: str) -> None:
        running = checksums.ALGORITHMS[algorithm]()
        running.update(BODY)
        value = checksums.encode(running.digest())
        headers = {checksums.header_of(algorithm): value}
        assert read(literal(), [BODY], headers)[1].checksums == {algorithm: value}
        with pytest.raises(BadDigest, match=algorithm):
            read(literal(b"other"), [b"other"], headers)

    def test_content_md5(self) -> None:
        value = base64.b64encode(md5(BODY).digest()).decode()
        read(literal(), [BODY], {"content-md5": value})
        with pytest.raises(BadDigest, match="Content-MD5"):
            read(literal(b"x"), [b"x"], {"content-md5": value})

    def test_of_the_whole_object_and_not_of_this_payload(self) -> None:
        headers = {"x-amz-checksum-crc32": "AAAAAA==-3", "x-amz-checksum-type": "COMPOSITE"}
        assert read(literal(), [BODY], headers, of_part=False)[1].checksums == {}

    def test_headers_that_speak_of_checksums_are_none(self) -> None:
        headers = {"x-amz-checksum-algorithm": "CRC32", "x-amz-checksum-crc32": CRC32}
        assert read(literal(), [BODY], headers)[1].checksums == {"CRC32": CRC32}

    @pytest.mark.parametrize(
        ("headers", "error"),
        [
            ({"content-md5": "short"}, InvalidDigest),
            ({"x-amz-checksum-crc32": "AAAA"}, InvalidRequest),
            ({"x-amz-checksum-crc32": "é"}, InvalidRequest),
            ({"x-amz-checksum-xxhash64": "AAAAAAAAAAA="}, InvalidRequest),
            ({"x-amz-checksum-crc32": CRC32, "x-amz-checksum-sha1": "x"}, InvalidRequest),
            ({"content-length": "-1"}, InvalidRequest),
        ],
    )
    def test_headers_that_cannot_be_right(
        self, headers: dict[str, str], error: type[AwsError]
    ) -> None:
        with pytest.raises(error):
            read(literal(), [BODY], headers)


class TestLengths:
    @pytest.mark.parametrize("announced", [len(BODY) - 1, len(BODY) + 1])
    def test_not_what_was_announced(self, announced: int) -> None:
        with pytest.raises(IncompleteBody):
            read(literal(), [BODY], {"content-length": str(announced)})

    @pytest.mark.parametrize("form", CHUNKED)
    def test_chunks_hold_fewer_than_announced(self, form: PayloadForm) -> None:
        payload = signed_payload(form)
        with pytest.raises(IncompleteBody):
            read(payload, [write(payload, [BODY])], announcing(BODY + b"x"))

    def test_chunks_hold_more_than_announced(self) -> None:
        payload = signed_payload(PayloadForm.SIGNED_CHUNKS)
        with pytest.raises(IncompleteBody):
            read(payload, [write(payload, [BODY, BODY])], announcing(BODY))
        with pytest.raises(InvalidChunkSize):
            read(payload, [write(payload, [BODY])], announcing(BODY[1:]))

    def test_over_the_limit(self) -> None:
        with pytest.raises(EntityTooLarge) as announced:
            read(literal(), [], {"content-length": "11"}, limit=10)
        assert announced.value.fields == {"MaxSizeAllowed": "10"}
        with pytest.raises(EntityTooLarge):
            read(literal(), [BODY], limit=10)

    @pytest.mark.parametrize("form", CHUNKED)
    def test_chunks_must_say_how_long_they_are(self, form: PayloadForm) -> None:
        with pytest.raises(MissingContentLength):
            read(signed_payload(form), [])


class TestAltered:
    def test_a_body_that_was_not_signed(self) -> None:
        with pytest.raises(SignatureRefused) as refused:
            read(literal(), [BODY + b"x"])
        assert refused.value.kind is Refusal.PAYLOAD_MISMATCH

    @pytest.mark.parametrize("form", CHUNKED)
    def test_every_bit_of_a_chunked_payload_counts(self, form: PayloadForm) -> None:
        payload = signed_payload(form)
        trailers = {"x-amz-checksum-crc32": CRC32} if form.has_trailer else {}
        written = write(payload, [BODY[:20], BODY[20:]], trailers)
        for position in range(len(written)):
            for bit in range(8):
                mutant = bytearray(written)
                mutant[position] ^= 1 << bit
                try:
                    decoded, _ = read(payload, [bytes(mutant)], announcing(BODY, [*trailers]))
                except AwsError:
                    continue
                # only the case of a size's digits, or of a trailer's name, says nothing
                assert bit == 5
                assert bytes(mutant).lower() == written.lower()
                assert decoded == BODY

    @pytest.mark.parametrize("form", CHUNKED)
    def test_truncated_anywhere(self, form: PayloadForm) -> None:
        payload = signed_payload(form)
        trailers = {"x-amz-checksum-crc32": CRC32} if form.has_trailer else {}
        written = write(payload, [BODY], trailers)
        for end in range(len(written)):
            with pytest.raises(IncompleteBody):
                read(payload, [written[:end]], announcing(BODY, [*trailers]))

    def test_chunks_in_another_order(self) -> None:
        payload = signed_payload(PayloadForm.SIGNED_CHUNKS)
        first, second = write(payload, [b"a"])[:-89], write(payload, [b"b"])[:-89]
        with pytest.raises(SignatureRefused):
            read(payload, [second + first], announcing(b"ab"))

    def test_signed_chunks_without_signatures(self) -> None:
        written = write(signed_payload(PayloadForm.UNSIGNED_CHUNKS_TRAILER), [BODY])
        with pytest.raises(IncompleteBody):
            read(signed_payload(PayloadForm.SIGNED_CHUNKS), [written], announcing(BODY))

    def test_a_signed_trailer_without_signature(self) -> None:
        payload = signed_payload(PayloadForm.SIGNED_CHUNKS_TRAILER)
        written = write(payload, [BODY]).partition(b"x-amz-trailer-signature")[0] + b"\r\n"
        with pytest.raises(SignatureRefused):
            read(payload, [written], announcing(BODY))


class TestFraming:
    @pytest.mark.parametrize(
        ("written", "error"),
        [
            pytest.param(b"zz\r\n", IncompleteBody, id="size is no number"),
            pytest.param(b"-1\r\n", IncompleteBody, id="negative"),
            pytest.param(b"0x1\r\na\r\n0\r\n\r\n", IncompleteBody, id="prefix"),
            pytest.param(b"1_0\r\n", IncompleteBody, id="underscore, which int() would take"),
            pytest.param(b"f" * 17 + b"\r\n", IncompleteBody, id="more than 64 bits"),
            pytest.param(b"f" * 16 + b"\r\n", InvalidChunkSize, id="16 EiB"),
            pytest.param(b"1\r\nab\r\n0\r\n\r\n", IncompleteBody, id="longer than its size"),
            pytest.param(b"1\na\n0\n\n", IncompleteBody, id="line feeds only"),
            pytest.param(b"1" * 5000, IncompleteBody, id="a size line without end"),
            pytest.param(b"1\r\na\r\n0\r\n\r\nx", IncompleteBody, id="data after the end"),
            pytest.param(b"1\r\na\r\n0\r\nfoo\r\n\r\n", MalformedTrailer, id="no value"),
            pytest.param(b"1\r\na\r\n0\r\na:b\r\na:b\r\n\r\n", MalformedTrailer, id="twice"),
            pytest.param(b"1\r\na\r\n0\r\na:b\r\n\r\n", MalformedTrailer, id="not announced"),
            pytest.param(
                b"1\r\na\r\n0\r\n" + b"".join(b"a%d:b\r\n" % number for number in range(99)),
                MalformedTrailer,
                id="trailers without end",
            ),
        ],
    )
    def test_broken(self, written: bytes, error: type[AwsError]) -> None:
        payload = signed_payload(PayloadForm.UNSIGNED_CHUNKS_TRAILER)
        with pytest.raises(error):
            read(payload, [written], announcing(b"a"))

    @given(st.binary(max_size=200), st.sampled_from(CHUNKED))
    def test_rubbish_never_crashes(self, written: bytes, form: PayloadForm) -> None:
        with pytest.raises(AwsError):
            read(signed_payload(form), [b"3\r\n" + written], announcing(b"abcd"))

    @pytest.mark.parametrize("announced", ["x-amz-meta-a", "host", "x-amz-checksum-xxhash3"])
    def test_trailers_that_are_not_taken(self, announced: str) -> None:
        payload = signed_payload(PayloadForm.UNSIGNED_CHUNKS_TRAILER)
        with pytest.raises(InvalidRequest):
            read(payload, [], announcing(b"", [announced]))

    def test_an_announced_trailer_that_does_not_come(self) -> None:
        payload = signed_payload(PayloadForm.UNSIGNED_CHUNKS_TRAILER)
        with pytest.raises(MalformedTrailer):
            read(payload, [b"0\r\n\r\n"], announcing(b"", ["x-amz-checksum-crc32"]))

    def test_a_trailing_checksum_beside_one_in_the_header(self) -> None:
        payload = signed_payload(PayloadForm.UNSIGNED_CHUNKS_TRAILER)
        headers = announcing(b"", ["x-amz-checksum-crc32"]) | {"x-amz-checksum-crc32": "AAAAAA=="}
        with pytest.raises(InvalidRequest, match="single"):
            read(payload, [b"0\r\n\r\n"], headers)
