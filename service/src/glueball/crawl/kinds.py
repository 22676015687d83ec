"""What the beginning of a file tells: its kind, its columns, how many records it may have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from glueball.crawl.schemas import Schema

UNKNOWN: Final = "UNKNOWN"
NO_COMPRESSION: Final = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """What files of one table have in common, whatever their columns are."""

    classification: str  #: "csv", or UNKNOWN
    compression: str = NO_COMPRESSION  #: of the whole file
    delimiter: str = ""  #: of csv
    header: bool = False  #: of csv: whether the first line names the columns

    def __str__(self) -> str:
        packed = "" if self.compression == NO_COMPRESSION else f", {self.compression}"
        delimiter = f" delimited by {self.delimiter!r}" if self.delimiter else ""
        named = ("" if self.header else " without header") if self.delimiter else ""
        return f"{self.classification}{delimiter}{named}{packed}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Classified:
    """What one file is."""

    kind: Kind
    schema: Schema = ()
    records: int = 0  #: in the whole file, estimated
    record_bytes: float = 0.0  #: that a record has on average, unpacked
    quoted: bool = False  #: of csv: whether there are quotes around values
    multi_line: bool = False  #: of json: whether there are line ends within values
    avro_schema: str = ""  #: JSON
    first_row: Schema = ()  #: of csv without a header: the columns that its first line would name
    reason: str = ""  #: of an unknown file: why it is

    @property
    def is_known(self) -> bool:
        """Whether a classifier has recognised it."""
        return self.kind.classification != UNKNOWN
