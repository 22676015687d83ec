from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from glueball.core.errors import AwsError, ServiceUnavailable
from glueball.core.log_batches import DAY_MS, Event
from glueball.stores.log_files import quoted
from glueball.stores.log_streams import Position, line
from glueball.stores.logs import LogResourceExists, LogResourceNotFound, LogStore, Page, Window
from support.clocks import VirtualClock

START = 1_700_000_000.0
START_MS = int(START * 1000)
OUTPUT = "/aws-glue/jobs/output"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def store(root: Path, clock: VirtualClock) -> LogStore:
    return LogStore(root, clock)


def everything(limit: int = 1000) -> Window:
    return Window(limit=limit, max_bytes=10**9)


def events(*times: int) -> list[Event]:
    return [Event(timestamp=time, message=f"at {time}") for time in times]


def times(page: Page) -> list[int]:
    return [event.timestamp for event in page.events]


def first_page(store: LogStore, window: Window | None = None) -> Page:
    return store.read("g", "s", window or everything(), position=None, forward=True)


@pytest.fixture
def stream(store: LogStore) -> LogStore:
    """A store with the empty stream `s` in the group `g`."""
    store.create_group("g")
    store.create_stream("g", "s")
    return store


NAMES = [
    OUTPUT,
    # would leave the directory
    "..",
    ".",
    "../../etc",
    # would be another file
    "group.json",
    ".deleted-x",
    "a.jsonl",
    # longer than file systems take
    "x" * 512,
    "/" * 512,
    # not ASCII, not even text
    "Größe 木",
    "\ud800",
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_any_name_is_kept_inside_the_directory(store: LogStore, root: Path, name: str) -> None:
    store.create_group(name)
    store.create_stream(name, name)
    store.append(name, name, events(5))
    (directory,) = root.iterdir()
    assert directory.parent == root
    assert len(list(directory.iterdir())) == 2
    if name != "\ud800":  # what is no text comes back as a question mark
        assert [group.name for group in store.groups()] == [name]
        assert store.stream_names(name) == [name]
    assert store.read(name, name, everything(), position=None, forward=True).events
    store.delete_stream(name, name)
    store.delete_group(name)
    assert list(root.iterdir()) == []


def test_names_on_disk_are_those_of_the_contract() -> None:
    assert quoted(OUTPUT) == "%2Faws-glue%2Fjobs%2Foutput"
    assert quoted("jr_ab") == "jr_ab"
    assert quoted("a" * 180) == "a" * 180
    assert quoted("a" * 181).startswith("a" * 100 + "-")
    assert len(quoted("a" * 181)) == 165


def test_groups_are_made_described_changed_and_removed(store: LogStore, root: Path) -> None:
    store.create_group("b", {"team": "data"})
    store.create_group("a")
    with pytest.raises(LogResourceExists, match="The specified log group already exists"):
        store.create_group("a")
    assert [group.name for group in store.groups()] == ["a", "b"]
    store.change_group("b", retention=7, tags={})
    again = LogStore(root, VirtualClock(0)).group("b")
    assert (again.created, again.retention, again.tags) == (START_MS, 7, {})
    store.delete_group("b")
    with pytest.raises(LogResourceNotFound, match="The specified log group does not exist"):
        store.delete_group("b")
    store.clear()
    assert store.groups() == []


def test_what_is_missing_is_named(stream: LogStore) -> None:
    for group, name, missing in (("no", "s", "group"), ("g", "no", "stream")):
        with pytest.raises(AwsError, match=f"The specified log {missing} does not exist"):
            stream.read(group, name, everything(), position=None, forward=True)
        with pytest.raises(LogResourceNotFound):
            stream.append(group, name, events(1))
        with pytest.raises(LogResourceNotFound):
            stream.stream_path(group, name, create=False)
        with pytest.raises(LogResourceNotFound):
            stream.stream(group, name)
    with pytest.raises(LogResourceNotFound):
        stream.create_stream("no", "s")
    with pytest.raises(LogResourceNotFound):
        stream.stream_names("no")
    with pytest.raises(LogResourceExists, match="The specified log stream already exists"):
        stream.create_stream("g", "s")


def test_a_half_deleted_group_is_swept_at_the_next_start(root: Path, clock: VirtualClock) -> None:
    left_over = root / ".deleted-0123"
    left_over.mkdir(parents=True)
    (left_over / "s.jsonl").write_bytes(b"")
    assert LogStore(root, clock).groups() == []
    assert not left_over.exists()


def test_pages_go_both_ways_and_hold_while_the_stream_grows(stream: LogStore) -> None:
    stream.append("g", "s", events(*range(1, 11)))
    newest = stream.read("g", "s", everything(3), position=None, forward=False)
    assert times(newest) == [8, 9, 10]
    older = stream.read("g", "s", everything(3), position=newest.before, forward=False)
    assert times(older) == [5, 6, 7]
    assert times(stream.read("g", "s", everything(), position=older.after, forward=True)) == [
        8,
        9,
        10,
    ]
    nothing = stream.read("g", "s", everything(), position=newest.after, forward=True)
    assert (nothing.events, nothing.before, nothing.after) == ([], newest.after, newest.after)
    stream.append("g", "s", events(11))
    assert times(stream.read("g", "s", everything(), position=nothing.after, forward=True)) == [11]


def test_an_empty_stream_has_a_place_to_go_on_from(stream: LogStore) -> None:
    empty = stream.read("g", "s", everything(), position=None, forward=False)
    assert empty.events == []
    stream.append("g", "s", events(1, 2))
    assert times(stream.read("g", "s", everything(), position=empty.after, forward=True)) == [1, 2]


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        # since is in it, until is not
        (3, 6, [3, 4, 5]),
        (0, 3, [1, 2]),
        (6, None, [6, 7, 8]),
        (9, None, []),
        (5, 5, []),
    ],
)
def test_a_window_of_time(
    stream: LogStore, forward: bool, since: int, until: int | None, found: list[int]
) -> None:
    stream.append("g", "s", events(*range(1, 9)))
    window = Window(since=since, until=until, limit=100, max_bytes=10**9)
    assert times(stream.read("g", "s", window, position=None, forward=forward)) == found


