"""What docstrings and pages list is what the tables have that the code uses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from awsglue._catalog import table_formats
from awsglue._files import csv_files, formats, grouping, purging, sampling, writers
from awsglue._jdbc import statements
from awsglue._jdbc.vendors import VENDORS
from awsglue._steps import spigot
from awsglue._streaming import stream_options
from awsglue.context import GlueContext

DOCS = Path(__file__).parents[3] / "docs"
READ = [one.name for one in formats.FORMATS.values()]
READ_OPTIONS = {one.name: one.options for one in formats.FORMATS.values()}


def page(name: str) -> str:
    return (DOCS / name).read_text()


def doc(method: str) -> str:
    return " ".join((getattr(GlueContext, method).__doc__ or "").split())


def between(text: str, start: str, end: str) -> str:
    """Return what is between the first of one text and the next of another."""
    assert start in text, start
    return text.split(start, 1)[1].split(end, 1)[0]


def quoted(text: str) -> list[str]:
    """Return the names in backticks, in the order of their places, each once."""
    return list(dict.fromkeys(re.findall(r"`([\w.]+)`", text)))


def rows(text: str, header: str) -> dict[str, str]:
    """Return the rows of the tables with a header by each name in their first column."""
    tables = text.split(f"{header}\n")[1:]
    lines = [line for table in tables for line in table.split("\n\n")[0].splitlines()[1:]]
    pairs = [line.strip("| ").split(" | ", 1) for line in lines]
    return {name: value for names, value in pairs for name in quoted(names) or [names]}


READ_DOC = doc("create_dynamic_frame_from_options")
WRITE_DOC = doc("write_dynamic_frame_from_options")
FORMAT_ROW = rows(page("reference/GlueContext.md"), "| argument | |")["format"]
FILES_LINE = between(page("awsglue.md"), "| files | ", "; `groupFiles`")


# Each row: where names are listed, the names there, and those of the table.
LISTS: dict[str, tuple[Iterable[str], Iterable[str]]] = {
    "docstring of reading": (quoted(between(READ_DOC, " format: ", "format_options")), READ),
    "docstring of writing": (
        quoted(between(WRITE_DOC, " format: ", "format_options")),
        writers.FORMATS,
    ),
    "page of GlueContext, reading": (quoted(between(FORMAT_ROW, "to read:", ";")), READ),
    "page of GlueContext, writing": (quoted(FORMAT_ROW.split("to write:")[1]), writers.FORMATS),
    "page of awsglue, reading": (
        re.findall(r"\w+", between(FILES_LINE, ": ", " are read").replace(" and ", " ")),
        READ,
    ),
    "page of awsglue, writing": (
        re.findall(r"\w+", between(FILES_LINE, "; ", " are written").replace(" and ", " ")),
        writers.FORMATS,
    ),
    "page of awsglue, not there": (
        quoted(between(page("awsglue.md"), "| the formats ", " | ")),
        formats.LATER,
    ),
    "page of DataSource": (
        set(rows(page("reference/DataSource.md"), "| format | options |")) - {"all"},
        READ,
    ),
    "page of DataSink": (
        rows(page("reference/DataSink.md"), "| format | options |"),
        writers.FORMATS,
    ),
    "page of StreamingDataSource": (
        quoted(between(page("reference/StreamingDataSource.md"), "`classification` (", ")")),
        stream_options.FORMATS,
    ),
    "docstring of streams": (
        quoted(between(doc("getStreamingSource"), "values in Kafka (", ")")),
        stream_options.FORMATS,
    ),
    "docstring of databases": (
        set(quoted(between(READ_DOC, " connection_type: ", "connection_options")))
        - {"s3", "file", "custom.jdbc", "custom.spark", "className"},
        VENDORS,
    ),
    "page of GlueContext, purge": (
        set(rows(page("reference/GlueContext.md"), "| option | |")),
        {**purging.OPTIONS, **purging.TRANSITION_OPTIONS},
    ),
    "classifications of files": (table_formats.FILE_FORMATS, READ),
}


@pytest.mark.parametrize("place", LISTS)
def test_what_is_listed_is_what_there_is(place: str) -> None:
    names, expected = LISTS[place]
    assert sorted(names) == sorted(expected)


@pytest.mark.parametrize("name", READ)
def test_the_options_of_a_format_that_is_read(name: str) -> None:
    on_page = rows(page("reference/DataSource.md"), "| format | options |")[name]
    accepted = formats.FORMATS[name.lower()].accepted if "accepted" in on_page else ()
    assert quoted(re.sub(r"\(.*?\)", "", on_page)) == [*READ_OPTIONS[name], *accepted]
    if READ_OPTIONS[name]:
        in_docstring = between(f"{READ_DOC};", f"for {name} ", "transformation_ctx")
        assert quoted(re.split(r"[;.]", in_docstring)[0]) == list(READ_OPTIONS[name])


@pytest.mark.parametrize("name", writers.FORMATS)
def test_the_options_of_a_format_that_is_written(name: str) -> None:
    options = list(writers.OPTIONS.get(writers.FORMATS[name], ()))
    on_page = rows(page("reference/DataSink.md"), "| format | options |")[name]
    assert quoted(re.sub(r"\(.*?\)", "", on_page)) == options
    if options and name != "glueparquet":
        in_docstring = between(WRITE_DOC, f"for {name} ", "transformation_ctx")
        assert quoted(re.split(r"[;.]", in_docstring)[0]) == options


def test_the_options_of_purging_are_described_in_the_same_words() -> None:
    described = rows(page("reference/GlueContext.md"), "| option | |")
    assert {name: described[name] for name in purging.OPTIONS} == dict(purging.OPTIONS)
    assert f"hours, {purging.RETENTION_HOURS:.0f} by default" in described["retentionPeriod"]


# Each row: a number that the code uses, what it is, and the words of a page that tell it.
LIMITS: list[tuple[int, int, str, str]] = [
    (csv_files._SAMPLE_BYTES, 64 << 10, "awsglue.md", "the first 64 KB of a file"),
    (csv_files._SMALL_SAMPLE_BYTES, 4 << 10, "awsglue.md", "(4 KB with more than a hundred files)"),
    (grouping._GROUP_BYTES, 64 << 20, "reference/DataSource.md", "so many bytes (64 MB)"),
    (grouping.AUTOMATIC_FROM, 50_000, "reference/DataSource.md", "from 50,000 files on"),
    (sampling._DEFAULT, 10, "reference/DataSource.md", "`maxSamplePartitions` (10)"),
    (statements.DEFAULT_PARTITIONS, 7, "reference/GlueContext.md", "7"),
    (spigot._FIRST, 100, "reference/Spigot.md", "100"),
]


@pytest.mark.parametrize(("used", "number", "name", "words"), LIMITS)
def test_limits_are_told_as_they_are(used: int, number: int, name: str, words: str) -> None:
    assert used == number
    assert words in page(name)
