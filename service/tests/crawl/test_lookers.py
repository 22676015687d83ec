from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial

import pytest

from crawl.memory_objects import MemoryObjects
from glueball.crawl.errors import ServiceUnreachable
from glueball.crawl.listing import FoundFile, file_of
from glueball.crawl.lookers import Looker, ManyLookers, OneLooker
from glueball.crawl.looking import look_at
from glueball.crawl.objects import FoundObject

_CONTENTS = {f"f{number:04}": b"id,name\n%d,pen\n" % number for number in range(1200)}
_CONTENTS |= {"f0007": b'{"a": 1}', "f0600": b"\0\1"}


def _objects() -> MemoryObjects:
    return MemoryObjects({"lake": _CONTENTS})


def _files() -> Iterator[FoundFile]:
    for found in _objects().list("lake", ""):
        yield file_of(found, "")
    yield file_of(FoundObject(bucket="lake", key="gone", size=3), "")


def _seen(looker: Looker) -> tuple[list[object], list[str]]:
    seen = look_at(looker, _files(), base="s3://lake/")
    return list(seen.files), seen.notes()


def test_processes_find_what_one_process_finds_in_the_same_order() -> None:
    with closing(ManyLookers(_objects)) as many:
        files, notes = _seen(many)
    assert (files, notes) == _seen(OneLooker(_objects()))
    assert len(files) == 1199
    assert len(notes) == 2, "one is neither text nor known, one has gone"


class _Down(MemoryObjects):
    def beginnings(self, files: object) -> Sequence[bytes | None]:
        raise ServiceUnreachable("ReadBeginnings", 60.0, "refused")


def test_a_fault_in_a_process_ends_the_crawl_in_the_same_words() -> None:
    down = partial(_Down, {"lake": _CONTENTS})
    with closing(ManyLookers(down)) as many, pytest.raises(ServiceUnreachable, match="for 60 s"):
        _seen(many)
