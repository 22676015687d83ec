from __future__ import annotations

import bz2
import csv
import gzip
import io
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawl.memory_objects import cut_in_a_character, one_object, sample_of
from crawl.schema_texts import columns
from glueball.crawl import hive_types as hive
from glueball.crawl.classifiers import csv_files
from glueball.crawl.kinds import Classified, Kind
from glueball.crawl.samples import MEGABYTE, Sample


def classified(content: str | bytes) -> Classified | None:
    return csv_files.recognise(sample_of(content.encode() if isinstance(content, str) else content))


def known(content: str | bytes) -> Classified:
    found = classified(content)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("delimiter", "text"),
    [
        pytest.param(",", "a,b\n1,2\n", id="comma"),
        pytest.param("|", "a|b\n1|2\n", id="pipe"),
        pytest.param("\t", "a\tb\n1\t2\n", id="tab"),
        pytest.param(";", "a;b\n1;2\n", id="semicolon"),
        pytest.param("\x01", "a\x01b\n1\x012\n", id="Ctrl-A"),
        pytest.param(",", "a;b,c\n1;2,3\n", id="the first that fits"),
        pytest.param(";", "a;b,c\n1;2\n3;4\n", id="the more even one"),
        pytest.param("|", "a|b\n1, 2|3\n4|5\n", id="a comma within a value"),
        pytest.param(";", "a;b\n7;1,5\n8;2,5\n", id="decimal commas"),
        pytest.param(",", 'a,b\n"1;2",2\n"3;4",3\n', id="a semicolon within quotes"),
    ],
)
def test_delimiters(delimiter: str, text: str) -> None:
    assert known(text).kind.delimiter == delimiter


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a\n1\n2\n", id="one column"),
        pytest.param("a,b\n", id="one row"),
        pytest.param("a,b\n\n \n", id="one row and blank ones"),
        pytest.param("a,b\n1\n2\n", id="rows of one value"),
        pytest.param("a:b\n1:2\n", id="a delimiter that is none"),
        pytest.param("Dear Sir,\nthis, as you see, is no table.\nYours\n", id="a letter"),
        pytest.param('a,"b\n1,2\n3,4\n', id="quotes that never close"),
        pytest.param(b"a,b\n\0,1\n", id="a zero byte"),
        pytest.param("a,b\n1,2\n".encode("utf-16"), id="another encoding"),
        pytest.param(b"\xff\xfe\xfd," * 100 + b"\n" + b"\x80," * 100, id="no text"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_no_csv(text: str | bytes) -> None:
    assert classified(text) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("Id,Name\n1,x\n", "id bigint, name string", id="a header"),
        pytest.param("id,id\n1,x\n", "id bigint, id_1 string", id="a name twice"),
        pytest.param(" id , b\n1,x\n", "id bigint, b string", id="spaces around names"),
        pytest.param("a,b,\n1,2,\n", "a bigint, b bigint, col2 string", id="a trailing delimiter"),
        pytest.param("a,b,\n1,2,3\n", "a bigint, b bigint, col2 bigint", id="no last name"),
        pytest.param('"a b","ü"\n"1","2"\n', "a b bigint, ü bigint", id="quotes"),
        pytest.param("a\xa0b,c\u3000d\n1,2\n", "a\xa0b bigint, c\u3000d bigint", id="odd spaces"),
        pytest.param("\ufeffid,b\n1,x\n", "id bigint, b string", id="a byte order mark"),
        pytest.param("a,b\r\n1,x\r\n", "a bigint, b string", id="line ends of DOS"),
        pytest.param("a,b\r1,x\r", "a bigint, b string", id="line ends of old"),
        pytest.param("\n\na,b\n\n1,x\n\n", "a bigint, b string", id="blank lines"),
        pytest.param(
            f"{'n' * 149},{'m' * 200}\n1,2\n",
            f"{'n' * 149} bigint, {'m' * 200} bigint",
            id="long names: the last may have 150 characters and more",
        ),
        pytest.param("a,b\n,2\n,3\n", "a string, b bigint", id="a column of nothing"),
    ],
)
def test_headers(text: str, named: str) -> None:
    found = known(text)
    assert found.kind.header
    assert columns(found.schema) == named
    assert found.first_row == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("a,1\nb,2\n", "col0 string, col1 bigint", id="a number in the first row"),
        pytest.param("a,true\nb,2\n", "col0 string, col1 string", id="a boolean in the first row"),
        pytest.param("a,b\nc,d\n", "col0 string, col1 string", id="nothing but strings"),
        pytest.param("a,b\nc,\n", "col0 string, col1 string", id="strings and nothing"),
        pytest.param(",a\n1,b\n", "col0 bigint, col1 string", id="a first name that is missing"),
        pytest.param(f"{'n' * 150},b\n1,2\n", "col0 string, col1 string", id="a long name"),
        pytest.param('"a\nb",c\n1,2\n', "col0 string, col1 string", id="two lines as a name"),
    ],
)
def test_without_header(text: str, named: str) -> None:
    found = known(text)
    assert not found.kind.header
    assert columns(found.schema) == named


