"""The aws-chunked framing, which S3 clients use to sign or checksum a payload while they send it.

::

    <hex size>[;chunk-signature=<hex>]\\r\\n<data>\\r\\n     repeated; the last has size 0
    <name>:<value>\\r\\n                                 in the trailer forms
    x-amz-trailer-signature:<hex>\\r\\n                  if trailers are signed
    \\r\\n

In the trailer forms no empty line follows the chunk of size 0.

Source: S3 API Reference, "Signature calculations … transferring payload in multiple chunks" and
"… including trailing headers".
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from enum import Enum, auto
from hashlib import sha256

from glueball.wire.payload_errors import IncompleteBody, InvalidChunkSize, MalformedTrailer
from glueball.wire.refusals import Refusal, SignatureRefused
from glueball.wire.signed_payload import SignedPayload

_LONGEST_LINE = 1024  #: bytes; a size line has at most 98, a trailer with SHA-512 about 120
_MOST_TRAILERS = 16
_PLAIN_SIZE = re.compile(rb"([0-9a-fA-F]{1,16})")
_SIGNED_SIZE = re.compile(rb"([0-9a-fA-F]{1,16});chunk-signature=([0-9a-f]{64})")
_TRAILER = re.compile(r"([A-Za-z0-9-]{1,64})[ \t]*:[ \t]*([!-~]+(?: [!-~]+)*)\s*", re.ASCII)
_TRAILER_SIGNATURE = "x-amz-trailer-signature"
_EMPTY_SHA256 = sha256().hexdigest()


class _Expects(Enum):
    SIZE = auto()
    DATA = auto()
    DATA_END = auto()
    TRAILER = auto()
    NOTHING = auto()


class ChunkedDecoder:
    """Takes the framing off a payload piece by piece and verifies its chain of signatures.

    What `feed` returns is not to be trusted before `finish` returned.

    Args:
        payload: from `sigv4.verify`; of a chunked form.
        limit: the most bytes that one chunk may hold.
    """

    def __init__(self, payload: SignedPayload, *, limit: int) -> None:
        self._form = payload.form
        self._seed = payload.seed
        self._signature = payload.seed.signature if payload.seed else ""
        self._limit = limit
        self._pending = bytearray()
        self._expects = _Expects.SIZE
        self._left = 0  # bytes of the current chunk that are still to come
        self._last = False  # the current chunk is the one of size 0
        self._chunk_hash = sha256()
        self._chunk_signature = ""
        self._trailers: dict[str, str] = {}

    def feed(self, data: bytes) -> bytes:
        """Return the payload bytes that `data` completes.

        Raises:
            IncompleteBody: the framing is broken.
            InvalidChunkSize: a chunk is over the limit.
            MalformedTrailer: a trailing header cannot be read.
            SignatureRefused: a chunk, or the trailer, is not the one that was signed.
        """
        self._pending += data
        pieces: list[bytes] = []
        steps = {
            _Expects.SIZE: self._take_size,
            _Expects.DATA_END: self._take_data_end,
            _Expects.TRAILER: self._take_trailer,
        }
        while self._pending:
            if self._expects is _Expects.DATA:
                pieces.append(self._take_data())
            elif self._expects is _Expects.NOTHING:
                raise IncompleteBody("There is data after the last chunk of the payload.")
            elif not steps[self._expects]():
                break
        return b"".join(pieces)

    def finish(self) -> Mapping[str, str]:
        """Return the trailing headers, names in lower case.

        Raises:
            IncompleteBody: the payload ended before its last chunk or trailer did.
        """
        if self._expects is not _Expects.NOTHING:
            raise IncompleteBody("The request body ended before its last chunk was complete.")
        return self._trailers

    def _take_size(self) -> bool:
        line = self._take_line()
        if line is None:
            return False
        match = (_SIGNED_SIZE if self._seed else _PLAIN_SIZE).fullmatch(line)
        if match is None:
            raise IncompleteBody("The payload is not well-formed aws-chunked data.")
        self._left = int(match[1], 16)
        if self._left > self._limit:
            raise InvalidChunkSize("A chunk is larger than the length that the request announced.")
        self._last = self._left == 0
        self._chunk_hash = sha256()
        self._chunk_signature = match[2].decode() if self._seed else ""
        self._expects = _Expects.DATA
        if self._last:
            self._check_chunk()
            self._expects = _Expects.TRAILER if self._form.has_trailer else _Expects.DATA_END
        return True

    def _take_data(self) -> bytes:
        with memoryview(self._pending) as pending, pending[: self._left] as part:
            data = bytes(part)
        del self._pending[: len(data)]
        self._left -= len(data)
        if self._seed:
            self._chunk_hash.update(data)
        if not self._left:
            self._check_chunk()
            self._expects = _Expects.DATA_END
        return data

    def _take_data_end(self) -> bool:
        if len(self._pending) < 2:
            return False
        if self._pending[:2] != b"\r\n":
            raise IncompleteBody("A chunk does not end where its size says.")
        del self._pending[:2]
        self._expects = _Expects.NOTHING if self._last else _Expects.SIZE
        return True

    def _take_trailer(self) -> bool:
        line = self._take_line()
        if line is None:
            return False
        if not line:
            self._end_trailers()
            return True
        match = _TRAILER.fullmatch(line.decode("latin-1"))
        if match is None or len(self._trailers) == _MOST_TRAILERS:
            raise MalformedTrailer("The trailing headers of the payload are not well-formed.")
        name = match[1].lower()
        if name in self._trailers or _TRAILER_SIGNATURE in self._trailers:
            raise MalformedTrailer(
                "A trailing header came twice, or after the trailer's signature."
            )
        self._trailers[name] = match[2]
        return True

    def _take_line(self) -> bytes | None:
        end = self._pending.find(b"\r\n", 0, _LONGEST_LINE + 2)
        if end < 0:
            if len(self._pending) > _LONGEST_LINE + 1:
                raise IncompleteBody("The payload is not well-formed aws-chunked data.")
            return None
        line = bytes(self._pending[:end])
        del self._pending[: end + 2]
        return line

    def _check_chunk(self) -> None:
        if self._seed is None:
            return
        expected = self._seed.sign(
            b"AWS4-HMAC-SHA256-PAYLOAD",
            self._signature,
            _EMPTY_SHA256,
            self._chunk_hash.hexdigest(),
        )
        self._advance(expected, self._chunk_signature, "A chunk of the payload")

    def _end_trailers(self) -> None:
        signature = self._trailers.pop(_TRAILER_SIGNATURE, "")
        if self._seed is not None:
            canonical = "".join(f"{name}:{value}\n" for name, value in self._trailers.items())
            expected = self._seed.sign(
                b"AWS4-HMAC-SHA256-TRAILER",
                self._signature,
                sha256(canonical.encode()).hexdigest(),
            )
            self._advance(expected, signature, "The payload's trailer")
        self._expects = _Expects.NOTHING

    def _advance(self, expected: str, sent: str, what: str) -> None:
        if not hmac.compare_digest(expected, sent):
            raise SignatureRefused(
                Refusal.MISMATCH,
                f"{what} does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method.",
            )
        self._signature = expected
