"""What a crawler remembers: files that have not changed are not opened again."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crawl.test_crawl_in_memory import _World
from glueball.crawl.memory import CrawlMemory, fingerprint

_CSV = b"id,name\n1,pen\n2,ink\n"
_ALL = ["shop/a/1.csv", "shop/a/2.csv", "shop/b/1.json", "shop/b/2.bin"]


@pytest.fixture
def world(tmp_path: Path) -> _World:
    """A crawler that has crawled once, and remembers it."""
    made = _World()
    made.objects |= dict(zip(_ALL, (_CSV, _CSV + b"3,cap\n", b'{"a": 1}', b"\0\1"), strict=True))
    made.memory = CrawlMemory(directory=tmp_path / "memory", fingerprint="f")
    made.crawl()
    assert sorted(made.opened) == _ALL
    return made


def test_an_unchanged_crawl_opens_nothing_and_finds_the_same(world: _World) -> None:
    before = {name: world.table(name) for name in world.catalog.tables("lake")}
    summary = world.crawl()
    assert world.opened == []
    assert not any(summary.document().values()), "nothing was changed"
    assert {name: world.table(name) for name in world.catalog.tables("lake")} == before
    assert world.said("4 files below s3://lake/shop/ have not changed")
    assert world.said("Left out 1 file, each since it is neither text"), "still said of b/2.bin"


@pytest.mark.parametrize(
    ("change", "opened"),
    [
        pytest.param({"shop/a/1.csv": _CSV + b"4,nib\n"}, ["shop/a/1.csv"], id="another size"),
        pytest.param({"shop/a/1.csv": _CSV[::-1]}, ["shop/a/1.csv"], id="another entity tag"),
        pytest.param({"shop/a/0.csv": _CSV}, ["shop/a/0.csv"], id="new, before all others"),
        pytest.param({"shop/z.csv": _CSV}, ["shop/z.csv"], id="new, behind all others"),
    ],
)
def test_only_what_has_changed_is_opened(
    world: _World, change: dict[str, bytes], opened: list[str]
) -> None:
    world.objects |= change
    world.crawl()
    assert world.opened == opened
    world.crawl()
    assert world.opened == [], "the change is remembered, too"


def test_a_file_that_is_deleted_is_forgotten(world: _World) -> None:
    del world.objects["shop/a/1.csv"]
    world.crawl()
    assert world.opened == []
    assert world.table("a")["Parameters"]["objectCount"] == "1"


def _truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:40])


def _garble(file: Path) -> None:
    file.write_bytes(b"no gzip")


def _other(file: Path) -> None:
    file.write_bytes(gzip.compress(b'{"fingerprint": "f", "profiles": [{"kind": 1}]}\n[]\n'))


@pytest.mark.parametrize("damage", [_truncate, _garble, _other, Path.unlink])
def test_a_damaged_memory_is_no_memory(world: _World, damage: Callable[[Path], None]) -> None:
    assert world.memory is not None
    (file,) = world.memory.directory.iterdir()
    damage(file)
    world.crawl()
    assert sorted(world.opened) == _ALL


def test_a_crawler_that_decides_otherwise_looks_at_everything_again(world: _World) -> None:
    assert world.memory is not None
    world.memory = replace(world.memory, fingerprint="g")
    world.crawl()
    assert sorted(world.opened) == _ALL


_CRAWLER = {
    "Created": 1.0,
    "Classifiers": [],
    "Configuration": None,
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
    "Description": "d",
}


@pytest.mark.parametrize(
    ("change", "forgets"),
    [
        pytest.param({"Created": 2.0}, True, id="another crawler of the same name"),
        pytest.param({"Classifiers": ["grok"]}, True, id="classifiers"),
        pytest.param({"Configuration": '{"Version": 1.0}'}, True, id="configuration"),
        pytest.param({"RecrawlPolicy": {}}, True, id="recrawl policy"),
        pytest.param({"Description": "e"}, False, id="what decides nothing"),
    ],
)
def test_what_makes_a_crawler_forget(change: dict[str, object], forgets: bool) -> None:
    assert (fingerprint(_CRAWLER | change) != fingerprint(_CRAWLER)) is forgets
