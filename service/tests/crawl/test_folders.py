from __future__ import annotations

import random

from crawl.found_files import CSV, HEADLESS, JSON, looked_at, not_opened, schema
from glueball.crawl.folders import inner_first, with_headers

_PATHS = ("a.json", "x/b.json", "x/y/z/c.json", "x/y/d.json", "w/e.json")


def test_folders_come_behind_all_that_lies_in_them() -> None:
    folders = list(inner_first([looked_at(path) for path in _PATHS]))
    assert [folder.path for folder in folders] == [
        ("w",), ("x", "y", "z"), ("x", "y"), ("x",), (),
    ]  # fmt: skip
    assert folders[-1].folders == [("w",), ("x",)]
    assert [one.file.name for one in folders[-1].files] == ["a.json"]
    assert folders[2].folders == [("x", "y", "z")]


def test_the_order_of_files_does_not_matter() -> None:
    files = [looked_at(path) for path in _PATHS]
    shuffled = random.Random(1).sample(files, len(files))
    assert list(inner_first(shuffled)) == list(inner_first(files))


def test_folders_may_be_deeper_than_python_can_recurse() -> None:
    path = "/".join(["d"] * 510) + "/a.json"
    assert len(list(inner_first([looked_at(path)]))) == 511


def test_no_files_are_one_empty_folder() -> None:
    (folder,) = inner_first([])
    assert (folder.path, folder.files, folder.folders) == ((), [], [])


def test_a_file_of_texts_has_the_header_that_others_have() -> None:
    texts = looked_at(
        "b.csv", "col0:string col1:string", HEADLESS, first_row="id:string name:string"
    )
    files = [looked_at("a.csv", "id:bigint name:string", CSV), texts]
    first, second = with_headers(files)
    assert first == files[0]
    assert second.found is not None
    assert (second.found.kind, second.found.schema) == (CSV, schema("id:string name:string"))
    assert second.found.records == 9, "the header is none"


def test_a_first_line_that_names_other_columns_is_no_header() -> None:
    texts = looked_at("b.csv", "col0 col1", HEADLESS, first_row="city country")
    files = [looked_at("a.csv", "id:bigint name:string", CSV), texts, not_opened("c.csv")]
    assert with_headers(files) == files


def test_headers_of_another_kind_do_not_count() -> None:
    texts = looked_at("b.csv", "col0 col1", HEADLESS, first_row="id name")
    assert with_headers([looked_at("a.json", "id name", JSON), texts])[1] == texts
