"""Reading logs by grok patterns: each line is a record, its named parts are the fields.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-grokLog-home.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession, functions

from awsglue import gluetypes as glue
from awsglue._files.grok_patterns import BUILT_IN
from awsglue._files.listing import Group
from awsglue._jvm import scala, wrap_dataframe
from awsglue._options import flag
from awsglue._paths import quote
from awsglue._records import Errors, Records
from awsglue._steps.casts import cast
from awsglue._steps.merge import merge_columns
from awsglue._types import parse

_TYPES = ("byte", "boolean", "double", "short", "int", "long", "float", "string")
# %{NAME}, %{NAME:field}, %{NAME:field:type}, and (?<field>…) in the regular expression itself
_REFERENCE = re.compile(r"%\{(\w+)(?::([^:}]+))?(?::(\w+))?\}|\(\?<(\w+)>")
_DEEPEST = 50
# Characters that no log holds: before the first part, and between parts.
_MATCHED, _BETWEEN = "\x01", "\x02"
_MISSING = "-"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A named group of a pattern."""

    group: str  #: its name in the regular expression
    field: str
    type: glue.DataType


@dataclass(frozen=True, kw_only=True, slots=True)
class Grok:
    """A grok pattern as one regular expression of Java."""

    regex: str
    parts: tuple[Part, ...]  #: in the order of the pattern; a field may have several

    @classmethod
    def of(cls, pattern: str, custom: Mapping[str, str]) -> Grok:
        """Read a pattern.

        Args:
            pattern: such as `%{IP:client} %{NUMBER:bytes:long}`.
            custom: more named patterns, by name; they go before those that are built in.

        Raises:
            ValueError: a pattern or type that it names does not exist, or patterns name each other.
        """
        parts: list[Part] = []
        known = {**BUILT_IN, **custom}

        def expand(match: re.Match[str], depth: int) -> str:
            name, field, kind, inline = match.groups()
            if inline:
                return f"(?<{_part(parts, inline, 'string')}>"
            if name not in known:
                raise ValueError(
                    f"There is no grok pattern {name!r}. customPatterns can define it."
                )
            if depth > _DEEPEST:
                raise ValueError(f"The grok pattern {name!r} contains itself.")
            opening = f"(?<{_part(parts, field, kind or 'string')}>" if field else "(?:"
            return f"{opening}{translate(known[name], depth + 1)})"

        def translate(text: str, depth: int) -> str:
            return _REFERENCE.sub(lambda match: expand(match, depth), text)

        regex = translate(pattern, 0)
        return cls(regex=regex, parts=tuple(parts))


def _part(parts: list[Part], field: str, kind: str) -> str:
    """Note a named group, and return a name for it that Java accepts."""
    if kind not in _TYPES:
        raise ValueError(f"{kind!r} is no type of a grok field; these are: {', '.join(_TYPES)}.")
    group = f"g{len(parts)}g"  # neither name begins another one's
    parts.append(Part(group=group, field=field, type=parse(kind)))
    return group


def custom_patterns(text: str) -> dict[str, str]:
    """Read definitions, one in a line: the name, a space and the pattern.

    Raises:
        ValueError: a line is none.
    """
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, pattern = line.partition(" ")
        if not pattern.strip() or not name.isidentifier():
            raise ValueError(
                f"customPatterns has the line {line!r}; write NAME, a space, a pattern."
            )
        found[name] = pattern.strip()
    return found


def read(spark: SparkSession, groups: Sequence[Group], options: Mapping[str, Any]) -> Records:
    """Return the records of log files; lines that do not match become error records.

    A part that did not take part in the match, is empty, or is the text of `MISSING`, is null. A
    value that is not of its field's type is null as well; in strict mode all fields are texts.

    Args:
        spark: the session.
        groups: the files.
        options: the format options `logFormat`, `customPatterns`, `MISSING` and `StrictMode`.

    Raises:
        ValueError: there is no `logFormat`, or it is no grok pattern.
    """
    pattern = str(options.get("logFormat") or "")
    if not pattern:
        raise ValueError('The format grokLog needs "logFormat": the pattern of a line.')
    if str(options.get("LineCount", 1)) != "1":
        raise ValueError("LineCount must be 1: a record of grokLog is a line, on AWS too.")
    grok = Grok.of(pattern, custom_patterns(str(options.get("customPatterns") or "")))
    missing = str(options.get("MISSING", _MISSING))
    strict = flag(options.get("StrictMode"))
    return merge_columns([_read_group(spark, group, grok, missing, strict) for group in groups])


def _read_group(
    spark: SparkSession, group: Group, grok: Grok, missing: str, strict: bool
) -> Records:
    schema = ", ".join(f"{quote(name)} string" for name in ("value", *group.partitions))
    java = scala(spark).text(spark._jsparkSession, schema, group.options(), list(group.paths))
    lines = wrap_dataframe(java, spark)
    lines = lines.where("trim(value) != ''")
    matched = lines.withColumn("value", _matched(grok))
    good = matched.where(functions.col("value").startswith(_MATCHED))
    split = functions.split(functions.expr("substring(value, 2)"), _BETWEEN).alias("parts")
    values = good.select(split, *(functions.col(quote(name)) for name in group.partitions))
    fields = [*_fields(grok, missing, strict), *(f"{quote(name)}" for name in group.partitions)]
    records = Records.of(values.selectExpr(*fields))
    return records.next(frame=records.frame, errors=(Errors(rows=lambda: _unmatched(lines, grok)),))


def _matched(grok: Grok) -> Column:
    """Return the parts of a line with marks between them; a line that does not match stays."""
    found = _BETWEEN.join(f"${{{part.group}}}" for part in grok.parts)
    return functions.regexp_replace("value", f"(?s)^.*?(?:{grok.regex}).*$", f"{_MATCHED}{found}")


def _fields(grok: Grok, missing: str, strict: bool) -> Iterator[str]:
    """Yield the SQL of each field: the first of its parts that is there."""
    escaped = missing.replace("\\", "\\\\").replace("'", "\\'")
    for name in dict.fromkeys(part.field for part in grok.parts):
        own = [(number, part) for number, part in enumerate(grok.parts) if part.field == name]
        texts = [f"nullif(nullif(parts[{number}], ''), '{escaped}')" for number, _ in own]
        target = glue.StringType() if strict else own[0][1].type
        value = cast(f"coalesce({', '.join(texts)})", glue.StringType(), target)
        yield f"{value.sql} AS {quote(name)}"


def _unmatched(lines: DataFrame, grok: Grok) -> DataFrame:
    text = functions.col("value")
    empty = functions.lit("")
    return lines.where(~_matched(grok).startswith(_MATCHED)).select(
        empty.alias("site"),
        empty.alias("info"),
        functions.lit("The line does not match logFormat.").alias("msg"),
        empty.alias("stackTrace"),
        text.alias("input"),
        empty.alias("source"),
    )
