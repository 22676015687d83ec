"""How fast the Data Catalog is with many partitions and tables, beside the moto server.

One table with string keys and one with int keys are filled through the API; then requests are
timed one after the other over one connection. The comparison with moto runs in the same process,
on smaller tables, since moto keeps every partition in memory and looks at each for every answer:
its figure is a ratio. Exits with status 1 when a bar is missed.

Usage: ``make bench-catalog``, with ``BENCH="--partitions 20000 --beside-moto 2000"`` for a look.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPResponse
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from service import BenchmarkFailedError, Target, glueball, glueball_target, rate

from api import moto

DATABASE = "benchmark"
BATCH = 100
COLUMNS = [{"Name": f"column_{number}", "Type": "string"} for number in range(30)]
#: requests that are in memory at a time
CHUNK = 500
ROUNDS = 100
MONTHS, DAYS = 12, 28
TYPES = ("string", "int")


class Connection:
    """One connection to a server, which is opened again where the server closes it."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._socket: socket.socket | None = None

    def call(self, operation: str, body: Mapping[str, Any]) -> tuple[float, dict[str, Any]]:
        """Return how many seconds an answer took, and the answer.

        Raises:
            BenchmarkFailedError: the answer is not 200.
        """
        request = self._target.request(operation, body).encode()
        began = time.perf_counter()
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._target.port))
        self._socket.sendall(request)
        response = HTTPResponse(self._socket)
        response.begin()
        content = response.read()
        seconds = time.perf_counter() - began
        if response.will_close:
            self._socket.close()
            self._socket = None
        if response.status != 200:
            raise BenchmarkFailedError(
                f"{self._target.name}: {operation} answered {content[:300]!r}"
            )
        return seconds, json.loads(content)

    def times(self, operation: str, bodies: Sequence[Mapping[str, Any]]) -> list[float]:
        """Return how many seconds each of some requests took."""
        return [self.call(operation, body)[0] for body in bodies]


class Report:
    """The figures, each with its bar, and whether every bar was met."""

    def __init__(self) -> None:
        self.met = True
        print(f"{'':44}{'figure':>14}   bar")

    def at_most(self, name: str, seconds: float, bar_seconds: float) -> None:
        """Add a time."""
        figure, bar = f"{seconds * 1000:,.1f} ms", f"<= {bar_seconds * 1000:g} ms"
        self._line(name, figure, bar, met=seconds <= bar_seconds)

    def at_least(self, name: str, value: float, bar: float, unit: str) -> None:
        """Add a rate or a ratio."""
        self._line(name, f"{value:,.0f}{unit}", f">= {bar:,g}{unit}", met=value >= bar)

    def _line(self, name: str, figure: str, bar: str, *, met: bool) -> None:
        self.met = self.met and met
        print(f"{name:44}{figure:>14}   {bar:14}{'met' if met else 'missed'}", flush=True)


