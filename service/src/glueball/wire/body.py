"""Reading request bodies within limits of size and time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from glueball.wire.errors import BodyTimeout, BodyTooLarge, MalformedRequest
from glueball.wire.head import Head

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

#: seconds without a byte after which a client is given up
LONGEST_SILENCE = 60.0
#: bytes that a body must have had, on average, for each second after the first `LONGEST_SILENCE`
SLOWEST_RATE = 100


class ClientGone(Exception):
    """The client closed the connection in the middle of its request; nobody can be answered."""


class BodyReader:
    """Reads one request's body, piece by piece.

    Args:
        head: of the request.
        receive: ASGI's.
    """

    def __init__(self, head: Head, receive: Receive) -> None:
        self._receive = receive
        self._head = head
        self.exhausted = False  #: whether all of the body was read
        self._began: float | None = None
        self._size = 0

    async def read(self, limit: int) -> bytes:
        """Return the whole body.

        Raises:
            BodyTooLarge: it has, or announces, more than `limit` bytes. What it has beyond is
                not kept.
            BodyTimeout: the client fell silent.
            ClientGone: the client left.
        """
        if self._announced() > limit:
            raise _too_large(limit)
        body = bytearray()
        while not self.exhausted:
            body += await self.piece()
            if len(body) > limit:
                raise _too_large(limit)
        return bytes(body)

    async def piece(self) -> bytes:
        """Return what came since the last call; may be empty.

        Raises:
            BodyTimeout: nothing came in time, or the body trickles.
            ClientGone: the client left.
        """
        now = asyncio.get_running_loop().time()
        self._began = now if self._began is None else self._began
        if (now - self._began - LONGEST_SILENCE) * SLOWEST_RATE > self._size:
            raise BodyTimeout(f"The body comes with less than {SLOWEST_RATE} bytes a second.")
        try:
            async with asyncio.timeout(LONGEST_SILENCE):
                message = await self._receive()
        except TimeoutError as error:
            raise BodyTimeout(
                f"Nothing of the body came for {LONGEST_SILENCE:.0f} seconds. Idle connections "
                "are closed."
            ) from error
        if message["type"] == "http.disconnect":
            raise ClientGone
        self.exhausted = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        self._size += len(piece)
        return piece

    def _announced(self) -> int:
        """Return the announced length in bytes; 0 if there is none.

        Raises:
            MalformedRequest: the announcement is not a number.
        """
        text = self._head.values.get(b"content-length", b"0")
        if not (text.isdigit() and len(text) < 20):
            raise MalformedRequest("The Content-Length is not a number.")
        return int(text)


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"The request has more than {limit} bytes, which is the limit.")
