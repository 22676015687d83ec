"""Payloads on their way to a file: up to 5 GB in flat memory, on the object store's volume."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from glueball.wire.bodies import SpooledBody
from glueball.wire.body import BodyReader
from glueball.wire.payload import Payload

#: bytes; S3's limit for one PUT
LARGEST_PAYLOAD = 5 * 1024**3
#: bytes that are hashed and written together; larger ones leave the event loop for a thread
_BLOCK = 256 * 1024


class Decoder(Protocol):
    """Takes the framing of a payload off; `PayloadDecoder` and `FormDecoder` are such."""

    def feed(self, data: bytes) -> bytes:
        """Return the decoded bytes that `data` completes."""
        ...

    def finish(self) -> Payload:
        """Return what is known of the payload once all of it was read."""
        ...


@asynccontextmanager
async def spooled(
    reader: BodyReader, decoder: Decoder, directory: Path, executor: Executor
) -> AsyncIterator[SpooledBody]:
    """Read a payload into a file, which is removed in the end if nobody took it away.

    Args:
        reader: of the request's body.
        decoder: takes the framing off and checks what the client promised.
        directory: where the file goes; it is made if only it is missing.
        executor: runs what would hold up other requests.

    Raises:
        AwsError: the payload is not what its headers or signature say; see its decoder.
        OSError: it cannot be written.
    """
    path = directory / f"{secrets.token_hex(16)}.spool"
    directory.mkdir(mode=0o700, exist_ok=True)
    try:
        with path.open("xb") as file:
            await _fill(file, reader, decoder, executor)
        payload = decoder.finish()
        yield SpooledBody(
            path=path,
            size=payload.size,
            md5=payload.md5,
            sha256=payload.sha256,
            checksums=payload.checksums,
        )
    finally:
        path.unlink(missing_ok=True)


async def _fill(file: BinaryIO, reader: BodyReader, decoder: Decoder, executor: Executor) -> None:
    block = bytearray()
    while not reader.exhausted:
        block += await reader.piece()
        if len(block) >= _BLOCK:
            await asyncio.get_running_loop().run_in_executor(
                executor, _take, file, decoder, bytes(block)
            )
            block.clear()
    _take(file, decoder, bytes(block))


def _take(file: BinaryIO, decoder: Decoder, block: bytes) -> None:
    file.write(decoder.feed(block))
