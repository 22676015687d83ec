"""Where a sink writes to: each kind of target is one small class.

A sink takes its target only when it writes, because format and table are set after it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from pyspark.sql import DataFrame

from awsglue._files import writers
from awsglue._paths import as_list
from awsglue._records import Records


class Target(Protocol):
    """A place that takes records."""

    def write(self, records: Records) -> None:
        """Add records; all of them, or an error."""

    def below(self, name: str) -> Target:
        """Return the target for one frame of a collection, by the frame's name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FileTarget:
    """Files below a path."""

    path: str
    format: str
    format_options: Mapping[str, Any]
    partition_keys: tuple[str, ...] = ()
    compression: str | None = None

    @classmethod
    def of(
        cls, options: Mapping[str, Any], format: str, format_options: Mapping[str, Any]
    ) -> FileTarget:
        """Read the options of a sink.

        Raises:
            ValueError: there is no path, or no format.
        """
        if not options.get("path"):
            raise ValueError('connection_options needs "path": where to write.')
        if not format:
            raise ValueError('A path of files needs a format, such as format="parquet".')
        return cls(
            path=options["path"],
            format=format,
            format_options=format_options,
            partition_keys=tuple(as_list(options.get("partitionKeys") or ())),
            compression=options.get("compression"),
        )

    def write(self, records: Records) -> None:
        """Add files; no records add none."""
        self.write_through(records, lambda frame: frame)

    def write_through(self, records: Records, through: Callable[[DataFrame], DataFrame]) -> None:
        """Add files of the records as they are behind a step that changes none, but may count."""
        writers.write(
            records,
            path=self.path,
            name=self.format,
            partition_keys=self.partition_keys,
            compression=self.compression,
            options=self.format_options,
            through=through,
        )

    def below(self, name: str) -> FileTarget:
        """Return the target in a directory of this one."""
        return replace(self, path=f"{self.path.rstrip('/')}/{name}")
