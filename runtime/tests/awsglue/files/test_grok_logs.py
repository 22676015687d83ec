from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Protocol

import pytest

from awsglue._errors import UnreadableFileError
from awsglue._files.grok_logs import Grok, custom_patterns
from awsglue._files.grok_patterns import BUILT_IN
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from tests.awsglue.conftest import Rows, rows_of, tree_of


class ReadLog(Protocol):
    """Writes a log into a partition, and reads it by a pattern."""

    def __call__(self, text: str, pattern: str, **options: str) -> DynamicFrame: ...


@pytest.fixture
def read_log(glue: GlueContext, folder: Path, uri: str) -> ReadLog:
    def read(text: str, pattern: str, **options: str) -> DynamicFrame:
        (folder / "day=07").mkdir()
        (folder / "day=07" / "a.log").write_text(text)
        given = {"logFormat": pattern, **options}
        return glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "grokLog", given)

    return read


APACHE = r"""10.0.0.7 - ana [21/Nov/2026:05:07:31 +0000] "GET /a?b=1 HTTP/1.1" 200 512 "-" "curl/8"
::1 - - [01/Jan/2026:00:00:00 -0300] "POST /x HTTP/1.0" 404 - "http://h/p" "An \"agent\""
not a line of this log

h.example.org - - [01/Jan/2026:00:00:00 -0300] "garbage" 400 0 "-" "-"
"""


def test_a_web_log(read_log: ReadLog) -> None:
    frame = read_log(APACHE, "%{COMBINEDAPACHELOG}")
    rows: Rows = rows_of(frame.select_fields(["clientip", "auth", "verb", "bytes", "day"]))
    assert rows == [
        {"clientip": "10.0.0.7", "auth": "ana", "verb": "GET", "bytes": "512", "day": "07"},
        {"clientip": "::1", "auth": None, "verb": "POST", "bytes": None, "day": "07"},
        {"clientip": "h.example.org", "auth": None, "verb": None, "bytes": "0", "day": "07"},
    ]
    agents = [row["agent"] for row in rows_of(frame)]
    assert agents == ['"curl/8"', r'"An \"agent\""', '"-"']
    assert frame.errorsCount() == 1
    (error,) = frame.errorsAsDynamicFrame().toDF().select("error.*").collect()
    assert error.input == "not a line of this log"
    assert error.msg == "The line does not match logFormat."


def test_fields_have_the_types_of_the_pattern(read_log: ReadLog) -> None:
    pattern = r"%{INT:a:int} %{NUMBER:b:double} (?<tail>\w+) %{NOTSPACE:c:boolean} %{INT:d:byte}"
    frame = read_log("1 -2.5 x none 7\n+3 .5 y true 300\n", pattern, MISSING="none")
    assert tree_of(frame) == [
        "|-- a: int",
        "|-- b: double",
        "|-- tail: string",
        "|-- c: boolean",
        "|-- d: byte",
        "|-- day: string",
    ]
    assert [list(row.values()) for row in rows_of(frame)] == [
        [1, -2.5, "x", None, 7, "07"],
        [3, 0.5, "y", True, None, "07"],
    ], "300 is no byte"


def test_strict_mode_leaves_texts(read_log: ReadLog) -> None:
    frame = read_log("7 -\n", "%{INT:a:int} %{DATA:b}$", StrictMode="true")
    assert rows_of(frame) == [{"a": "7", "b": None, "day": "07"}]


def test_own_patterns_and_fields_in_several_places(read_log: ReadLog) -> None:
    frame = read_log(
        "sensor<4>\n[9]probe\n",
        r"(?:%{WHAT:kind}<%{INT:n:int}>|\[%{INT:n:int}\]%{WHAT:kind})",
        customPatterns="WHAT (?:sensor|probe)\n\nUNUSED x+\n",
    )
    assert rows_of(frame) == [
        {"kind": "probe", "n": 9, "day": "07"},
        {"kind": "sensor", "n": 4, "day": "07"},
    ]