def test_a_page_has_so_many_bytes_and_one_event_at_least(stream: LogStore) -> None:
    large = [Event(timestamp=time, message="x" * 1000) for time in range(1, 6)]
    stream.append("g", "s", large)
    for max_bytes, count in ((1, 1), (1026, 1), (2052, 2), (10**9, 5)):
        window = Window(limit=100, max_bytes=max_bytes)
        assert len(first_page(stream, window).events) == count


def test_late_events_take_their_place_and_tokens_hold(stream: LogStore) -> None:
    stream.append("g", "s", events(10, 20, 30))
    page = first_page(stream, everything(2))
    assert times(page) == [10, 20]
    stream.append("g", "s", events(5, 15, 25))
    assert times(first_page(stream)) == [5, 10, 15, 20, 25, 30]
    assert times(stream.read("g", "s", everything(), position=page.after, forward=True)) == [25, 30]
    assert stream.stream("g", "s").last_event == 30
    stream.delete_stream("g", "s")
    stream.create_stream("g", "s")
    assert times(first_page(stream)) == []


def test_events_older_than_the_group_keeps_are_gone(stream: LogStore, clock: VirtualClock) -> None:
    stream.append("g", "s", events(START_MS - DAY_MS, START_MS))
    assert len(first_page(stream).events) == 2
    stream.change_group("g", retention=1, tags={})
    clock.advance(1)
    assert times(first_page(stream)) == [START_MS]
    found = stream.merged("g", ["s"], since=0, until=2**62, newest_first=False)
    assert [event.timestamp for _, event in found] == [START_MS]


def test_streams_are_described(stream: LogStore, clock: VirtualClock) -> None:
    empty = stream.stream("g", "s")
    assert (empty.created, empty.first_event, empty.last_event) == (START_MS, None, None)
    clock.advance(2)
    stream.append("g", "s", events(3, 9))
    full = stream.stream("g", "s")
    assert (full.first_event, full.last_event, full.last_ingestion) == (3, 9, START_MS + 2000)
    assert stream.stored_bytes("g") > 0


