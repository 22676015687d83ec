"""HTTP as uvicorn reads it, with bounds on what it keeps, and how long it waits, before our limits
can apply."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: bytes of request line, headers or trailers; AWS takes 8 to 16 KB of headers
LONGEST_HEAD = 64 * 1024


class BoundedHttpProtocol(HttpToolsProtocol):
    """Ends a connection whose head, or trailer, does not end.

    The parser keeps a head until it is complete, however long: without a bound anybody who can
    connect could fill the memory. What counts is bytes since a request began or a piece of its
    body came; one read of the socket may pass unseen.

    A connection on which no request is being answered has `longest_wait` for the next complete
    head, however its bytes trickle. How long a body may take is the business of `wire.body`.
    """

    #: seconds
    longest_wait: ClassVar[float] = 30.0

    _idle_bytes = 0
    _waiting_since = 0.0
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._waiting_since = self.loop.time()
        self._watch = self.loop.call_later(self.longest_wait, self._close_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def _close_if_idle(self) -> None:
        now = self.loop.time()
        if self.cycle is not None and not self.cycle.response_complete:
            self._waiting_since = now
        remaining = self._waiting_since + self.longest_wait - now
        if remaining <= 0:
            self.transport.close()
        else:
            self._watch = self.loop.call_later(remaining, self._close_if_idle)

    def data_received(self, data: bytes) -> None:
        self._idle_bytes += len(data)
        super().data_received(data)
        if self._idle_bytes > LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response(f"The head of the request has more than {LONGEST_HEAD} bytes.")

    def on_message_begin(self) -> None:
        self._idle_bytes = 0
        self._waiting_since = self.loop.time()
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        self._idle_bytes = 0
        super().on_body(body)
