"""Reading a sample: the first records, of few files.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from awsglue._errors import ConnectionOptionError

if TYPE_CHECKING:
    from awsglue._files.listing import Source
    from awsglue.dynamicframe import DynamicFrame

PARTITIONS = "maxSamplePartitions"
FILES_PER_PARTITION = "maxSampleFilesPerPartition"
_DEFAULT = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """How much a sample looks at."""

    partitions: int = _DEFAULT  #: directories, the first ones
    files: int = _DEFAULT  #: of each, the first ones


def options_of(sample_options: Mapping[str, Any] | None) -> dict[str, int]:
    """Return the connection options of a sample: those given, else the defaults.

    Raises:
        ConnectionOptionError: one is no positive number.
    """
    given = sample_options or {}
    return {name: _number(given, name) for name in (PARTITIONS, FILES_PER_PARTITION)}


def _number(given: Mapping[str, Any], name: str) -> int:
    value = given.get(name)
    text = str(_DEFAULT if value in (None, "") else value)
    if not text.isdecimal() or int(text) == 0:
        raise ConnectionOptionError(name, f"is {text!r}; it must be a number above 0.")
    return int(text)


def bounds_of(options: Mapping[str, Any]) -> Bounds | None:
    """Return how much a source looks at; None when it reads no sample."""
    if PARTITIONS not in options:
        return None
    return Bounds(partitions=options[PARTITIONS], files=options[FILES_PER_PARTITION])


def thinned(sources: Iterable[Source], bounds: Bounds) -> list[Source]:
    """Return the sources with the first files of the first directories alone."""
    taken: dict[str, int] = {}
    kept = []
    for source in sources:
        files = []
        for file in source.files:
            directory = file.path.rpartition("/")[0]
            if directory not in taken and len(taken) == bounds.partitions:
                continue
            if taken.get(directory, 0) < bounds.files:
                taken[directory] = taken.get(directory, 0) + 1
                files.append(file)
        kept.append(source.keep(files))
    return kept


def first(frame: DynamicFrame, number: int | None) -> DynamicFrame:
    """Return the first records of a frame.

    Raises:
        ValueError: the number is missing, or negative.
    """
    if number is None or number < 0:
        raise ValueError(f"num is {number}; it must say how many records the sample may have.")
    return frame._step(lambda records: records.next(frame=records.frame.limit(number)), 0, 0)
