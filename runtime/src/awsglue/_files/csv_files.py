"""Reading csv: every value is text, columns are named by each file's own header.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-csv-home.html
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession, functions

from awsglue._errors import NotAvailableError
from awsglue._files.json_files import encoding
from awsglue._files.listing import Group
from awsglue._jvm import FileStatus, FileSystem, scala, wrap_dataframe
from awsglue._options import flag
from awsglue._paths import quote
from awsglue._python.functions import ERROR_ARROW, error_row
from awsglue._records import ERROR_SCHEMA, Errors, Records, map_in_arrow

_SAMPLE_BYTES = 65_536
_SMALL_SAMPLE_BYTES = 4_096  # when there are more than a hundred files
_LARGEST_RECORD_BYTES = 64 * 1024 * 1024
_CORRUPT = "__glueball_corrupt"
_SHADOWED = "__glueball_shadowed_"
#: what Spark 4 reads; with a setting, which counts when records are read, all that Java knows
_ENCODINGS_OF_SPARK = frozenset(
    {"us-ascii", "iso-8859-1", "utf-8", "utf-16", "utf-16be", "utf-16le", "utf-32"}
)
_ALL_ENCODINGS = "spark.sql.legacy.javaCharsets"
#: what stands for null: a text that no field has
_NO_TEXT = "\x00\x01"
_STAND_IN = "\ufdd0"  # `GlueCsv.StandIn` of the Scala part


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """How a csv source is written."""

    separator: str = ","
    quote: str | None = '"'  #: None when quoting is off
    escape: str | None = None
    multi_line: bool = False  #: quoted values may hold line ends
    header: bool = False  #: the first line of each file names its columns
    skip_first: bool = False  #: the first line of each file is no record
    encoding: str = "UTF-8"

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Dialect:
        """Read format options.

        Raises:
            NotAvailableError: a first record is to be skipped behind a header.
            ValueError: an option has no meaning.
        """
        named = {name.lower(): value for name, value in options.items()}
        quote_char = str(named.get("quotechar", '"'))
        header = flag(named.get("withheader"))
        skip_first = flag(named.get("skipfirst"))
        if header and skip_first:
            raise NotAvailableError(
                "csv with both withHeader and skipFirst", "withHeader alone skips the header line."
            )
        charset = encoding(named)
        return cls(
            separator=named.get("separator") or ",",
            quote=None if quote_char in ("-1", "") else _character("quoteChar", quote_char),
            escape=_character("escaper", str(named.get("escaper") or "")) or None,
            # Spark finds the ends of lines by bytes, which those of UTF-16 and 32 do not have.
            multi_line=flag(named.get("multiline")) or charset.startswith(("utf-16", "utf-32")),
            header=header,
            skip_first=skip_first,
            encoding=charset,
        )

    def spark_options(self) -> dict[str, str]:
        """Return the options of Spark's own reader."""
        return {
            "sep": self.separator,
            "quote": self.quote or "",
            # Without an escape a quote inside quotes is doubled (RFC 4180).
            "escape": self.escape or self.quote or "\x00",
            "multiLine": str(self.multi_line),
            "header": str(self.header or self.skip_first),
            "encoding": self.encoding,
            "nullValue": _NO_TEXT,
            "mode": "PERMISSIVE",
            "columnNameOfCorruptRecord": _CORRUPT,
            "maxColumns": "100000",
            "enforceSchema": "true",
        }

    def with_separators(self, frame: DataFrame) -> DataFrame:
        """Put back separators of several characters, for which the Scala part has another one."""
        if len(self.separator) < 2:
            return frame
        separator = functions.lit(self.separator)
        columns = (functions.col(quote(name)) for name in frame.columns)
        return frame.select(
            *(
                functions.replace(column, functions.lit(_STAND_IN), separator).alias(name)
                for column, name in zip(columns, frame.columns, strict=True)
            )
        )

    def split(self, text: str) -> Iterator[list[str]]:
        """Yield the rows of a text."""
        csv.field_size_limit(max(csv.field_size_limit(), _LARGEST_RECORD_BYTES))
        separator = self.separator
        if len(separator) != 1:  # which Python's reader cannot: another character stands for it
            separator = _unused(text)
            text = text.replace(self.separator, separator)
        rows = csv.reader(
            io.StringIO(text, newline=""),
            delimiter=separator,
            quotechar=self.quote,
            quoting=csv.QUOTE_NONE if self.quote is None else csv.QUOTE_MINIMAL,
            escapechar=self.escape,
        )
        for row in filter(None, rows):
            yield [value.replace(separator, self.separator) for value in row]


def _character(option: str, text: str) -> str:
    if len(text) > 1:
        raise ValueError(f"The csv option {option} must be one character; it is {text!r}.")
    return text


def _unused(text: str) -> str:
    """Return a character that a text does not have."""
    used = set(text)
    return next(one for one in map(chr, range(0xE000, 0x110000)) if one not in used)