def values_of(number: int, type_name: str) -> list[str]:
    """Return the values of a partition: of year, month, day and place."""
    place, rest = number // (MONTHS * DAYS), number % (MONTHS * DAYS)
    year, place = 1990 + place % 40, place // 40
    values = [year, rest // DAYS + 1, rest % DAYS + 1, place]
    return [f"{value:04}" if type_name == "string" else str(value) for value in values]


def batches(table: str, type_name: str, numbers: range) -> Iterator[dict[str, Any]]:
    """Yield the bodies of BatchCreatePartition for the partitions with these numbers."""
    for start in numbers[::BATCH]:
        some = [values_of(number, type_name) for number in numbers[start : start + BATCH]]
        inputs = [
            {
                "Values": values,
                "StorageDescriptor": {
                    "Columns": COLUMNS,
                    "Location": f"s3://b/{'/'.join(values)}/",
                },
            }
            for values in some
        ]
        yield {"DatabaseName": DATABASE, "TableName": table, "PartitionInputList": inputs}


def fill(target: Target, type_name: str, size: int) -> str:
    """Make a table with as many partitions and return its name."""
    table = f"{type_name}_keys"
    keys = [{"Name": name, "Type": type_name} for name in ("year", "month", "day", "place")]
    definition = {
        "Name": table,
        "PartitionKeys": keys,
        "StorageDescriptor": {"Columns": COLUMNS, "Location": "s3://b/"},
    }
    Connection(target).call("CreateTable", {"DatabaseName": DATABASE, "TableInput": definition})
    bodies = batches(table, type_name, range(size))
    while some := list(islice(bodies, CHUNK)):
        rate(target, [target.request("BatchCreatePartition", body) for body in some], None)
    return table


def query(table: str, expression: str, **members: Any) -> dict[str, Any]:
    """Return a body of GetPartitions."""
    return {"DatabaseName": DATABASE, "TableName": table, "Expression": expression, **members}


def selective(table: str, type_name: str, size: int) -> list[dict[str, Any]]:
    """Return requests for one partition each, by all keys or by all but the first."""
    bodies = []
    for number in range(0, size, max(1, size // ROUNDS)):
        year, month, day, place = (f"'{value}'" for value in values_of(number, type_name))
        expressions = (
            f"year = {year} and month = {month} and day = {day}",
            f"{place} = (place) and day in ({day}) and month = {month} and year <= {year}",
        )
        bodies.append(query(table, expressions[number % 2], MaxResults=100))
    return bodies


def measure_table(report: Report, target: Target, type_name: str, size: int) -> None:
    """Measure what the bars name, on a table that is filled first."""
    began = time.perf_counter()
    table = fill(target, type_name, size)
    print(f"{size:,} partitions with {type_name} keys in {time.perf_counter() - began:.0f} s")
    connection = Connection(target)

    def percentile(bodies: Sequence[Mapping[str, Any]], percent: int) -> float:
        return quantiles(connection.times("GetPartitions", bodies), n=100)[percent - 1]

    report.at_most(
        f"{type_name}: selective, p99", percentile(selective(table, type_name, size), 99), 0.010
    )
    low, high = (
        values_of(5 * MONTHS * DAYS, type_name)[0],
        values_of(9 * MONTHS * DAYS, type_name)[0],
    )
    ranges = {
        "of the first key": f"year >= '{low}' and year < '{high}'",
        "of the second key": f"month > '{values_of(10 * DAYS, type_name)[1]}'",
        "or": f"year = '{low}' or year = '{high}' and month <> '{values_of(0, type_name)[1]}'",
    }
    for name, expression in ranges.items():
        bodies = [query(table, expression, MaxResults=1000, ExcludeColumnSchema=True)] * 20
        report.at_most(f"{type_name}: range {name}, a page, p95", percentile(bodies, 95), 0.030)
    if type_name == "string":
        seconds, _ = connection.call("GetPartitions", query(table, "day like '%9_9%'"))
        report.at_most("LIKE that nothing is like", seconds, 1.5)
    page = {"DatabaseName": DATABASE, "TableName": table, "MaxResults": 1000}
    report.at_most(f"{type_name}: a page of 1,000, p95", pages(connection, page), 0.020)
    more = batches(table, type_name, range(size, size + BATCH * ROUNDS))
    times = connection.times("BatchCreatePartition", list(more))
    report.at_most(f"{type_name}: BatchCreatePartition of 100, p50", median(times), 0.012)


def pages(connection: Connection, body: Mapping[str, Any], most: int = ROUNDS) -> float:
    """Return the 95th percentile of the pages of a listing, in seconds."""
    times: list[float] = []
    token: dict[str, str] = {}
    while len(times) < most:
        seconds, answer = connection.call("GetPartitions", {**body, **token})
        times.append(seconds)
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    return quantiles([*times, times[-1]], n=20)[-1]


def read_whole(connection: Connection, body: Mapping[str, Any]) -> float:
    """Return how many seconds all pages took."""
    total = 0.0
    token: dict[str, str] = {}
    while True:
        seconds, answer = connection.call("GetPartitions", {**body, **token})
        total += seconds
        if "NextToken" not in answer:
            return total
        token = {"NextToken": answer["NextToken"]}


def measure_segments(report: Report, target: Target) -> None:
    """Compare five segments, one after the other, with one reader."""
    connection = Connection(target)
    body = {"DatabaseName": DATABASE, "TableName": "int_keys", "ExcludeColumnSchema": True}
    whole = read_whole(connection, body)
    segments = sum(
        read_whole(connection, {**body, "Segment": {"SegmentNumber": number, "TotalSegments": 5}})
        for number in range(5)
    )
    report.at_most("five segments together", segments, whole * 1.25)


def measure_tables(report: Report, target: Target, count: int) -> None:
    """Measure tables: how fast they are made, and found by the beginnings of their names."""
    names = [f"{'sales' if number % 100 == 0 else 'other'}_{number:06}" for number in range(count)]
    descriptor = {"Columns": COLUMNS, "Location": "s3://b/"}
    bodies = [
        {"DatabaseName": DATABASE, "TableInput": {"Name": name, "StorageDescriptor": descriptor}}
        for name in names
    ]
    tables_per_second = rate(target, [target.request("CreateTable", body) for body in bodies], None)
    report.at_least("CreateTable", tables_per_second, 1000, "/s")
    connection = Connection(target)
    for operation, body in (
        ("GetTables", {"DatabaseName": DATABASE, "Expression": "sales_.*"}),
        ("GetTables", {"DatabaseName": DATABASE, "Expression": "sales_000*"}),
        ("SearchTables", {"SearchText": "sales_"}),
        ("SearchTables", {"Filters": [{"Key": "Name", "Value": "sales"}]}),
    ):
        text = next(str(value) for name, value in body.items() if name != "DatabaseName")
        times = connection.times(operation, [body] * 20)
        report.at_most(f"{operation} {text}"[:44], median(times), 0.030)


def measure_beside_moto(report: Report, directory: Path, size: int) -> None:
    """Compare selective predicates of both servers."""
    with glueball(directory / "beside"), moto() as theirs:
        ours = glueball_target(directory / "beside")
        times: dict[str, list[float]] = {}
        for target in (ours, theirs):
            Connection(target).call("CreateDatabase", {"DatabaseInput": {"Name": DATABASE}})
            fill(target, "string", size)
        year, month, day, _ = values_of(size // 2, "string")
        body = query("string_keys", f"year='{year}' and month='{month}' and day='{day}'")
        for _ in range(5):
            for target in (ours, theirs):
                times.setdefault(target.name, []).append(
                    Connection(target).call("GetPartitions", body)[0]
                )
        ratio = median(times["moto"]) / median(times["glueball"])
        report.at_least(f"beside moto at {size:,} partitions", ratio, 50, "x")


def main() -> int:
    """Measure everything and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--partitions", type=int, default=1_000_000, help="of each table")
    parser.add_argument("--tables", type=int, default=10_000)
    parser.add_argument("--beside-moto", type=int, default=100_000, help="partitions; 0: without")
    options = parser.parse_args()
    # Beside the program: the place for temporary files may be memory, where a commit costs nothing.
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=sys.prefix) as directory:
        report = Report()
        try:
            with glueball(Path(directory, "home")):
                target = glueball_target(Path(directory, "home"))
                Connection(target).call("CreateDatabase", {"DatabaseInput": {"Name": DATABASE}})
                for type_name in TYPES:
                    measure_table(report, target, type_name, options.partitions)
                measure_segments(report, target)
                measure_tables(report, target, options.tables)
            if options.beside_moto:
                measure_beside_moto(report, Path(directory), options.beside_moto)
        except BenchmarkFailedError as error:
            print(f"The benchmark failed: {error}", file=sys.stderr)
            return 1
    return 0 if report.met else 1


if __name__ == "__main__":
    sys.exit(main())
