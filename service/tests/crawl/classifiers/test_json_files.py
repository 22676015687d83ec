from __future__ import annotations

import bz2
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawl.memory_objects import cut_in_a_character, one_object, sample_of
from crawl.schema_texts import columns
from glueball.crawl import hive_types as hive
from glueball.crawl.classifiers import json_files
from glueball.crawl.kinds import Classified, Kind
from glueball.crawl.samples import FARTHEST, MEGABYTE, Sample


def classified(content: str | bytes) -> Classified | None:
    return json_files.recognise(
        sample_of(content.encode() if isinstance(content, str) else content)
    )


def known(content: str | bytes) -> Classified:
    found = classified(content)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "records", "multi_line"),
    [
        pytest.param('{"a":1}\n{"a":2}\n', 2, False, id="lines"),
        pytest.param('{"a":1}\r\n{"a":2}', 2, False, id="lines of DOS, the last without end"),
        pytest.param('{"a":1}{"a":2} {"a":3}', 3, False, id="on one line"),
        pytest.param('{"a":1},\n{"a":2},\n', 2, False, id="commas between"),
        pytest.param('\n\n  {"a":1}\n\n', 1, False, id="blank lines around"),
        pytest.param('\ufeff{"a":1}', 1, False, id="a byte order mark"),
        pytest.param('{\n "a": 1\n}\n{\n "a": 2\n}\n', 2, True, id="over several lines"),
        pytest.param('[{"a":1},{"a":2}]', 2, False, id="an array on a line"),
        pytest.param('[{"a":1}]\n[{"a":2}]\n', 2, False, id="an array on each line"),
        pytest.param('[\n{"a":1},\n{"a":2}\n]\n', 2, True, id="an array with a record on a line"),
        pytest.param('[\n  {\n    "a": 1\n  }\n]', 1, True, id="an array over several lines"),
        pytest.param('[1, null, {"a": 1}, [2]]', 1, False, id="other values in the array"),
        pytest.param('[{"a":1},', 1, False, id="an array without end"),
        pytest.param('[{"a":1},]', 1, False, id="a comma too many"),
        pytest.param('[] [{"a":1}] {"a":2}', 2, False, id="arrays and records"),
    ],
)
def test_records(text: str, records: int, multi_line: bool) -> None:
    found = known(text)
    assert found.kind == Kind(classification="json")
    assert (columns(found.schema), found.records, found.multi_line) == (
        "a int",
        records,
        multi_line,
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a,b\n1,2\n", id="csv"),
        pytest.param("1\n2\n", id="numbers"),
        pytest.param('"a"\n', id="a text"),
        pytest.param("[1, 2, 3]", id="an array of numbers"),
        pytest.param("[]", id="an empty array"),
        pytest.param("[", id="a bracket"),
        pytest.param('{"a": 1', id="a record without end"),
        pytest.param('{"a": NaN}\n', id="no number"),
        pytest.param("{a: 1}\n", id="JavaScript"),
        pytest.param("{'a': 1}\n", id="Python"),
        pytest.param("[section]\nkey = value\n", id="settings"),
        pytest.param('{"a":1}\none\ntwo\nthree\nfour\nfive\n', id="more broken lines than others"),
        pytest.param("[2024-01-01] INFO x\n[2024-01-02] INFO y\n", id="a log"),
        pytest.param('{"a":1}\0', id="a zero byte"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_no_json(text: str) -> None:
    assert classified(text) is None


@pytest.mark.parametrize(
    ("value", "data_type"),
    [
        pytest.param("1", "int", id="a number"),
        pytest.param(str(2**31 - 1), "int", id="the longest int"),
        pytest.param(str(2**31), "bigint", id="a longer one"),
        pytest.param(str(-(2**63)), "bigint", id="the longest bigint"),
        pytest.param(str(2**63), "double", id="longer than any"),
        pytest.param("1.0", "double", id="a fraction"),
        pytest.param("1e400", "double", id="more than a double holds"),
        pytest.param("true", "boolean", id="a boolean"),
        pytest.param('"2024-01-31"', "string", id="a date is a text"),
        pytest.param("null", "string", id="null"),
        pytest.param("[]", "array<string>", id="an empty array"),
        pytest.param("[1, 2.5, null]", "array<double>", id="an array of numbers"),
        pytest.param('[1, "x"]', "array<string>", id="an array of all kinds"),
        pytest.param('{"x": {"y": [true]}}', "struct<x:struct<y:array<boolean>>>", id="nested"),
        pytest.param("{}", "string", id="an empty object"),
        pytest.param('[{"x": 1}, {"y": 2}]', "array<struct<x:int,y:int>>", id="records in arrays"),
        pytest.param('{"X": 1, "x": 2.5}', "struct<X:double>", id="names in another case"),
        pytest.param('{"a:b": 1}', "struct<a_b:int>", id="names with colons"),
    ],
)
def test_types(value: str, data_type: str) -> None:
    assert columns(known(f'{{"v": {value}}}').schema) == f"v {data_type}"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param('{"a":1}{"a":null}{"b":2.5}', "a int, b double", id="all fields of all"),
        pytest.param('{"a":1}{"a":3000000000}', "a bigint", id="numbers"),
        pytest.param('{"a":1}{"a":"x"}', "a string", id="numbers and texts"),
        pytest.param('{"Id":1}{"ID":2.5}', "id double", id="names in another case"),
        pytest.param('{"a":1,"A":"x"}', "a string", id="both in one record"),
        pytest.param('{"a":{}}{"a":{"x":1}}', "a struct<x:int>", id="an empty object says nothing"),
        pytest.param('{"":1}', "col0 int", id="no name"),
        pytest.param('{"Straße 道":1}', "straße 道 int", id="letters"),
        pytest.param('{"\\ud800":1}', "_ int", id="half a character"),
        pytest.param("{}", "", id="no fields"),
    ],
)
def test_fields(text: str, named: str) -> None:
    assert columns(known(text).schema) == named


