from __future__ import annotations

import json
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from glueball.launchers.events import EventFile, Lines


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([b"a\nb\n"], ["a", "b"]),
        ([b"a", b"b\nc\n"], ["ab", "c"]),  # a line may come in pieces
        ([b"a\r\nb\r\n"], ["a", "b"]),  # Windows line ends are line ends
        ([b"10%\r20%\r\n"], ["10%\r20%"]),  # only the last carriage return belongs to the end
        ([b"  indented \t\n"], ["  indented \t"]),  # nothing else is stripped
        ([b"\n\n"], ["", ""]),  # empty lines are lines
        ([b"\xff\xfe\n"], ["\ufffd\ufffd"]),  # what is no UTF-8 is replaced
        ([b"\xe2\x82", b"\xac\n"], ["€"]),  # a character may come in pieces
        ([b"\x1b[31mred\x00\n"], ["\x1b[31mred\x00"]),  # control characters are the writer's
        ([b"no end"], []),  # a line without its end is none yet
    ],
)
def test_bytes_become_lines(chunks: list[bytes], expected: list[str]) -> None:
    lines = Lines()
    assert [line for chunk in chunks for line in lines.feed(chunk)] == expected


@pytest.mark.parametrize(
    ("rest", "flushed", "kept"),
    [
        (b"Enter: ", ["Enter: "], b""),
        (b"5 \xe2\x82", ["5 "], b"\xe2\x82"),  # the beginning of a character waits for its end
        (b"\xe2\x82", [], b"\xe2\x82"),
        (b"", [], b""),
    ],
)
def test_the_beginning_of_a_line_can_be_shown(rest: bytes, flushed: list[str], kept: bytes) -> None:
    lines = Lines()
    lines.feed(rest)
    assert lines.flush() == flushed
    assert lines.pending == bool(kept)


def test_the_end_of_a_line_that_was_shown_is_no_empty_line() -> None:
    lines = Lines()
    lines.feed(b"working")
    assert lines.flush() == ["working"]
    assert lines.feed(b"\nnext\n") == ["next"]


def test_at_the_end_everything_is_given_out() -> None:
    lines = Lines()
    lines.feed(b"half \xe2")
    assert lines.flush(end=True) == ["half \ufffd"]


def test_a_long_line_is_cut_between_characters() -> None:
    lines = Lines(limit=10)
    text = "ab" + "€" * 20
    pieces = lines.feed(text.encode() + b"\n")
    assert "".join(pieces) == text
    assert max(len(piece.encode()) for piece in pieces) <= 10


def test_an_endless_line_is_given_out_in_pieces_and_not_kept() -> None:
    lines = Lines(limit=1000)
    given = sum(len(piece) for _ in range(100) for piece in lines.feed(b"x" * 777))
    assert 77_700 - 1000 <= given <= 77_700
    assert lines.feed(b"\n") + lines.flush(end=True)


def test_events_are_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = EventFile(path)
    file.append(["hello", 'quote " \\ \x1b[0m \u2028 €', ""])
    file.append(["again"])
    file.close()
    raw = path.read_bytes()
    assert raw.isascii()  # also line separators and escapes of terminals are escaped
    events = [json.loads(line) for line in raw.splitlines()]
    assert [event[2] for event in events] == ["hello", 'quote " \\ \x1b[0m \u2028 €', "", "again"]
    assert all(event[0] == event[1] > 1_600_000_000_000 for event in events)


def test_events_are_appended_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text('{"name": "header"}\n')
    file = EventFile(path)
    file.append(["one"])
    file.close()
    assert path.read_text().startswith('{"name": "header"}\n[')


def test_a_full_disk_loses_lines_but_raises_nothing() -> None:
    file = EventFile(Path("/dev/full"))
    file.append(["one", "two"])
    file.append(["three"])
    assert file.dropped == 3
    assert file.trouble == os.strerror(28)
    file.close()


@pytest.fixture
def file_size_limit() -> Iterator[int]:
    """No file of this process may grow beyond so many bytes."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    limit = 100
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, old[1]))
    yield limit
    resource.setrlimit(resource.RLIMIT_FSIZE, old)


def test_a_line_torn_by_a_full_disk_is_completed_before_anything_else(
    tmp_path: Path, file_size_limit: int
) -> None:
    path = tmp_path / "log"
    file = EventFile(path)
    file.append(["[first] " + "x" * 40, "[second] " + "y" * 40, "third"])
    file.append(["fourth"])  # still no room: lost
    assert path.stat().st_size == file_size_limit
    assert file.dropped == 2
    resource.setrlimit(resource.RLIMIT_FSIZE, resource.getrlimit(resource.RLIMIT_FSIZE)[1:] * 2)
    file.append(["fifth"])
    file.close()
    messages = [json.loads(line)[2] for line in path.read_text().splitlines()]
    assert messages[:3] == ["[first] " + "x" * 40, "[second] " + "y" * 40, "fifth"]
    assert messages[3].startswith("2 lines of this log were lost: ")


def test_a_stream_never_goes_back_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([1000.0, 990.0, 1001.0])
    monkeypatch.setattr("glueball.launchers.events.time.time", lambda: next(seconds))
    file = EventFile(tmp_path / "stream")
    for line in ("before", "the clock was set back", "after"):
        file.append([line])
    file.close()
    times = [json.loads(line)[0] for line in (tmp_path / "stream").read_text().splitlines()]
    assert times == [1_000_000, 1_000_000, 1_001_000]
