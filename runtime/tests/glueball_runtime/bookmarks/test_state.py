from __future__ import annotations

import pytest

from glueball_runtime.bookmarks.state import NOTHING_READ, Bounds, SourceFile, SourceState, select

MINUTE = 60_000
BAND = 15 * MINUTE
NOON = 1_700_000_000_000


def file(path: str, minutes: float, size: int = 1) -> SourceFile:
    """Return a file modified so many minutes after noon."""
    return SourceFile(path=path, modified_ms=NOON + int(minutes * MINUTE), size=size)


def after_reading(*files: SourceFile, now: float = 1_000, band_ms: int = BAND) -> SourceState:
    return select(NOTHING_READ, files, NOON + int(now * MINUTE), band_ms)[1]


@pytest.mark.parametrize(
    ("read", "listed", "chosen", "reason"),
    [
        ([], [], [], "nothing there"),
        ([], [file("a", 0)], ["a"], "the first run reads everything"),
        ([], [file("a", -1e6), file("b", 0)], ["a", "b"], "however old, on the first run"),
        ([file("a", 0)], [file("a", 0)], [], "nothing new"),
        ([file("a", 0)], [file("a", 0), file("b", 1)], ["b"], "a newer file"),
        ([file("a", 0)], [file("a", 0), file("b", 0)], ["b"], "new, in the same millisecond"),
        ([file("a", 0)], [file("a", 1)], ["a"], "modified since"),
        ([file("a", 0)], [file("a", 0, 2)], ["a"], "same millisecond, other size: modified"),
        ([file("a", 0)], [file("a", -5)], ["a"], "replaced by an older copy inside the band"),
        ([file("a", 0)], [file("b", -14)], ["b"], "late, inside the band"),
        ([file("a", 0)], [file("b", -15)], ["b"], "late, at the very edge of the band"),
        ([file("a", 0)], [file("b", -15.001)], [], "late, behind the band: taken as read"),
        ([file("a", 0), file("b", -20)], [file("b", -20)], [], "read, and no longer listed"),
        ([file("a", -20), file("b", 0)], [file("a", 3)], ["a"], "behind the band, then modified"),
        ([], [file("b", 2), file("c", 1), file("a", 2)], ["c", "a", "b"], "oldest, then by path"),
        ([file("a", 0)], [], [], "a source that was emptied"),
    ],
)
def test_choice(
    read: list[SourceFile], listed: list[SourceFile], chosen: list[str], reason: str
) -> None:
    files, _ = select(after_reading(*read), listed, NOON + 1_000 * MINUTE, BAND)
    assert [chosen_file.path for chosen_file in files] == chosen, reason


def test_a_run_without_new_files_changes_nothing() -> None:
    state = after_reading(file("a", 0))
    assert select(state, [file("a", 0)], NOON + 99 * MINUTE, BAND) == ([], state)


def test_files_leave_the_list_as_the_band_moves_on() -> None:
    state = after_reading(file("a", 0), file("b", 14))
    assert set(state.band) == {"a", "b"}
    _, state = select(state, [file("c", 29)], NOON + 30 * MINUTE, BAND)
    assert set(state.band) == {"b", "c"}
    assert state.floor_ms == NOON + 14 * MINUTE


def test_a_file_from_the_future_does_not_hide_those_of_the_present() -> None:
    state = after_reading(file("skewed", 600), now=0)
    assert state.mark_ms == NOON
    chosen, state = select(state, [file("skewed", 600), file("b", 1)], NOON + MINUTE, BAND)
    assert [chosen_file.path for chosen_file in chosen] == ["b"]
    assert "skewed" in state.band


def test_a_clock_that_goes_back_does_not_move_the_mark_back() -> None:
    state = after_reading(file("a", 0))
    _, later = select(state, [file("b", 1)], NOON - 500 * MINUTE, BAND)
    assert (later.mark_ms, later.floor_ms) == (state.mark_ms, state.floor_ms)
    assert select(later, [file("a", 0), file("b", 1)], NOON, BAND)[0] == []


def test_a_wider_band_does_not_bring_back_what_was_read() -> None:
    old, new = file("old", -30), file("new", 0)
    state = after_reading(old, new, band_ms=MINUTE)
    assert select(state, [old, new], NOON, 24 * 60 * MINUTE)[0] == []
    _, state = select(state, [file("newer", 1)], NOON + MINUTE, 24 * 60 * MINUTE)
    assert select(state, [old, new], NOON, BAND)[0] == []


def test_a_band_of_nothing_still_knows_the_newest_millisecond() -> None:
    state = after_reading(file("a", 0), band_ms=0)
    chosen, _ = select(state, [file("a", 0), file("b", 0), file("late", -0.001)], NOON, 0)
    assert [chosen_file.path for chosen_file in chosen] == ["b"]


def test_a_negative_band_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        select(NOTHING_READ, [], NOON, -1)


OLD, MIDDLE, NEW = file("old", 0, 10), file("middle", 20, 10), file("new", 21, 10)


@pytest.mark.parametrize(
    ("read", "bounds", "chosen", "reason"),
    [
        ([], Bounds(files=2), ["old", "middle"], "the oldest come first"),
        ([], Bounds(files=0), [], "none at all was asked for"),
        ([], Bounds(files=9), ["old", "middle", "new"], "more than there are"),
        ([OLD], Bounds(files=1), ["middle"], "what was read does not count"),
        ([], Bounds(size=20), ["old", "middle"], "exactly as many bytes"),
        ([], Bounds(size=19), ["old"], "the second would be too much"),
        ([], Bounds(size=1), ["old"], "one file is always read, or none would ever be"),
        ([], Bounds(in_band=1), ["old", "middle"], "two of the band are too many, old is behind"),
        ([MIDDLE], Bounds(in_band=1), ["old"], "the band may hold what was read before"),
        ([], Bounds(in_band=2), ["old", "middle", "new"], "as many as the band may hold"),
    ],
)
def test_bounded_runs(
    read: list[SourceFile], bounds: Bounds, chosen: list[str], reason: str
) -> None:
    state = after_reading(*read, band_ms=BAND * 2) if read else NOTHING_READ
    found, following = select(state, [NEW, MIDDLE, OLD], NOON + 100 * MINUTE, BAND, bounds)
    assert [one.path for one in found] == chosen, reason
    rest, _ = select(following, [NEW, MIDDLE, OLD], NOON + 100 * MINUTE, BAND)
    left = [one for one in (OLD, MIDDLE, NEW) if one not in read and one.path not in chosen]
    assert rest == left, "the next run finds the rest"