def test_columns_keep_how_the_file_spells_them() -> None:
    assert [column.spelled for column in known('{"Id":1}{"ID":2}').schema] == ["Id"]


GOOD = "".join(f'{{"a": {number}, "s": "x"}}\n' for number in range(200))
PRETTY = {"a": 1, "items": [{"id": 1, "k": {"z": 1}}, {"id": 2}]}


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param("not JSON at all\n", id="words"),
        pytest.param("2024 words that begin with a number\n", id="a number"),
        pytest.param('"words" in quotes\n', id="quotes"),
        pytest.param('{"a": 1, "s": \n', id="half a record"),
        pytest.param('{"a": 1, "s": "x\n', id="half a text"),
        pytest.param('{"a": [1, {"b": \n', id="a record in it"),
        pytest.param("]\n", id="an end of nothing"),
        pytest.param('{"n": ' + "9" * 5000 + "}\n", id="a number that Python does not read"),
        pytest.param("<<<<<<< HEAD\n=======\n", id="several lines"),
    ],
)
def test_damaged_lines_are_stepped_over(damaged: str) -> None:
    found = known(GOOD + damaged + GOOD)
    assert columns(found.schema) == "a int, s string"
    assert found.records == 400
    assert not found.multi_line


def test_records_within_a_damaged_one_are_none() -> None:
    """Whatever a damaged record has in it, only the next one on its level is looked at."""
    good = json.dumps(PRETTY, indent=2)
    damaged = good.replace('"a": 1', '"a" 1')
    found = known("\n".join([good, good, damaged, good]))
    assert columns(found.schema) == "a int, items array<struct<id:int,k:struct<z:int>>>"
    assert found.records == 3


def test_records_within_a_damaged_one_of_an_array_are_none() -> None:
    whole = json.dumps([PRETTY] * 4, indent=2)
    place = whole.index('"a": 1', whole.index('"a": 1') + 1)
    found = known(whole[:place] + "oops" + whole[place:])
    assert columns(found.schema) == "a int, items array<struct<id:int,k:struct<z:int>>>"
    assert (found.records, found.multi_line) == (3, True)


@pytest.mark.parametrize("cut", range(1, 260, 7))
@pytest.mark.parametrize("indent", [None, 2])
def test_a_record_that_the_end_cuts_does_not_count(cut: int, indent: int | None) -> None:
    records = [json.dumps(PRETTY, indent=indent)] * 4
    text = "\n".join(records)
    found = known(text[: len(text) - min(cut, len(records[0]))])
    assert columns(found.schema) == "a int, items array<struct<id:int,k:struct<z:int>>>"
    array = json.dumps([PRETTY] * 4, indent=indent)
    found = known(array[: len(array) - min(cut, len(records[0]))])
    assert columns(found.schema) == "a int, items array<struct<id:int,k:struct<z:int>>>"


def test_a_large_record_that_the_first_megabyte_cuts() -> None:
    """Its lines are many times those of the records before; they are not broken."""
    small = json.dumps({"a": 1}, indent=1)
    large = json.dumps({"a": 2, "items": [{"id": number} for number in range(100_000)]}, indent=1)
    assert len(large) > 2 * MEGABYTE
    found = known(f"{small}\n{large}\n")
    assert columns(found.schema) == "a int"
    found = known(f"[\n{small},\n{large}\n]\n")
    assert (columns(found.schema), found.multi_line) == ("a int", True)


