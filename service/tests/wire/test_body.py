from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from glueball.wire import body
from glueball.wire.body import BodyReader, ClientGone, Receive
from glueball.wire.errors import BodyTimeout, BodyTooLarge, MalformedRequest
from glueball.wire.head import Head, head_of

LIMIT = 10


def head(**headers: str) -> Head:
    pairs = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    scope = {"method": "POST", "raw_path": b"/", "query_string": b"", "headers": pairs}
    return head_of(scope, "request-1")


def pieces(*parts: bytes, gone: bool = False) -> Receive:
    """Return ASGI's `receive` for a body in pieces; `gone` is a client that leaves after them."""
    messages: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": True} for part in parts
    ]
    if gone:
        messages.append({"type": "http.disconnect"})
    else:
        messages[-1]["more_body"] = False
    left = iter(messages)

    async def receive() -> MutableMapping[str, Any]:
        return next(left)

    return receive


def read(receive: Receive, **headers: str) -> bytes:
    return asyncio.run(BodyReader(head(**headers), receive).read(LIMIT))


@pytest.mark.parametrize("parts", [(b"",), (b"abc",), (b"abc", b"", b"def"), (b"x" * LIMIT,)])
def test_bodies(parts: tuple[bytes, ...]) -> None:
    assert read(pieces(*parts)) == b"".join(parts)


@pytest.mark.parametrize("parts", [(b"x" * 11,), (b"x" * 6, b"x" * 6), (b"x" * 11, b"endless")])
def test_too_large(parts: tuple[bytes, ...]) -> None:
    with pytest.raises(BodyTooLarge, match="10 bytes"):
        read(pieces(*parts))


def test_what_is_announced_too_large_is_not_read() -> None:
    with pytest.raises(BodyTooLarge):
        read(pieces(gone=True), content_length="11")


@pytest.mark.parametrize("length", ["-1", "+1", "1.5", "", "x", "1_0", "٣", "9" * 30])
def test_what_is_no_length(length: str) -> None:
    with pytest.raises(MalformedRequest):
        read(pieces(b""), content_length=length)


def test_a_client_that_leaves() -> None:
    with pytest.raises(ClientGone):
        read(pieces(b"abc", gone=True))


def test_a_client_that_falls_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "LONGEST_SILENCE", 0.01)

    async def receive() -> MutableMapping[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError("nothing ever comes")

    with pytest.raises(BodyTimeout, match="Idle connections"):
        read(receive)


def test_a_body_that_trickles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "LONGEST_SILENCE", 0.1)
    received = 0

    async def receive() -> MutableMapping[str, Any]:
        nonlocal received
        await asyncio.sleep(0.02)
        received += 1
        return {"type": "http.request", "body": b"x", "more_body": True}

    with pytest.raises(BodyTimeout, match="less than 100 bytes a second"):
        read(receive)
    assert received > 1
