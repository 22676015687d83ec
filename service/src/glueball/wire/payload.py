"""Reading a request's payload: the framing taken off, every promise of its headers checked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from glueball.wire import checksums
from glueball.wire.chunked import ChunkedDecoder
from glueball.wire.payload_errors import (
    BadDigest,
    EntityTooLarge,
    IncompleteBody,
    InvalidDigest,
    InvalidRequest,
    MalformedTrailer,
    MissingContentLength,
)
from glueball.wire.refusals import Refusal, SignatureRefused
from glueball.wire.signed_payload import PayloadForm, SignedPayload

_LENGTH = re.compile(r"[0-9]{1,18}")
#: headers that start like a checksum but speak of one
_NOT_CHECKSUMS = frozenset(
    ("x-amz-checksum-algorithm", "x-amz-checksum-mode", "x-amz-checksum-type")
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Payload:
    """What is known of a payload once all of it was read and found right."""

    size: int  #: bytes, decoded
    md5: str  #: hex
    sha256: str  #: hex
    #: base64 by S3 algorithm name: what the client sent, by header or trailer, and was right
    checksums: Mapping[str, str] = field(default_factory=dict)


class PayloadDecoder:
    """Decodes a payload piece by piece: `feed` each piece, then `finish`.

    What `feed` returns is not to be trusted before `finish` returned: keep it aside until then.

    Args:
        payload: from `sigv4.verify`.
        headers: of the request, names in lower case.
        limit: the most decoded bytes that are taken.
        of_part: whether checksum headers speak of this payload. False for
            CompleteMultipartUpload, whose headers speak of the whole object.

    Raises:
        MissingContentLength: chunks without `x-amz-decoded-content-length`.
        EntityTooLarge: the announced length is over the limit.
        InvalidDigest, InvalidRequest: a checksum header that cannot be right.
    """

    def __init__(
        self,
        payload: SignedPayload,
        headers: Sequence[tuple[bytes, bytes]],
        *,
        limit: int,
        of_part: bool = True,
    ) -> None:
        values = {
            name.decode("latin-1"): value.strip().decode("latin-1") for name, value in headers
        }
        self._payload = payload
        self._limit = limit
        self._announced = _announced_length(payload, values)
        if self._announced is not None and self._announced > limit:
            raise _too_large(limit)
        most = limit if self._announced is None else self._announced
        self._chunks = ChunkedDecoder(payload, limit=most) if payload.form.chunked else None
        self._trailer_names = _trailer_names(payload, values)
        self._content_md5 = _content_md5(values)
        self._expected = _checksum_headers(values, self._trailer_names) if of_part else {}
        trailing = {checksums.BY_HEADER[name] for name in self._trailer_names}
        self._running = {
            name: checksums.ALGORITHMS[name]() for name in self._expected.keys() | trailing
        }
        self._size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()

    def feed(self, data: bytes) -> bytes:
        """Return the decoded bytes that `data` completes.

        Raises:
            IncompleteBody: more bytes than announced, or broken framing.
            EntityTooLarge: over the limit.
            InvalidChunkSize, MalformedTrailer, SignatureRefused: see `ChunkedDecoder.feed`.
        """
        decoded = data if self._chunks is None else self._chunks.feed(data)
        self._size += len(decoded)
        if self._announced is not None and self._size > self._announced:
            raise _wrong_length(self._announced, "more")
        if self._size > self._limit:
            raise _too_large(self._limit)
        self._md5.update(decoded)
        self._sha256.update(decoded)
        for checksum in self._running.values():
            checksum.update(decoded)
        return decoded

    def finish(self) -> Payload:
        """Check everything that only the whole payload shows, and return what is known of it.

        Raises:
            IncompleteBody: fewer bytes than announced.
            MalformedTrailer: the trailing headers are not those that were announced.
            SignatureRefused: the hash is not the one that was signed.
            BadDigest: a checksum or `Content-MD5` does not fit.
            InvalidRequest: a trailing checksum that cannot be right.
        """
        trailers = self._chunks.finish() if self._chunks else {}
        if self._announced is not None and self._size != self._announced:
            raise _wrong_length(self._announced, "fewer")
        self._check_hash()
        if self._content_md5 is not None and self._content_md5 != self._md5.digest():
            raise BadDigest("The Content-MD5 you specified did not match what we received.")
        expected = {**self._expected, **self._trailing_checksums(trailers)}
        for name, value in expected.items():
            if self._running[name].digest() != value:
                raise BadDigest(f"The {name} you specified did not match the calculated checksum.")
        return Payload(
            size=self._size,
            md5=self._md5.hexdigest(),
            sha256=self._sha256.hexdigest(),
            checksums={name: checksums.encode(value) for name, value in expected.items()},
        )

    def _check_hash(self) -> None:
        if self._payload.form is not PayloadForm.LITERAL:
            return
        computed = self._sha256.hexdigest()
        if computed != self._payload.sha256:
            raise SignatureRefused(
                Refusal.PAYLOAD_MISMATCH,
                "The provided 'x-amz-content-sha256' header does not match what was computed: "
                "the body is not the one that was signed.",
                ClientComputedContentSHA256=self._payload.sha256 or "",
                S3ComputedContentSHA256=computed,
            )

    def _trailing_checksums(self, trailers: Mapping[str, str]) -> dict[str, bytes]:
        if set(trailers) != set(self._trailer_names):
            raise MalformedTrailer(
                "The trailing headers of the payload are not those that x-amz-trailer announced."
            )
        return {
            checksums.BY_HEADER[name]: _checksum_value(name, value)
            for name, value in trailers.items()
        }


def _announced_length(payload: SignedPayload, values: Mapping[str, str]) -> int | None:
    name = "x-amz-decoded-content-length" if payload.form.chunked else "content-length"
    text = values.get(name)
    if text is None and payload.form.chunked:
        raise MissingContentLength(
            "You must provide the x-amz-decoded-content-length header with a chunked payload."
        )
    if text is not None and not _LENGTH.fullmatch(text):
        raise InvalidRequest(f"The value of the {name} header is not a length.")
    return None if text is None else int(text)


def _trailer_names(payload: SignedPayload, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the trailing headers that the request announced; all must be checksums we know."""
    if not payload.form.has_trailer:
        return ()
    announced = values.get("x-amz-trailer", "").lower()
    names = tuple(name.strip() for name in announced.split(",") if name.strip())
    for name in names:
        if name not in checksums.BY_HEADER:
            raise InvalidRequest(
                "The value specified in the x-amz-trailer header is not supported; supported "
                f"are {', '.join(checksums.BY_HEADER)}."
            )
    return names


