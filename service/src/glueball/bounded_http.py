"""HTTP as uvicorn reads it, with a bound on what it keeps before our limits can apply."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: bytes of request line, headers or trailers; AWS takes 8 to 16 KB of headers
LONGEST_HEAD = 64 * 1024


class BoundedHttpProtocol(HttpToolsProtocol):
    """Ends a connection whose head, or trailer, does not end.

    The parser keeps a head until it is complete, however long: without a bound anybody who can
    connect could fill the memory. What counts is bytes since a request began or a piece of its
    body came; one read of the socket may pass unseen.
    """

    _idle_bytes = 0

    def data_received(self, data: bytes) -> None:
        self._idle_bytes += len(data)
        super().data_received(data)
        if self._idle_bytes > LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response(f"The head of the request has more than {LONGEST_HEAD} bytes.")

    def on_message_begin(self) -> None:
        self._idle_bytes = 0
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        self._idle_bytes = 0
        super().on_body(body)