@pytest.mark.parametrize(
    ("pack", "compression"), [(gzip.compress, "gzip"), (bz2.compress, "bzip2")]
)
def test_packed_files(pack: Callable[[bytes], bytes], compression: str) -> None:
    found = known(pack(b'{"a":1}\n{"a":2}\n'))
    assert found.kind == Kind(classification="json", compression=compression)
    assert (columns(found.schema), found.records) == ("a int", 2)


@pytest.mark.parametrize("count", [1, 999, 1000, 1001, 30_000])
@pytest.mark.parametrize(
    "form",
    [
        pytest.param(lambda records: "\n".join(records) + "\n", id="lines"),
        pytest.param(lambda records: "[" + ",".join(records) + "]", id="an array on a line"),
        pytest.param(lambda records: "[\n" + ",\n".join(records) + "\n]\n", id="an array"),
    ],
)
def test_records_are_counted_or_estimated(count: int, form: Callable[[list[str]], str]) -> None:
    text = form(['{"a":1,"b":"some text of fifty characters, or thereabouts"}'] * count)
    found = known(text)
    assert found.records == pytest.approx(count, rel=0.01, abs=0 if count < 1000 else 5)
    assert found.record_bytes == pytest.approx(len(text) / count, rel=0.03)


def test_a_long_array_on_one_line_is_looked_at_by_its_beginning() -> None:
    """Twelve megabytes without a line end; the first holds records enough."""
    text = "[" + ",".join(['{"a":1,"b":"' + "x" * 1000 + '"}'] * 12_000) + "]"
    objects, found = one_object(text.encode())
    classified = json_files.recognise(Sample(objects, found))
    assert classified is not None
    assert classified.records == pytest.approx(12_000, rel=0.01)
    assert not classified.multi_line
    assert objects.bytes_read == MEGABYTE


@pytest.mark.parametrize(
    ("megabytes", "is_json"), [(5, True), (12, False)], ids=["five", "twelve megabytes"]
)
def test_a_long_record(megabytes: int, is_json: bool) -> None:
    text = b'{"a":1,"b":"' + b"x" * megabytes * MEGABYTE + b'"}'
    objects, found = one_object(text)
    classified = json_files.recognise(Sample(objects, found))
    assert (classified is not None) is is_json
    assert objects.bytes_read == min(len(text), FARTHEST)


def test_deep_values_end_in_strings() -> None:
    text = '{"a":' * 150 + "1" + "}" * 150
    [column] = known(text).schema
    assert hive.text_of(column.type).count("<") == hive.DEEPEST
    assert hive.parse(hive.text_of(column.type)) == column.type


@pytest.mark.parametrize("opening", ['{"a":', "[", '{"a":[\n'], ids=["objects", "arrays", "lines"])
def test_values_without_end_take_no_time(opening: str) -> None:
    assert classified(opening * (MEGABYTE // len(opening))) is None


def test_a_character_that_the_first_megabyte_cuts() -> None:
    assert columns(known(cut_in_a_character('{"a":"üüüü"}\n'.encode())).schema) == "a string"
    array = b"[" + cut_in_a_character('{"a":"üüüü"},'.encode())[1:]
    assert columns(known(array).schema) == "a string"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from("abcAB:"), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
_RECORDS = st.lists(
    st.dictionaries(st.sampled_from(["a", "b", "c"]), _JSON), min_size=1, max_size=5
)


@settings(deadline=None)
@given(records=_RECORDS, indent=st.none() | st.integers(0, 2), ascii_only=st.booleans())
def test_lines_and_arrays_of_the_same_records_are_alike(
    records: list[dict[str, Any]], indent: int | None, ascii_only: bool
) -> None:
    written = [json.dumps(one, indent=indent, ensure_ascii=ascii_only) for one in records]
    lines = known("\n".join(written))
    array = known(json.dumps(records, indent=indent, ensure_ascii=ascii_only))
    assert lines.schema == array.schema
    assert lines.records == array.records == len(records)
    names = {column.name for column in lines.schema}
    assert names == {name for one in records for name in one}


@settings(deadline=None)
@given(st.text('{}[]",:a1 \n', max_size=40), st.integers(0, 40))
def test_any_text_is_one_or_none(text: str, place: int) -> None:
    whole = '{"a": 1}\n[{"a": [2]}]\n'
    for content in (text, whole[:place] + text + whole[place:]):
        found = classified(content)
        assert found is None or found.records > 0