def read(spark: SparkSession, groups: Sequence[Group], options: Mapping[str, Any]) -> Records:
    """Return the records of csv files. No Spark job runs: only the beginning of files is read.

    Files with different headers are brought together by column name. Rows longer than the header
    have the columns `col<n>` as far as the beginning of any file (64 KB; 4 KB when there are more
    than a hundred files) shows them; longer rows still are errors (`errorsCount`), and keep their
    first columns. A field that is empty is an empty text; one that a short row lacks is null.

    Args:
        spark: the session.
        groups: the files.
        options: the format options.
    """
    dialect = Dialect.of(options)
    if dialect.encoding not in _ENCODINGS_OF_SPARK:
        spark.conf.set(_ALL_ENCODINGS, "true")
    parts = [
        _read_alike(spark, group, columns, paths, dialect)
        for group in groups
        for columns, paths in _by_columns(spark, group, dialect)
    ]
    frame = reduce(
        lambda one, two: one.unionByName(two, allowMissingColumns=True),
        (frame for frame, _ in parts),
    )
    return Records.of(frame).next(frame=frame, errors=tuple(errors for _, errors in parts))


def _by_columns(
    spark: SparkSession, group: Group, dialect: Dialect
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield the columns of files and the paths of all files that have them."""
    files = FileSystem(spark)
    size = _SAMPLE_BYTES if len(group.files) <= 100 else _SMALL_SAMPLE_BYTES
    with ThreadPoolExecutor(max_workers=8) as pool:
        widths = list(pool.map(lambda file: _columns(files, file, dialect, size), group.files))
    if not dialect.header:
        yield names((), max(width for _, width in widths)), group.paths
        return
    width = max(width for _, width in widths)
    headers = [header for header, _ in widths]
    if len(set(headers)) == 1:
        yield names(headers[0], width), group.paths
        return
    pairs = sorted(zip(widths, (file.path for file in group.files), strict=True))
    for header, alike in groupby(pairs, key=lambda pair: pair[0][0]):
        members = list(alike)
        yield names(header, max(w for (_, w), _ in members)), tuple(path for _, path in members)


def _columns(
    files: FileSystem, file: FileStatus, dialect: Dialect, size: int
) -> tuple[tuple[str, ...], int]:
    """Return a file's header and the number of its columns, as its beginning shows them."""
    rows = _first_rows(files, file, dialect, size)
    header = tuple(rows[0]) if dialect.header and rows else ()
    rows = rows[1:] if dialect.skip_first else rows
    return header, max((len(row) for row in rows), default=0)


def _first_rows(
    files: FileSystem, file: FileStatus, dialect: Dialect, size: int
) -> list[list[str]]:
    while True:
        head = files.head(file.path, size)
        text = head.decode(dialect.encoding, errors="replace").removeprefix("\ufeff")
        rows = list(dialect.split(text))
        if len(head) < size:
            return rows
        if len(rows) > 1 or size >= _LARGEST_RECORD_BYTES:
            return rows[:-1] or rows  # the last one may be cut off
        size *= 8


def names(header: Sequence[str], width: int) -> tuple[str, ...]:
    """Return the names of columns: the header's, and `col<n>` (counted from 0) where it has none.

    A name that is there already, in any case, gets its position as Spark's own reader does it.
    """
    taken: set[str] = set()
    result: list[str] = []
    for position in range(max(width, len(header))):
        name = header[position] if position < len(header) else ""
        name = name or f"col{position}"
        unique = name if name.lower() not in taken else f"{name}{position}"
        taken.add(unique.lower())
        result.append(unique)
    return tuple(result)


def _read_alike(
    spark: SparkSession,
    group: Group,
    columns: tuple[str, ...],
    paths: tuple[str, ...],
    dialect: Dialect,
) -> tuple[DataFrame, Errors]:
    partitions = {name.lower() for name in group.partitions}
    # A column that is also a partition has the directory's value. It must still be read under
    # another name: Spark would leave it out and give its values to the next column.
    read_as = [f"{_SHADOWED}{name}" if name.lower() in partitions else name for name in columns]
    schema = ", ".join(f"{quote(name)} string" for name in (*read_as, *group.partitions))

    if not schema:  # files of empty lines
        return spark.range(0).select(), Errors(rows=lambda: spark.createDataFrame([], ERROR_SCHEMA))

    def load(schema: str) -> DataFrame:
        options = dialect.spark_options() | group.options()
        java = scala(spark).csv(spark._jsparkSession, schema, options, list(paths))
        return dialect.with_separators(wrap_dataframe(java, spark))

    def errors() -> DataFrame:
        raw = load(f"{schema}, {_CORRUPT} string")
        return _too_long(raw, len(columns), dialect)

    frame = load(schema).selectExpr(
        *(quote(name) for name in columns if name.lower() not in partitions),
        *(quote(name) for name in group.partitions),
    )
    return frame, Errors(rows=errors)


def _too_long(raw: DataFrame, width: int, dialect: Dialect) -> DataFrame:
    """Return the errors of the rows with more values than there are columns."""
    # All columns must be asked for: with fewer, Spark's parser does not count the values.
    others = [quote(name) for name in raw.columns if name != _CORRUPT]
    ragged = raw.where(f"{_CORRUPT} is not null").select(_CORRUPT, *others)
    return map_in_arrow(ragged, _long_rows(width, dialect), ERROR_SCHEMA)


def _long_rows(
    width: int, dialect: Dialect
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def step(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            texts = batch.column(0).to_pylist()
            counted = ((text, next(dialect.split(text), [])) for text in texts)
            rows = [
                error_row("", "", f"The row has {len(row)} values for {width} columns.", "", text)
                for text, row in counted
                if len(row) > width
            ]
            yield pa.RecordBatch.from_pylist(rows, ERROR_ARROW)

    return step
