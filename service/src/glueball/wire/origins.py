"""Web pages: they may not call this service.

Its API runs scripts, so a page that could call it could run code. Browsers mark what a page sends
with `Origin`; no AWS client sends one. We answer such requests, preflights among them, without
any CORS header, so that the page cannot even read the refusal.
"""

from __future__ import annotations

from glueball.wire.errors import BrowserRefused
from glueball.wire.head import Head


def refuse_browsers(head: Head) -> None:
    """Refuse what a web page sent.

    Raises:
        BrowserRefused: the request has an origin.
    """
    if b"origin" in head.values:
        raise BrowserRefused(
            "Requests from web pages are refused. Call this service with an AWS client, the AWS "
            "CLI or the glueball command."
        )
