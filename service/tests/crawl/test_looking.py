from __future__ import annotations

from typing import Any

from crawl.memory_objects import MemoryObjects
from glueball.core.s3_uri import parse_s3_uri
from glueball.crawl.crawler import S3Target
from glueball.crawl.listing import FoundFile, list_target
from glueball.crawl.lookers import OneLooker
from glueball.crawl.looking import Seen, look_at

_JSON = b'{"id": 1}\n{"id": 2}\n'


def _objects(**contents: bytes) -> tuple[MemoryObjects, list[FoundFile]]:
    keys = {key.replace("__", "/"): content for key, content in contents.items()}
    objects = MemoryObjects({"lake": keys})
    listing = list_target(objects, S3Target(place=parse_s3_uri("s3://lake/")))
    return objects, list(listing.files)


def _look_at(objects: MemoryObjects, files: list[FoundFile], **options: Any) -> Seen:
    return look_at(OneLooker(objects), files, base="s3://lake/", **options)


def test_files_are_what_their_classifiers_say() -> None:
    objects, files = _objects(a=_JSON, b=b"\0\1\2", c=b"x,y\n1,2\n")
    seen = _look_at(objects, files)
    kinds = [(one.file.name, one.found and one.found.kind.classification) for one in seen.files]
    assert kinds == [("a", "json"), ("c", "csv")]
    (note,) = seen.notes()
    assert note.startswith("Left out 1 file, each since it is neither text")
    assert note.endswith("s3://lake/b")


def test_no_more_of_each_folder_are_opened_than_asked_for() -> None:
    objects, files = _objects(x__a=_JSON, x__b=_JSON, x__c=_JSON, y__a=_JSON, z=_JSON)
    seen = _look_at(objects, files, sample_size=2)
    assert sorted(one.location for one in seen.files if one.found is None) == ["s3://lake/x/c"]
    assert len(list(seen.files)) == 5


def test_known_files_are_not_opened() -> None:
    objects, files = _objects(x__a=_JSON, y__a=_JSON)
    seen = _look_at(objects, files, is_known=lambda one: one.folders == ("x",))
    assert [(one.file.folders, one.known) for one in seen.files] == [
        (("x",), True), (("y",), False),
    ]  # fmt: skip
    assert len(objects.reads) == 1


def test_files_that_are_deleted_meanwhile_are_left_out_with_a_note() -> None:
    objects, files = _objects(a=_JSON, b=_JSON)
    objects.buckets = {"lake": {"a": _JSON}}
    seen = _look_at(objects, files)
    assert [one.file.name for one in seen.files] == ["a"]
    assert seen.notes() == [
        "Left out 1 file, each since it was deleted or replaced meanwhile: s3://lake/b"
    ]
