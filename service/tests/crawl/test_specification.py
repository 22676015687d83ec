from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from crawl.specifications import CRAWLER, specification
from glueball.crawl.errors import InvalidTarget, LaunchUnreadable
from glueball.crawl.specification import load

RUN: dict[str, Any] = {
    "run_id": "run-1",
    "token": "token-1",
    "region": "us-east-1",
    "account_id": "123456789012",
    "endpoint_url": "http://127.0.0.1:1",
    "crawler": CRAWLER,
}


def written(directory: Path, run: Any) -> Path:
    path = directory / "launch.json"
    path.write_text(json.dumps({"version": 1, "run": run}))
    return path


def test_what_the_service_writes_is_read(tmp_path: Path) -> None:
    fifo = str(tmp_path / "engine.fifo")
    found = load(written(tmp_path, {**RUN, "notify_fifo": fifo, "more": 1}))
    assert found == specification(tmp_path)
    assert found.read_crawler().name == "c"


@pytest.mark.parametrize("name", [*RUN, "notify_fifo"])
def test_a_member_that_is_missing_is_named(tmp_path: Path, name: str) -> None:
    run = {**RUN, "notify_fifo": "/x"}
    del run[name]
    with pytest.raises(LaunchUnreadable, match=f"launch.json lacks the member '{name}' of run"):
        load(written(tmp_path, run))


@pytest.mark.parametrize(
    ("run", "says"),
    [
        pytest.param(None, 'lacks the object "run"', id="no run"),
        pytest.param([], 'lacks the object "run"', id="a list"),
        pytest.param({**RUN, "notify_fifo": None}, "of a wrong type in run", id="no pipe"),
        pytest.param({**RUN, "crawler": "c"}, "no object as the member crawler", id="a name"),
    ],
)
def test_members_of_a_wrong_type(tmp_path: Path, run: Any, says: str) -> None:
    with pytest.raises(LaunchUnreadable, match=says):
        load(written(tmp_path, run))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b"1"])
def test_files_that_are_something_else(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "launch.json"
    path.write_bytes(content)
    with pytest.raises(LaunchUnreadable, match=re.escape(str(path))):
        load(path)


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(LaunchUnreadable, match="cannot be read: No such file or directory"):
        load(tmp_path / "launch.json")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"RecrawlPolicy": {}}, "lacks the member 'RecrawlBehavior'", id="missing"),
        pytest.param({"RecrawlPolicy": None}, "wrong type in crawler", id="null"),
        pytest.param({"Targets": ["x"]}, "wrong type in crawler", id="a list"),
    ],
)
def test_crawlers_that_cannot_be_read(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    run = {**RUN, "notify_fifo": "/x", "crawler": {**CRAWLER, **changes}}
    with pytest.raises(LaunchUnreadable, match=says):
        load(written(tmp_path, run)).read_crawler()


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"Targets": {}}, "has no target"), ({"Configuration": "{"}, "Correct the crawler's")],
)
def test_crawlers_that_cannot_be_crawled(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    run = {**RUN, "notify_fifo": "/x", "crawler": {**CRAWLER, **changes}}
    with pytest.raises(InvalidTarget, match=says):
        load(written(tmp_path, run)).read_crawler()