@pytest.mark.parametrize(
    ("text", "first_row"),
    [
        pytest.param("a,B\nc,d\n", "a string, b string", id="strings"),
        pytest.param("a,1\nb,2\n", "", id="a number is no name"),
        pytest.param(f"{'n' * 150},b\nc,d\n", "", id="nor is a long text"),
    ],
)
def test_a_first_line_that_may_be_a_header_is_kept(text: str, first_row: str) -> None:
    assert columns(known(text).first_row) == first_row


@pytest.mark.parametrize(
    ("values", "data_type"),
    [
        pytest.param(["1", "-2", "+3", "007"], "bigint", id="whole numbers"),
        pytest.param([str(2**63 - 1), str(-(2**63))], "bigint", id="the longest"),
        pytest.param([str(2**63)], "string", id="too long by one"),
        pytest.param([str(-(2**63) - 1)], "string", id="too long by one, below"),
        pytest.param(["1" * 30], "string", id="much too long"),
        pytest.param(["1.5", "2"], "double", id="fractions"),
        pytest.param([".5", "1.", "-1e5", "1E-3"], "double", id="fractions of all kinds"),
        pytest.param(["true", "FALSE"], "boolean", id="booleans"),
        pytest.param(["true", "1"], "string", id="booleans and numbers"),
        pytest.param(["1", "x"], "string", id="numbers and words"),
        pytest.param(["1", "", " "], "bigint", id="blanks say nothing"),
        pytest.param([" 1", "2 "], "bigint", id="spaces around numbers"),
        pytest.param(["2024-01-31"], "string", id="dates"),
        pytest.param(["NaN", "Infinity"], "string", id="words for numbers"),
        pytest.param(["١", "٢"], "string", id="digits of other scripts"),
        pytest.param(["1_000"], "string", id="an underscore"),
        pytest.param(["0x1f"], "string", id="hexadecimal"),
        pytest.param(["."], "string", id="a point"),
        pytest.param(["e5"], "string", id="an exponent"),
    ],
)
def test_types(values: list[str], data_type: str) -> None:
    rows = "".join(f'7;"{value}"\n' for value in values * 2)
    assert columns(known(rows).schema) == f"col0 bigint, col1 {data_type}"


@pytest.mark.parametrize(
    ("rows", "fits"),
    [
        pytest.param(["1,2"] * 9 + ["1,2,3"], True, id="one of ten has more"),
        pytest.param(["1,2"] * 9 + ["1"], True, id="one of ten has less"),
        pytest.param(["1,2"] * 8 + ["1,2,3"] * 2, False, id="two of ten"),
    ],
)
def test_uneven_rows(rows: list[str], fits: bool) -> None:
    found = classified("\n".join(rows))
    assert (found is not None) is fits
    if found is not None:
        assert columns(found.schema) == "col0 bigint, col1 bigint"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        pytest.param('a,b\n1,"x"\n', True, id="the last value"),
        pytest.param('a,b\n"1",x\n', True, id="the first value of a line"),
        pytest.param('"a",b\n1,x\n', True, id="the first value of the file"),
        pytest.param('a,b\r"1",x\r', True, id="line ends of old"),
        pytest.param('a;b\n1;"x"\n', True, id="another delimiter"),
        pytest.param('a|b\n1|"x"\n', True, id="a delimiter that patterns know"),
        pytest.param("a,b\n1,x\n", False, id="none"),
        pytest.param('a,b\n1,5"\n2,6" or so\n', False, id="inches"),
        pytest.param('a,b\n5",1\n6",2\n', False, id="inches at a value's end"),
    ],
)
def test_quotes(text: str, quoted: bool) -> None:
    assert known(text).quoted is quoted


def test_line_ends_in_quotes() -> None:
    found = known('a,b\n1,"x\ny"\n2,"z"\n')
    assert (columns(found.schema), found.records) == ("a bigint, b string", 2)


@pytest.mark.parametrize(
    ("pack", "compression"), [(gzip.compress, "gzip"), (bz2.compress, "bzip2")]
)
def test_packed_files(pack: Callable[[bytes], bytes], compression: str) -> None:
    found = known(pack(b"a,b\n1,x\n2,y\n"))
    assert found.kind == Kind(
        classification="csv", compression=compression, delimiter=",", header=True
    )
    assert (found.records, found.record_bytes) == (2, 4.0)


