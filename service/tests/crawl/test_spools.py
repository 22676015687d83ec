from __future__ import annotations

from pathlib import Path

import pytest

from glueball.crawl.spools import SortedTexts, Spool


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1700])
def test_a_spool_gives_what_was_added_as_often_as_it_is_read(count: int, tmp_path: Path) -> None:
    spool = Spool[list[object]](tmp_path)
    spool.extend([number, "a\nü"] for number in range(count))
    assert len(spool) == count
    for _ in range(2):
        assert list(spool) == [[number, "a\nü"] for number in range(count)]
    assert list(tmp_path.iterdir()) == [], "nothing is left behind, however the process ends"


@pytest.mark.parametrize("count", [0, 3, 500, 1700])
def test_looking_up_in_sorted_texts(count: int) -> None:
    texts = SortedTexts()
    texts.extend(f"k{number:05}" for number in range(0, 2 * count, 2))
    for number in range(2 * count - 2):
        assert texts.ceiling(f"k{number:05}") == f"k{number + number % 2:05}"
    assert texts.ceiling("") == ("k00000" if count else None)
    assert texts.ceiling("l") is None
