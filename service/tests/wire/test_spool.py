from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from glueball.wire.bodies import SpooledBody
from glueball.wire.body import BodyReader, ClientGone, Receive
from glueball.wire.payload import PayloadDecoder
from glueball.wire.payload_errors import EntityTooLarge, IncompleteBody
from glueball.wire.signed_payload import PayloadForm, SignedPayload
from glueball.wire.spool import spooled
from wire.test_body import head, pieces

LIMIT = 4_000_000


def spool(
    directory: Path, receive: Receive, *, move_to: Path | None = None, announced: int | None = None
) -> tuple[SpooledBody, bytes]:
    """Spool a body; return what was told of it and the file's content meanwhile."""
    headers = [] if announced is None else [(b"content-length", b"%d" % announced)]
    decoder = PayloadDecoder(SignedPayload(form=PayloadForm.UNSIGNED), headers, limit=LIMIT)

    async def run() -> tuple[SpooledBody, bytes]:
        with ThreadPoolExecutor(1) as executor:
            reader = BodyReader(head(), receive)
            async with spooled(reader, decoder, directory, executor) as payload:
                content = payload.path.read_bytes()
                if move_to is not None:
                    payload.path.rename(move_to)
                return payload, content

    return asyncio.run(run())


@pytest.mark.parametrize(
    "parts",
    [(b"",), (b"abc",), (b"x" * 300_000,) * 10, (b"a", b"", b"b" * 1_000_000, b"c")],
    ids=["empty", "small", "large", "mixed"],
)
def test_payloads(tmp_path: Path, parts: tuple[bytes, ...]) -> None:
    directory = tmp_path / "incoming"  # made when it is missing
    payload, content = spool(directory, pieces(*parts))
    whole = b"".join(parts)
    assert content == whole
    assert (payload.size, payload.sha256) == (len(whole), sha256(whole).hexdigest())
    assert not list(directory.iterdir()), "what nobody took away is removed"


def test_what_was_taken_away_stays(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    spool(tmp_path / "incoming", pieces(b"abc"), move_to=kept)
    assert kept.read_bytes() == b"abc"


def test_nothing_stays_of_a_payload_that_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EntityTooLarge):
        spool(tmp_path, pieces(*(b"x" * 1_000_000,) * 5))
    with pytest.raises(IncompleteBody):
        spool(tmp_path, pieces(b"abc"), announced=4)
    with pytest.raises(ClientGone):
        spool(tmp_path, pieces(b"x" * 300_000, gone=True))
    assert not list(tmp_path.iterdir())


def test_a_home_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        spool(tmp_path / "gone" / "incoming", pieces(b"abc"))
