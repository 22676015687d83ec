from __future__ import annotations

import json
import random

import pytest

from glueball_runtime.bookmarks import documents
from glueball_runtime.bookmarks.state import (
    NOTHING_READ,
    Counter,
    KeyMark,
    SourceFile,
    SourceState,
    State,
)
from glueball_runtime.errors import BookmarkUnreadable

FILE = SourceFile(path="s3://bucket/ünï/a b.csv", modified_ms=1_700_000_000_123, size=42)
STATE = SourceState(mark_ms=1_700_000_000_123, floor_ms=1_699_999_100_123, band={FILE.path: FILE})


def test_what_is_written_is_read_again() -> None:
    contexts: dict[str, State] = {
        "flights": STATE,
        "weather": NOTHING_READ,
        "orders": KeyMark(columns=("day", "id"), values=("2026-01-01", "7"), descending=True),
        "nested": Counter(handed_out=5_000_000_000),
    }
    assert documents.decode(documents.encode(contexts, "jr_1")) == contexts


def test_the_text_is_the_documented_one() -> None:
    assert json.loads(documents.encode({"flights": STATE}, "jr_1")) == {
        "format": 1,
        "run_id": "jr_1",
        "contexts": {
            "flights": {
                "kind": "files",
                "mark_ms": 1_700_000_000_123,
                "floor_ms": 1_699_999_100_123,
                "band": [["s3://bucket/ünï/a b.csv", 1_700_000_000_123, 42]],
            }
        },
    }


def test_equal_states_give_equal_text() -> None:
    other = SourceFile(path="s3://bucket/z", modified_ms=FILE.modified_ms, size=1)
    one = SourceState(mark_ms=1, floor_ms=0, band={FILE.path: FILE, other.path: other})
    two = SourceState(mark_ms=1, floor_ms=0, band={other.path: other, FILE.path: FILE})
    assert documents.encode({"a": one, "b": two}, "jr_1") == documents.encode(
        {"b": one, "a": two}, "jr_1"
    )


def test_a_band_of_very_many_files_is_packed() -> None:
    names = random.Random(7)
    paths = [f"s3://bucket/day=1/{names.getrandbits(128):032x}.csv" for _ in range(50_000)]
    band = {path: SourceFile(path=path, modified_ms=n, size=n) for n, path in enumerate(paths)}
    contexts = {"many": SourceState(mark_ms=50_000, floor_ms=0, band=band), "flights": STATE}
    text = documents.encode(contexts, "jr_1")
    assert len(text) < 16 * 2**20 / 4, "room for 200,000 files in a request of 16 MiB"
    assert text == documents.encode(contexts, "jr_1")
    assert documents.decode(text) == contexts


@pytest.mark.parametrize("text", ["", "{}"])
def test_no_bookmark_yet(text: str) -> None:
    assert documents.decode(text) == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        ("null", "damaged"),
        ('{"contexts": {}}', "damaged"),
        ('{"format": 2, "contexts": {}}', "format 2"),
        ('{"format": 1, "packed": "not base64!"}', "damaged"),
        ('{"format": 1, "packed": "bm90IHppcHBlZA=="}', "damaged"),
        ('{"format": 1, "contexts": {"a": {"kind": "jdbc"}}}', "kind 'jdbc'"),
        ('{"format": 1, "contexts": {"a": {"kind": "files"}}}', "damaged"),
        (
            '{"format": 1, "contexts": {"a": {"kind": "files", "mark_ms": 1, "floor_ms": 0,'
            ' "band": [["path"]]}}}',
            "damaged",
        ),
    ],
)
def test_what_is_no_bookmark(text: str, reason: str) -> None:
    with pytest.raises(BookmarkUnreadable, match=rf"{reason}.*reset-job-bookmark"):
        documents.decode(text)
