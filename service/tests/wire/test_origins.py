from __future__ import annotations

import pytest

from glueball.wire.errors import BrowserRefused
from glueball.wire.head import head_of
from glueball.wire.origins import refuse_browsers

SCOPE = {"method": "POST", "raw_path": b"/", "query_string": b""}


@pytest.mark.parametrize(
    "origin",
    [
        b"https://evil.example",
        b"null",  # of a sandboxed frame or a file
        b"http://localhost:4566",  # another service, or a page that we were made to serve
        b"",
    ],
)
def test_pages_are_refused(origin: bytes) -> None:
    with pytest.raises(BrowserRefused):
        refuse_browsers(head_of({**SCOPE, "headers": [(b"origin", origin)]}, "request-1"))


def test_clients_are_not() -> None:
    headers = [(b"user-agent", b"Boto3/1.0"), (b"referer", b"x")]
    refuse_browsers(head_of({**SCOPE, "headers": headers}, "request-1"))
