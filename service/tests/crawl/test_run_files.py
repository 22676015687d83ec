from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from crawl.specifications import specification
from glueball.crawl.run_files import tell_failure, tell_started


def test_the_service_is_told_of_the_start(tmp_path: Path) -> None:
    found = specification(tmp_path)
    os.mkfifo(found.notify_fifo)
    reader = os.open(found.notify_fifo, os.O_RDONLY | os.O_NONBLOCK)
    before = (time.time(), time.monotonic())
    try:
        tell_started(found)
        assert os.read(reader, 100) == b"run-1\n"
    finally:
        os.close(reader)
    told = json.loads((tmp_path / "started.json").read_text())
    assert before[0] <= told["time"] <= time.time()
    assert before[1] <= told["steady"] <= time.monotonic()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["engine.fifo", "started.json"]


@pytest.mark.parametrize("fifo", [True, False], ids=["nobody listens", "no pipe"])
def test_nobody_has_to_listen(tmp_path: Path, fifo: bool) -> None:
    found = specification(tmp_path)
    if fifo:
        os.mkfifo(found.notify_fifo)
    tell_started(found)
    assert (tmp_path / "started.json").exists()


def test_a_start_that_cannot_be_told_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        tell_started(specification(tmp_path / "gone"))


def test_failures_are_told(tmp_path: Path) -> None:
    tell_failure(tmp_path, "first", "WRONG")
    tell_failure(tmp_path, "Straße „x“", "INTERNAL_ERROR")
    assert json.loads((tmp_path / "failure.json").read_text("utf-8")) == {
        "message": "Straße „x“",
        "category": "INTERNAL_ERROR",
        "line": None,
    }
    assert [path.name for path in tmp_path.iterdir()] == ["failure.json"]


def test_a_failure_that_cannot_be_told_is_no_other_failure(tmp_path: Path) -> None:
    tell_failure(tmp_path / "gone", "x", "INTERNAL_ERROR")
    assert not (tmp_path / "gone").exists()
