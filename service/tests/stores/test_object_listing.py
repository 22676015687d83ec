from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from glueball.stores.object_errors import BucketNotEmpty, KeyCollision
from glueball.stores.object_keys import is_storable
from glueball.stores.object_listing import common_prefix
from glueball.stores.objects import ObjectStore
from support.object_stores import keys, object_store, put_text, text_of

#: characters on both sides of the slash in byte order, and beyond ASCII
_NAMES = st.text(alphabet="ab-.!0é\uffff😀 ", min_size=1, max_size=3)
_KEYS = st.builds(
    lambda names, end: "/".join(names) + end,
    st.lists(_NAMES, min_size=1, max_size=4),
    st.sampled_from(["", "", "", "/"]),
).filter(is_storable)
_PREFIXES = st.one_of(st.just(""), _KEYS, st.text(alphabet="ab-./é😀", max_size=4))


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    # of the module: hypothesis would not take one of the function
    with tempfile.TemporaryDirectory() as home, object_store(Path(home)) as opened:
        yield opened


def _model(keys: list[str], prefix: str, delimiter: str, after: str) -> list[str]:
    """What S3 lists, in the plainest words: keys and common prefixes."""
    skipped = after if after and common_prefix(after, prefix, delimiter) == after else None
    found = []
    for key in sorted(keys, key=str.encode):
        if key <= after or not key.startswith(prefix):
            continue
        group = common_prefix(key, prefix, delimiter) or key
        if group not in found and group != skipped:
            found.append(group)
    return found


def _pages(
    store: ObjectStore, prefix: str, delimiter: str, after: str, limit: int
) -> Iterator[str]:
    while True:
        page = store.page("data", prefix=prefix, delimiter=delimiter, after=after, limit=limit)
        found = [*(each.key for each in page.objects), *page.prefixes]
        assert len(found) <= limit
        yield from sorted(found, key=str.encode)
        if page.next_after is None:
            return
        assert len(found) == limit
        after = page.next_after


def _collides(key: str, others: set[str]) -> bool:
    """Whether one of the keys is a directory of the other."""
    below = key.rstrip("/") + "/"
    return any(
        other != key
        and ((key + "/").startswith(other + "/") or (other.startswith(below) and key[-1] != "/"))
        for other in others
    )


def _fill(store: ObjectStore, wanted: list[str]) -> list[str]:
    """Store as many of the keys as can lie side by side, and return those."""
    stored: set[str] = set()
    for key in wanted:
        if key not in stored and not _collides(key, stored):
            put_text(store, "data", key)
            stored.add(key)
    return list(stored)


@settings(max_examples=60, deadline=None)
@given(
    wanted=st.lists(_KEYS, max_size=12),
    prefix=_PREFIXES,
    delimiter=st.sampled_from(["", "/", "/", "-", "a/", "é"]),
    after=_PREFIXES,
    limit=st.integers(1, 5),
)
def test_pages_are_those_of_the_model(
    store: ObjectStore, wanted: list[str], prefix: str, delimiter: str, after: str, limit: int
) -> None:
    store.clear()
    store.create_bucket("data", region="us-east-1", now=0.0)
    stored = _fill(store, wanted)
    for start in ("", after):
        listed = list(_pages(store, prefix, delimiter, start, limit))
        assert listed == _model(stored, prefix, delimiter, start)


class _Sequence(RuleBasedStateMachine):
    """Random operations against a dict."""

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self._home = Path(self._open.enter_context(tempfile.TemporaryDirectory()))
        self._connection = self._open.enter_context(ExitStack())
        self._start()
        self._store.create_bucket("data", region="us-east-1", now=0.0)
        self._model: dict[str, str] = {}

    def _start(self) -> None:
        self._store = self._connection.enter_context(object_store(self._home))

    def teardown(self) -> None:
        self._open.close()

    @rule(key=_KEYS, text=st.text(alphabet="xy", max_size=3))
    def put(self, key: str, text: str) -> None:
        text = "" if key.endswith("/") else text
        if _collides(key, set(self._model)):
            with pytest.raises(KeyCollision):
                put_text(self._store, "data", key, text)
        else:
            put_text(self._store, "data", key, text)
            self._model[key] = text

    @rule(key=_KEYS)
    def write_by_hand(self, key: str) -> None:
        if not key.endswith("/") and not _collides(key, set(self._model)):
            path = self._store.root / "data" / key
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.is_dir():
                path.write_text("by hand")
                self._model[key] = "by hand"

    @precondition(lambda self: self._model)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self._model)))
        self._store.delete("data", key)
        del self._model[key]

    @rule(keys=st.lists(_KEYS, max_size=3), data=st.data())
    def delete_all(self, keys: list[str], data: st.DataObject) -> None:
        known = data.draw(st.lists(st.sampled_from(sorted(self._model) or ["?"]), max_size=3))
        self._store.delete_all("data", [*keys, *known])
        for key in (*keys, *known):
            self._model.pop(key, None)

    @rule()
    def restart(self) -> None:
        self._connection.close()
        self._start()
        self._store.sweep()

    @precondition(lambda self: self._model)
    @rule()
    def delete_bucket(self) -> None:
        with pytest.raises(BucketNotEmpty):
            self._store.delete_bucket("data")

    @invariant()
    def same(self) -> None:
        assert keys(self._store, "data") == sorted(self._model, key=str.encode)
        for key, text in self._model.items():
            assert text_of(self._store, "data", key) == text


TestSequence = _Sequence.TestCase
TestSequence.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)


def test_a_page_of_many_keys_does_not_read_the_others(store: ObjectStore) -> None:
    store.clear()
    store.create_bucket("data", region="us-east-1", now=0.0)
    for directory in range(100):
        path = store.root / "data" / f"year={directory:03}"
        path.mkdir()
        for number in range(100):
            (path / f"part-{number:03}").touch()
    started = time.process_time()
    page = store.page("data", after="year=050/part-099", limit=10)
    spent = time.process_time() - started
    assert [found.key for found in page.objects] == [f"year=051/part-{n:03}" for n in range(10)]
    assert page.next_after == "year=051/part-009"
    everything = time.process_time()
    assert len(list(_pages(store, "", "", "", 1000))) == 10_000
    assert spent < (time.process_time() - everything) / 10


def test_a_directory_may_lie_at_any_depth(store: ObjectStore) -> None:
    store.clear()
    store.create_bucket("data", region="us-east-1", now=0.0)
    deep = "/".join(["d"] * 500) + "/file"
    put_text(store, "data", deep, "x")
    assert keys(store, "data") == [deep]
    assert store.page("data", delimiter="/").prefixes == ("d/",)
    store.delete("data", deep)
    assert list((store.root / "data").iterdir()) == []


def test_prefixes_that_no_directory_can_have_match_nothing(store: ObjectStore) -> None:
    store.clear()
    store.create_bucket("data", region="us-east-1", now=0.0)
    put_text(store, "data", "a/b", "x")
    for prefix in ("../", "a/../a/", "a//", "/", "./", "a/\0/", "x" * 300 + "/", "\ud800/"):
        assert keys(store, "data", prefix=prefix) == []
