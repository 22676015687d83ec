from __future__ import annotations

import itertools
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.stores import log_streams
from glueball.stores.log_streams import (
    OrderedStream,
    Position,
    UnorderedStream,
    header,
    line,
    read_header,
)


def write(path: Path, *parts: bytes) -> OrderedStream:
    """Write a stream's file and read it."""
    path.write_bytes(header("s", 7) + b"".join(parts))
    return OrderedStream(path, read_header(path).size)


def messages(stream: OrderedStream | UnorderedStream) -> list[str]:
    return [event.message for event in stream.forward(stream.beginning)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s.jsonl"


def test_a_stream_without_events(path: Path) -> None:
    stream = write(path)
    assert messages(stream) == []
    assert stream.end() == stream.beginning
    assert stream.newest() is None
    assert stream.at(5).offset == stream.beginning.offset
    assert list(stream.backward(stream.end())) == []


def test_a_line_without_its_newline_is_not_an_event_yet(path: Path) -> None:
    torn = line(3, 3, "third")
    stream = write(path, line(1, 1, "first"), line(2, 2, "second"), torn[:-1])
    behind = stream.end()
    assert messages(stream) == ["first", "second"]
    assert [event.message for event in stream.backward(behind)] == ["second", "first"]
    assert list(stream.forward(behind)) == []
    with path.open("ab") as file:
        file.write(torn[-1:])
    assert [event.message for event in stream.forward(behind)] == ["third"]


def test_what_is_no_event_is_passed_over(path: Path) -> None:
    rubbish = [b"\n", b"{}\n", b"[1,2\n", b"\x00\xff\n", b'["1",2,"x"]\n', b"[" * 9999 + b"\n"]
    parts = itertools.chain.from_iterable((junk, line(1, 1, "x")) for junk in rubbish)
    stream = write(path, *parts)
    assert messages(stream) == ["x"] * len(rubbish)
    assert len(list(stream.backward(stream.end()))) == len(rubbish)


def test_a_file_without_a_header_is_still_read(path: Path) -> None:
    path.write_bytes(line(1, 1, "x"))
    found = read_header(path)
    assert (found.name, found.size) == (None, 0)
    assert messages(OrderedStream(path, 0)) == ["x"]


def test_a_stream_that_is_deleted_meanwhile_ends(path: Path) -> None:
    stream = write(path, line(1, 1, "x"))
    path.unlink()
    assert messages(stream) == []
    assert list(stream.backward(Position(9, 999))) == []


texts = st.lists(st.tuples(st.integers(0, 50), st.text(max_size=30)), max_size=40)


@settings(deadline=None)
@given(texts, st.integers(1, 90), st.integers(0, 50))
def test_forward_backward_and_places_agree_whatever_the_size_of_a_block(
    tmp_path_factory: pytest.TempPathFactory, found: list[tuple[int, str]], block: int, time: int
) -> None:
    path = tmp_path_factory.mktemp("logs") / "s.jsonl"
    found = sorted(found, key=lambda event: event[0])
    stream = write(path, *(line(at, at, text) for at, text in found))
    with patch.object(log_streams, "_BLOCK", block):
        forward = list(stream.forward(stream.beginning))
        assert [(event.timestamp, event.message) for event in forward] == found
        assert list(stream.backward(stream.end())) == forward[::-1]
        assert stream.newest() == (forward[-1] if forward else None)
        for index, event in enumerate(forward):
            assert list(stream.forward(event.after)) == forward[index + 1 :]
            assert list(stream.forward(event.before)) == forward[index:]
            assert list(stream.backward(event.before)) == forward[:index][::-1]
        later = [event for event in forward if event.timestamp >= time]
        assert list(stream.forward(stream.at(time))) == later


@settings(deadline=None)
@given(texts, st.integers(0, 50))
def test_late_events_are_sorted_in_and_places_hold(
    tmp_path_factory: pytest.TempPathFactory, found: list[tuple[int, str]], time: int
) -> None:
    path = tmp_path_factory.mktemp("logs") / "s.jsonl"
    stream = UnorderedStream(write(path, *(line(at, at, text) for at, text in found)))
    forward = list(stream.forward(stream.beginning))
    in_order = sorted(found, key=lambda event: event[0])
    assert [(event.timestamp, event.message) for event in forward] == in_order
    assert list(stream.backward(stream.end())) == forward[::-1]
    for index, event in enumerate(forward):
        assert list(stream.forward(event.after)) == forward[index + 1 :]
        assert list(stream.backward(event.before)) == forward[:index][::-1]
    later = [event for event in forward if event.timestamp >= time]
    assert list(stream.forward(stream.at(time))) == later


class CountingStream(OrderedStream):
    """Counts the bytes that were read."""

    read = 0

    def _read(self, offset: int, size: int) -> bytes:
        found = super()._read(offset, size)
        self.read += len(found)
        return found


def test_the_tail_and_a_time_in_a_million_events_are_found_without_reading_them(
    path: Path,
) -> None:
    write(path, "".join(f'[{n},{n},"event {n}"]\n' for n in range(1_000_000)).encode())
    stream = CountingStream(path, read_header(path).size)
    tail = list(itertools.islice(stream.backward(stream.end()), 100))
    assert [event.timestamp for event in tail] == list(range(999_999, 999_899, -1))
    event = next(stream.forward(stream.at(600_000)))
    assert event.timestamp == 600_000
    assert path.stat().st_size > 20 * stream.read
