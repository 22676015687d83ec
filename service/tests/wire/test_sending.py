from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from glueball.wire.answers import Answer
from glueball.wire.bodies import FileRange
from glueball.wire.sending import open_body, send_answer

MEGABYTE = 1 << 20


def sent(answer: Answer, *, leaves_after: int | None = None) -> list[MutableMapping[str, Any]]:
    """Send an answer; the client leaves after so many messages."""
    messages: list[MutableMapping[str, Any]] = []

    async def run() -> None:
        left = asyncio.Event()

        async def send(message: MutableMapping[str, Any]) -> None:
            messages.append(message)
            if len(messages) == leaves_after:
                left.set()
                await asyncio.sleep(0)

        async def receive() -> MutableMapping[str, Any]:
            await left.wait()
            return {"type": "http.disconnect"}

        with ThreadPoolExecutor(1) as executor:
            await send_answer(answer, open_body(answer), send, receive, executor)

    asyncio.run(run())
    return messages


def content(messages: list[MutableMapping[str, Any]]) -> bytes:
    return b"".join(message["body"] for message in messages[1:])


def part(path: Path, offset: int, length: int) -> Answer:
    return Answer(status=200, headers=[], body=FileRange(path=path, offset=offset, length=length))


def test_bytes() -> None:
    messages = sent(Answer(status=404, headers=[(b"a", b"b")], body=b"none"))
    assert messages == [
        {"type": "http.response.start", "status": 404, "headers": [(b"a", b"b")]},
        {"type": "http.response.body", "body": b"none"},
    ]


@pytest.mark.parametrize(
    ("offset", "length"), [(0, 0), (0, 5), (3, 2), (0, MEGABYTE), (1, MEGABYTE - 1), (77, 300_000)]
)
def test_parts_of_files(tmp_path: Path, offset: int, length: int) -> None:
    whole = bytes(range(256)) * (MEGABYTE // 256)
    (tmp_path / "f").write_bytes(whole)
    messages = sent(part(tmp_path / "f", offset, length))
    assert content(messages) == whole[offset : offset + length]
    assert not messages[-1].get("more_body")


def test_an_open_file_is_sent_whatever_took_its_name(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")
    body = FileRange(path=path, offset=0, length=3, file=path.open("rb"))
    path.unlink()
    path.write_bytes(b"new")
    assert content(sent(Answer(status=200, headers=[], body=body))) == b"old"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_body(part(tmp_path / "none", 0, 1))


def test_a_file_that_became_shorter(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    with pytest.raises(EOFError):
        sent(part(tmp_path / "f", 0, 4))


def test_nothing_is_read_for_a_client_that_left(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * 8 * MEGABYTE)
    assert len(content(sent(part(tmp_path / "f", 0, 8 * MEGABYTE), leaves_after=3))) < 2 * MEGABYTE
