from __future__ import annotations

import pytest

from glueball_runtime import bookmarks
from glueball_runtime.bookmarks import (
    Bookmarks,
    Bounds,
    KeyMark,
    KeyRange,
    SourceFile,
    documents,
)
from glueball_runtime.bookmarks.session import ReadRange
from glueball_runtime.errors import BookmarkVersionMismatch
from tests.memory_store import MemoryStore

A = SourceFile(path="s3://b/a", modified_ms=1_000, size=1)
B = SourceFile(path="s3://b/b", modified_ms=2_000, size=1)
C = SourceFile(path="s3://b/c", modified_ms=3_000, size=1)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def opened(store: MemoryStore, *, read_only: bool = False) -> Bookmarks:
    return Bookmarks(store, store.read(), read_only=read_only, now_ms=lambda: 9_000)


def test_a_run_reads_what_earlier_runs_did_not(store: MemoryStore) -> None:
    first = opened(store)
    assert first.select_files("source", [A, B]) == [A, B]
    first.commit()
    assert opened(store).select_files("source", [A, B, C]) == [C]


def test_a_run_that_does_not_commit_leaves_no_trace(store: MemoryStore) -> None:
    opened(store).select_files("source", [A, B])
    assert store.history == []
    assert opened(store).select_files("source", [A, B]) == [A, B]


def test_asking_twice_gives_the_same_files(store: MemoryStore) -> None:
    run = opened(store)
    assert run.select_files("source", [A]) == run.select_files("source", [A]) == [A]


def test_one_context_in_a_loop_remembers_every_listing(store: MemoryStore) -> None:
    run = opened(store)
    for listing in ([A], [C], [B]):
        assert run.select_files("source", listing) == listing
    run.commit()
    assert opened(store).select_files("source", [A, B, C]) == []


def test_after_a_commit_the_next_read_of_the_same_run_is_new(store: MemoryStore) -> None:
    run = opened(store)
    run.select_files("source", [A])
    run.commit()
    assert run.select_files("source", [A, B]) == [B]
    run.commit()
    assert opened(store).select_files("source", [A, B]) == []
    assert store.read().version == 2


def test_contexts_are_apart(store: MemoryStore) -> None:
    run = opened(store)
    run.select_files("left", [A])
    run.select_files("right", [A, B])
    run.commit()
    assert store.read().version == 1, "one commit for all contexts"
    run = opened(store)
    assert run.select_files("left", [A, B]) == [B]
    assert run.select_files("right", [A, B]) == []
    assert run.select_files("renamed", [A, B]) == [A, B], "a new name has read nothing"


def test_a_context_that_took_no_part_is_kept(store: MemoryStore) -> None:
    run = opened(store)
    run.select_files("left", [A])
    run.commit()
    run = opened(store)
    run.select_files("right", [A])
    run.commit()
    assert set(documents.decode(store.read().text)) == {"left", "right"}


def test_without_a_context_everything_is_read_and_nothing_written(store: MemoryStore) -> None:
    run = opened(store)
    assert run.select_files("", [B, A]) == [B, A]
    run.commit()
    assert store.history == []


def test_paused_reads_from_the_last_commit_and_writes_nothing(store: MemoryStore) -> None:
    run = opened(store)
    run.select_files("source", [A])
    run.commit()
    paused = opened(store, read_only=True)
    assert paused.select_files("source", [A, B]) == [B]
    paused.commit()
    assert store.read().version == 1
    assert opened(store).select_files("source", [A, B]) == [B]


def test_of_two_runs_at_once_one_commits(store: MemoryStore) -> None:
    one, two = opened(store), opened(store)
    one.select_files("source", [A])
    two.select_files("source", [A, B])
    one.commit()
    with pytest.raises(BookmarkVersionMismatch, match="GLUE_JOB_BOOKMARK_VERSION_MISMATCH_ERROR"):
        two.commit()
    assert opened(store).select_files("source", [A, B]) == [B]


def test_the_band_is_the_sources_own(store: MemoryStore) -> None:
    run = opened(store)
    run.select_files("wide", [C], max_band_ms=1_000)
    run.select_files("narrow", [C], max_band_ms=999)
    run.commit()
    run = opened(store)
    assert run.select_files("wide", [B, C]) == [B]
    assert run.select_files("narrow", [B, C]) == []


@pytest.mark.parametrize(
    ("after", "until", "chosen", "reason"),
    [
        ([A], [A, B], [B], "what the later of two runs read"),
        ([], [A, B], [A, B], "from a run that had read nothing"),
        ([A, B], [A, B], [], "the same run twice"),
        ([A], [A, B, C], [B, C], "several runs"),
    ],
)
def test_a_range_of_runs(
    store: MemoryStore,
    after: list[SourceFile],
    until: list[SourceFile],
    chosen: list[SourceFile],
    reason: str,
) -> None:
    ends = []
    for files in (after, until):
        end = opened(MemoryStore())
        end.select_files("source", files, max_band_ms=500)
        ends.append(end._committed | end._pending)
    read_range = ReadRange(after=ends[0], until=ends[1])
    run = Bookmarks(store, store.read(), read_only=True, read_range=read_range)
    newer = SourceFile(path="s3://b/newer", modified_ms=4_000, size=1)
    assert run.select_files("source", [newer, C, B, A]) == chosen, reason
    assert run.select_files("other", [A]) == [], "a source that no run of the range has read"


def test_active_is_what_was_activated_last(store: MemoryStore) -> None:
    assert bookmarks.active() is None
    run = opened(store)
    bookmarks.activate(run)
    assert bookmarks.active() is run
    bookmarks.deactivate()
    assert bookmarks.active() is None


def test_a_bounded_run_leaves_the_rest_to_the_next(store: MemoryStore) -> None:
    for expected in ([A, B], [C], []):
        run = opened(store)
        for _ in range(2):
            found = run.select_files("source", [C, B, A], bounds=Bounds(files=2))
            assert found == expected, "asking twice does not go on"
        run.commit()


def test_a_table_is_read_from_the_last_committed_row_on(store: MemoryStore) -> None:
    seven, nine = (KeyMark(columns=("id",), values=(value,)) for value in ("7", "9"))
    run = opened(store)
    assert run.keys_to_read("orders") == KeyRange(after=None)
    run.remember_keys("orders", seven)
    assert run.keys_to_read("orders") == KeyRange(after=None), "not committed yet"
    run.commit()
    run.remember_keys("orders", nine)
    run.commit()
    assert opened(store).keys_to_read("orders") == KeyRange(after=nine)
    first, second = (documents.decode(entry.text) for entry in store.history)
    paused = Bookmarks(store, store.read(), read_range=ReadRange(after=first, until=second))
    assert paused.keys_to_read("orders") == KeyRange(after=seven, until=nine)
    assert paused.keys_to_read("other").nothing


def test_numbers_are_handed_out_once_over_all_runs(store: MemoryStore) -> None:
    run = opened(store)
    assert [run.numbers("keys", 10), run.numbers("keys", 5), run.numbers("other", 1)] == [0, 10, 0]
    run.commit()
    failed = opened(store)
    assert failed.numbers("keys", 1) == 15
    assert opened(store).numbers("keys", 1) == 15, "the failed run did not commit"


def test_a_context_that_becomes_another_kind_starts_anew(store: MemoryStore) -> None:
    run = opened(store)
    run.select_files("source", [A])
    run.commit()
    assert opened(store).keys_to_read("source") == KeyRange(after=None)
    assert opened(store).numbers("source", 1) == 0