@pytest.mark.parametrize("blank", ["", "\n"], ids=["no blank lines", "a blank line"])
@pytest.mark.parametrize("rows", [999, 1000, 1001, 5000, 100_000])
def test_records_are_counted_or_estimated(rows: int, blank: str) -> None:
    """A thousand rows are looked at; the others are as long."""
    found = known("ab,c\n" + blank + "12,x\n" * rows)
    assert found.records == pytest.approx(rows, rel=0.01)
    assert found.record_bytes == pytest.approx(5.0, rel=0.01)


def test_records_of_a_packed_file_are_estimated() -> None:
    rows = "".join(f"{number:06d},{number * 7919 % 10_007:05d}\n" for number in range(50_000))
    found = known(gzip.compress(rows.encode()))
    assert found.records == pytest.approx(50_000, rel=0.2)


def test_only_the_first_megabyte_is_read() -> None:
    objects, found = one_object(b"1,x\n" * MEGABYTE)
    classified = csv_files.recognise(Sample(objects, found))
    assert classified is not None
    assert classified.records == pytest.approx(MEGABYTE, rel=0.01)
    assert objects.bytes_read == MEGABYTE


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "dos", "old"])
def test_a_line_that_the_first_megabyte_cuts_does_not_count(end: str) -> None:
    """A value as long as half of it: there are a few rows only, and the last one is cut."""
    row = f"1,{'ü' * 100_000},2.5{end}".encode()
    found = known(row * 20)
    assert columns(found.schema) == "col0 bigint, col1 string, col2 double"
    assert found.records == pytest.approx(20, rel=0.15)


def test_a_character_that_the_first_megabyte_cuts_does_not_count() -> None:
    found = known(cut_in_a_character("1,üüü\n".encode()))
    assert columns(found.schema) == "col0 bigint, col1 string"


def test_long_values() -> None:
    """Polygons, say; csv takes 128 KB unless it is told otherwise."""
    found = known(f'id,shape\n1,"{"x, y" * 50_000}"\n2,z\n')
    assert columns(found.schema) == "id bigint, shape string"


@settings(deadline=None, max_examples=60)
@given(st.text('",|;a1\n\r\t\x01 ', max_size=60), st.booleans())
def test_any_text_is_one_or_none(text: str, more: bool) -> None:
    content = text.encode() + (b"\n1,2" * (MEGABYTE // 4 + 10) if more else b"")
    found = classified(content)
    assert found is None or (len(found.schema) > 1 and found.records > 0)


def test_latin_letters_do_not_make_a_text_none() -> None:
    found = known("name,city\nJosé García,Málaga\nx,1\n".encode("latin-1"))
    assert columns(found.schema) == "col0 string, col1 string"


def test_wide_tables_of_one_value() -> None:
    """Each name of the first line is the same, and there are twenty thousand."""
    row = ",".join("0" * 20_000)
    assert len(known(f"{row}\n{row}\n").schema) == 20_000


_VALUES = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]),
        min_size=1,
        max_size=6,
    ),
)
_ROWS = st.integers(2, 4).flatmap(
    lambda width: st.lists(
        st.lists(_VALUES, min_size=width, max_size=width), min_size=2, max_size=6
    )
)


@settings(deadline=None)
@given(rows=_ROWS, delimiter=st.sampled_from(",|\t;"), end=st.sampled_from(["\n", "\r\n"]))
def test_what_a_writer_writes_is_read(
    rows: Sequence[Sequence[object]], delimiter: str, end: str
) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(
        written, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_NONNUMERIC
    )
    writer.writerow([1.5] * len(rows[0]))  # no header
    writer.writerows(rows)
    text = written.getvalue()
    found = known(text)
    if found.kind.delimiter != delimiter:
        # Another one divides the rows as evenly, and AWS's order has it before.
        order = ",|\t;"
        assert order.index(found.kind.delimiter) < order.index(delimiter)
        return
    assert found.records == len(rows) + 1
    for place, column in enumerate(found.schema):
        values = [row[place] for row in rows]
        assert column.type == _expected(values), values


def _expected(values: Sequence[object]) -> hive.HiveType:
    """Return the type of values, of which one before was a fraction."""
    for value in values:
        if isinstance(value, (bool, str)):
            try:
                float(str(value) if str(value).isascii() and "_" not in str(value) else "x")
            except ValueError:
                return hive.STRING
            if str(value).strip("+-.").lower() in ("nan", "inf", "infinity"):
                return hive.STRING
    return hive.DOUBLE