def _content_md5(values: Mapping[str, str]) -> bytes | None:
    text = values.get("content-md5")
    if text is None:
        return None
    value = checksums.decode(text, 16)
    if value is None:
        raise InvalidDigest("The Content-MD5 you specified was invalid.")
    return value


def _checksum_headers(values: Mapping[str, str], trailers: Sequence[str]) -> dict[str, bytes]:
    names = [name for name in values if name.startswith("x-amz-checksum-")]
    names = [name for name in names if name not in _NOT_CHECKSUMS]
    if len(names) + len(trailers) > 1:
        raise InvalidRequest(
            "Expecting a single x-amz-checksum- header. Multiple checksum types are not allowed."
        )
    for name in names:
        if name not in checksums.BY_HEADER:
            raise InvalidRequest(
                f"The checksum of {name} is not supported; supported are "
                f"{', '.join(checksums.ALGORITHMS)}."
            )
    return {checksums.BY_HEADER[name]: _checksum_value(name, values[name]) for name in names}


def _checksum_value(header: str, text: str) -> bytes:
    size = len(checksums.ALGORITHMS[checksums.BY_HEADER[header]]().digest())
    value = checksums.decode(text, size)
    if value is None:
        raise InvalidRequest(f"Value for {header} header is invalid.")
    return value


def _wrong_length(announced: int, how: str) -> IncompleteBody:
    return IncompleteBody(
        "You did not provide the number of bytes specified by the Content-Length HTTP header: "
        f"{how} than {announced} came."
    )


def _too_large(limit: int) -> EntityTooLarge:
    return EntityTooLarge(
        f"Your proposed upload exceeds the maximum allowed size of {limit} bytes.",
        MaxSizeAllowed=str(limit),
    )
