"""Answers on their way to the client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from typing import Any, BinaryIO

from glueball.wire.answers import Answer
from glueball.wire.bodies import FileRange
from glueball.wire.body import Receive

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

#: bytes of a file that are read together; what fits in one is read on the event loop
_BLOCK = 256 * 1024


def open_body(answer: Answer) -> BinaryIO | None:
    """Open the file that an answer's body comes from; None if the body is at hand.

    Raises:
        OSError: it cannot be opened.
    """
    if isinstance(answer.body, FileRange):
        return answer.body.file or answer.body.path.open("rb")
    return None


async def send_answer(
    answer: Answer, file: BinaryIO | None, send: Send, receive: Receive, executor: Executor
) -> None:
    """Send an answer.

    Args:
        answer: what to send.
        file: from `open_body`; it is closed in the end.
        send: ASGI's.
        receive: ASGI's, after all of the request was read; tells when the client leaves.
        executor: reads large files.

    Raises:
        EOFError: the file ended early; the server must close the connection.
    """
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    if isinstance(answer.body, bytes) or file is None:
        await send({"type": "http.response.body", "body": answer.body})
        return
    with file:
        file.seek(answer.body.offset)
        if answer.body.length <= _BLOCK:
            await send({"type": "http.response.body", "body": _read(file, answer.body.length)})
        else:
            await _send_blocks(file, answer.body, send, receive, executor)


async def _send_blocks(
    file: BinaryIO, body: FileRange, send: Send, receive: Receive, executor: Executor
) -> None:
    loop = asyncio.get_running_loop()
    gone = asyncio.ensure_future(receive())
    try:
        left = body.length
        while left and not gone.done():
            block = await loop.run_in_executor(executor, _read, file, min(left, _BLOCK))
            left -= len(block)
            await send({"type": "http.response.body", "body": block, "more_body": left > 0})
    finally:
        gone.cancel()


def _read(file: BinaryIO, size: int) -> bytes:
    block = file.read(size)
    if len(block) < size:
        raise EOFError("the file became shorter while it was sent")
    return block