@pytest.mark.parametrize("newest_first", [False, True])
def test_streams_are_interleaved_by_time(store: LogStore, newest_first: bool) -> None:
    store.create_group("g")
    for name, stamps in {"a": (1, 4, 5), "b": (2, 4, 9), "c": (3,)}.items():
        store.create_stream("g", name)
        store.append("g", name, events(*stamps))
    found = list(
        store.merged("g", ["a", "b", "c", "no"], since=2, until=5, newest_first=newest_first)
    )
    expected = [(2, "b"), (3, "c"), (4, "a"), (4, "b"), (5, "a")]
    assert [(event.timestamp, name) for name, event in found] == (
        expected[::-1] if newest_first else expected
    )


def test_streams_that_were_not_touched_since_are_not_even_opened(
    stream: LogStore, root: Path
) -> None:
    stream.append("g", "s", events(START_MS))
    path = root / "g" / "s.jsonl"
    os.utime(path, (START, START))
    with patch("glueball.stores.logs.read_header", side_effect=AssertionError):
        late = START_MS + DAY_MS
        assert not list(stream.merged("g", ["s"], since=late, until=2**62, newest_first=False))


APPENDER = """
import os, sys
file = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)
for n in range(1, 2001):
    text = f'[{n},{n},"line {n}"]\\n'.encode()
    os.write(file, text[:9])
    os.write(file, text[9:])
"""


def test_a_stream_is_read_while_another_process_appends(store: LogStore) -> None:
    path = store.stream_path(OUTPUT, "jr_1")
    assert store.stream_path(OUTPUT, "jr_1") == path
    seen: list[str] = []
    position: Position | None = None
    with subprocess.Popen([sys.executable, "-c", APPENDER, str(path)]) as writer:
        while len(seen) < 2000:
            done = writer.poll() is not None
            page = store.read(OUTPUT, "jr_1", everything(50), position=position, forward=True)
            position = page.after
            seen += [event.message for event in page.events]
            assert page.events or not done, f"lines are missing after {seen[-1]}"
    assert seen == [f"line {n}" for n in range(1, 2001)]


def test_a_line_torn_by_a_dead_writer_costs_only_itself(stream: LogStore) -> None:
    path = stream.stream_path("g", "s", create=False)
    with path.open("ab") as file:
        file.write(line(1, 1, "whole") + line(2, 2, "torn")[:-4])
    stream.append("g", "s", events(3))
    assert times(first_page(stream)) == [1, 3]


def test_a_full_disk_adds_nothing_and_says_what_to_do(stream: LogStore) -> None:
    stream.append("g", "s", events(1))
    path = stream.stream_path("g", "s", create=False)
    before = path.read_bytes()
    write = os.write

    def fills_up(descriptor: int, text: bytes) -> int:
        if len(text) < 20:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, text[:15])

    with (
        patch("glueball.stores.log_files.os.write", fills_up),
        pytest.raises(ServiceUnavailable, match=r"No space left on device.*Free some space"),
    ):
        stream.append("g", "s", events(2, 3))
    assert path.read_bytes() == before


def test_a_home_that_was_deleted_is_said_and_not_made_again(stream: LogStore, root: Path) -> None:
    shutil.rmtree(root)
    for write in (
        lambda: stream.create_group("h"),
        lambda: stream.stream_path(OUTPUT, "jr_1"),
    ):
        with pytest.raises(ServiceUnavailable, match="check that the home directory exists"):
            write()
    assert stream.groups() == []
    assert not root.exists()


def test_what_is_deleted_while_it_is_listed_is_left_out(stream: LogStore) -> None:
    def and_deleted(directory: Path) -> list[Path]:
        ghosts = [quoted("gone"), quoted("gone" * 60)]
        return [*directory.iterdir(), *(directory / f"{name}.jsonl" for name in ghosts)]

    size = stream.stored_bytes("g")
    with patch("glueball.stores.logs.entries", and_deleted):
        assert [group.name for group in stream.groups()] == ["g"]
        assert stream.stored_bytes("g") == size
        assert {"s"} <= set(stream.stream_names("g")) <= {"s", "gone"}