def test_a_packed_log_that_ends_too_early_is_named(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    lines = "".join(f"{number}\n" for number in range(99_999)).encode()
    (folder / "day=1").mkdir()
    (folder / "day=1" / "whole.log.gz").write_bytes(gzip.compress(lines))
    (folder / "day=1" / "cut.log.gz").write_bytes(gzip.compress(lines)[:-9])
    frame = glue.create_dynamic_frame.from_options(
        "s3", {"paths": [uri]}, "grokLog", {"logFormat": "%{INT:a}"}
    )
    with pytest.raises(UnreadableFileError, match=r"cut\.log\.gz cannot be read: Unexpected end"):
        frame.count()
    with pytest.raises(UnreadableFileError, match=r"cut\.log\.gz cannot be read: Unexpected end"):
        frame.errorsCount()


@pytest.mark.parametrize(
    ("pattern", "whole", "none"),
    [
        ("IPV4", ["255.1.20.0"], ["256.1.1.1", "1.2.3"]),
        ("IPV6", ["::", "::1", "fe80::1%eth0", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4"], ["1:2", ":"]),
        ("NUMBER", ["1", "-1.5", ".5", "+07"], ["", "x", "."]),
        ("POSINT", ["1", "070"], ["0", "-"]),
        ("UUID", ["00000000-1111-2222-3333-44444444abCD"], ["0000-1111"]),
        ("QS", ['"a b"', "'x'", r'"\""'], ['"open']),
        ("MAC", ["00-11-22-aa-BB-cc", "0011.2233.4455", "00:11:22:33:44:55"], ["00:11"]),
        ("HOSTPORT", ["example.org:80", "1.2.3.4:9"], ["example.org:0"]),
        ("PATH", ["/", "/a/b.c", r"C:\a b\c"], ["a"]),
        ("URI", ["https://u:p@h.org:8443/a/b?c=d", "s3://bucket/key"], ["//x"]),
        ("TIMESTAMP_ISO8601", ["2026-11-21T05:07:31.5Z", "2026-11-21 05:07+02:00"], ["2026-13-01"]),
        ("HTTPDATE", ["21/Nov/2026:05:07:31 +0000"], ["21/11/2026:05:07:31 +0000"]),
        ("SYSLOGBASE", ["Nov  1 05:07:31 host prog[12]:"], ["Nov 1 host prog:"]),
        ("DATE_US", ["11/21/2026", "1-2-26"], ["21/11/2026"]),
        ("DATE_EU", ["21.11.2026"], ["11/21"]),
        ("DATESTAMP_RFC2822", ["Sat, 21 Nov 2026 05:07:31 +0000"], ["Sat 21 Nov"]),
        ("LOGLEVEL", ["INFO", "warning", "Err"], ["loud"]),
        ("BASE16NUM", ["0xFF", "-a1"], ["g"]),
        ("EMAILADDRESS", ["a.b+c@example.org"], ["@example.org"]),
    ],
)
def test_built_in_patterns(pattern: str, whole: list[str], none: list[str]) -> None:
    # Python's expressions do what Java's do as far as these go, but for the names of groups.
    regex = re.compile(Grok.of(f"%{{{pattern}}}", {}).regex.replace("(?<g", "(?P<g"))
    assert [text for text in whole if not regex.fullmatch(text)] == []
    assert [text for text in none if regex.fullmatch(text)] == []


def test_every_built_in_pattern_is_an_expression() -> None:
    for name in BUILT_IN:
        grok = Grok.of(f"%{{{name}:x}}", {})
        re.compile(grok.regex.replace("(?<g", "(?P<g"))
        assert grok.parts[0].field == "x"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, 'needs "logFormat"'),
        ({"logFormat": "%{NOTHING:a}"}, "no grok pattern 'NOTHING'"),
        ({"logFormat": "%{INT:a:integer}"}, "'integer' is no type of a grok field"),
        ({"logFormat": "%{A}", "customPatterns": "A %{B}\nB %{A}"}, "contains itself"),
        ({"logFormat": "%{A}", "customPatterns": "A"}, "customPatterns has the line 'A'"),
        ({"logFormat": "%{INT}", "LineCount": "2"}, "LineCount must be 1"),
    ],
)
def test_what_is_no_pattern(
    glue: GlueContext, folder: Path, uri: str, options: dict[str, str], message: str
) -> None:
    (folder / "a.log").write_text("1\n")
    with pytest.raises(ValueError, match=message):
        glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "grokLog", options).count()


def test_custom_patterns_are_lines() -> None:
    assert custom_patterns(" A  x y \n\nB z\n") == {"A": "x y", "B": "z"}
