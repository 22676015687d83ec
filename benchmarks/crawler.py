"""How fast a crawl is: many small csv files, an unchanged crawl again, and its memory.

The service is the real one, a process in a home of its own; crawls are started by its API and are
processes of theirs. The files are written into the home's directory of objects, where S3 shows
them: putting each by a request would take longer than what is measured.

Exits with status 1 when a bar is missed. Usage: ``make bench-crawler``; with numbers, so many files
in so many partitions, and so many files for the comparison of the memory.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from service import BenchmarkFailedError, Target, end_processes_of, glueball, glueball_target

FILES, PARTITIONS, FEW = 100_000, 1_000, 20_000
ROWS = 10  #: of each file
BUCKET = "benchmark"
DONE_SECONDS = 1800.0
FILES_PER_SECOND = 5_000.0
MOST_OF_A_LISTING = 1.5
MOST_GROWTH = 1.3


class Report:
    """The table, and whether every bar was met."""

    def __init__(self) -> None:
        self.met = True
        print(f"{'':52}{'measured':>16}   bar")

    def value(self, name: str, value: float, unit: str) -> None:
        """Add a line for information."""
        print(f"{name:52}{f'{value:,.4g} {unit}':>16}", flush=True)

    def least(self, name: str, value: float, unit: str, bar: float) -> None:
        """Add a figure that must not be lower than its bar."""
        self._judged(name, value, unit, f">= {bar:,g}", met=value >= bar)

    def most(self, name: str, value: float, unit: str, bar: float) -> None:
        """Add a figure that must not be higher than its bar."""
        self._judged(name, value, unit, f"<= {bar:,g}", met=value <= bar)

    def _judged(self, name: str, value: float, unit: str, bar: str, *, met: bool) -> None:
        self.met = self.met and met
        word = "met" if met else "missed"
        print(f"{name:52}{f'{value:,.4g} {unit}':>16}   {bar} {unit} {word}", flush=True)


@dataclass(slots=True)
class Memory:
    """The most memory that the processes of a crawl had together."""

    runs: Path  #: the home's directory of runs
    peak: int = 0  #: bytes
    _ended: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Look again and again until `end` is called."""
        while not self._ended.wait(0.1):
            self.peak = max(self.peak, sum(self._sizes()))

    def end(self) -> None:
        """End watching."""
        self._ended.set()

    def _sizes(self) -> Iterator[int]:
        """Yield what each process has; what processes share counts once."""
        for process in psutil.process_iter():
            try:
                line = process.cmdline()
                if "glueball.crawl" in line and str(self.runs) in line[-1]:
                    yield process.memory_full_info().pss
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue


@dataclass(frozen=True, kw_only=True, slots=True)
class Crawl:
    """A crawl that has succeeded."""

    seconds: float  #: from the call that started it
    own_seconds: float  #: between its first and its last line in the log
    peak_mb: float


def write_files(directory: Path, files: int, partitions: int) -> None:
    """Write csv files, the same number for each partition."""
    for partition in range(partitions):
        folder = directory / f"day={partition:05}"
        folder.mkdir(parents=True)
        for number in range(partition, files, partitions):
            rows = [
                f"{number * ROWS + row},name {row},{row}.5,{row % 2 == 0}" for row in range(ROWS)
            ]
            text = "\n".join(["id,name,amount,open", *rows, ""])
            (folder / f"part-{number:07}.csv").write_text(text)


def list_all(target: Target, prefix: str) -> tuple[int, float]:
    """List what there is, as any client does; return how many objects, and the seconds."""
    client, count = target.client("s3"), 0
    began = time.perf_counter()
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix):
        count += len(page.get("Contents", ()))
    return count, time.perf_counter() - began


def crawl(home: Path, target: Target, name: str) -> Crawl:
    """Run a crawler to its end.

    Raises:
        BenchmarkFailedError: the crawl did not succeed.
    """
    glue = target.client("glue")
    memory = Memory(home / "runs")
    watcher = threading.Thread(target=memory.watch)
    watcher.start()
    began = time.perf_counter()
    try:
        glue.start_crawler(Name=name)
        while glue.get_crawler(Name=name)["Crawler"]["State"] != "READY":
            if time.perf_counter() - began > DONE_SECONDS:
                raise BenchmarkFailedError(f"the crawl of {name} did not end")
            time.sleep(0.1)
    finally:
        memory.end()
        watcher.join()
    seconds = time.perf_counter() - began
    last = glue.get_crawler(Name=name)["Crawler"]["LastCrawl"]
    if last["Status"] != "SUCCEEDED":
        raise BenchmarkFailedError(f"the crawl of {name} failed: {last.get('ErrorMessage')}")
    own = own_seconds(target.client("logs"), name, last["MessagePrefix"])
    return Crawl(seconds=seconds, own_seconds=own, peak_mb=memory.peak / 1e6)


def own_seconds(logs: Any, name: str, crawl_id: str) -> float:
    """Return the seconds between the first and the last line of a crawl's log."""
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName="/aws-glue/crawlers", logStreamNames=[name], filterPattern=f'"{crawl_id}"'
    )
    times: list[int] = [event["timestamp"] for page in pages for event in page["events"]]
    return (max(times) - min(times)) / 1000


def prepare(home: Path, target: Target, name: str, files: int, partitions: int) -> None:
    """Make files and a crawler for them."""
    write_files(home / "objects" / BUCKET / name, files, partitions)
    targets = {"S3Targets": [{"Path": f"s3://{BUCKET}/{name}/"}]}
    target.client("glue").create_crawler(
        Name=name, Role=BUCKET, DatabaseName=BUCKET, Targets=targets
    )


def check(target: Target, name: str, files: int, partitions: int) -> None:
    """Make sure that the crawl has found everything.

    Raises:
        BenchmarkFailedError: it has not.
    """
    glue = target.client("glue")
    table = glue.get_table(DatabaseName=BUCKET, Name=name)["Table"]
    columns = [(one["Name"], one["Type"]) for one in table["StorageDescriptor"]["Columns"]]
    if columns != [("id", "bigint"), ("name", "string"), ("amount", "double"), ("open", "boolean")]:
        raise BenchmarkFailedError(f"the crawl found the columns {columns}")
    if table["Parameters"]["objectCount"] != str(files):
        raise BenchmarkFailedError(f"the crawl found {table['Parameters']['objectCount']} files")
    pages = glue.get_paginator("get_partitions").paginate(
        DatabaseName=BUCKET, TableName=name, ExcludeColumnSchema=True
    )
    count = sum(len(page["Partitions"]) for page in pages)
    if count != partitions:
        raise BenchmarkFailedError(f"the crawl found {count} partitions")


def measure(report: Report, home: Path, files: int, partitions: int, few: int) -> None:
    """Crawl few files, then many, then these again."""
    with glueball(home) as (_, _):
        target = glueball_target(home)
        target.client("s3").create_bucket(Bucket=BUCKET)
        prepare(home, target, "few", few, partitions)
        prepare(home, target, "many", files, partitions)
        small = crawl(home, target, "few")
        check(target, "few", few, partitions)
        first = crawl(home, target, "many")
        check(target, "many", files, partitions)
        count, listing = list_all(target, "many/")
        if count != files:
            raise BenchmarkFailedError(f"the listing has {count} objects")
        again = crawl(home, target, "many")
        check(target, "many", files, partitions)
    report.least(
        f"first crawl of {files:,} files", files / first.seconds, "files/s", FILES_PER_SECOND
    )
    report.value("  from its start to READY", first.seconds, "s")
    report.value("  of which between its lines in the log", first.own_seconds, "s")
    report.value("listing alone, by botocore", listing, "s")
    report.most("unchanged crawl, against listing", again.seconds / listing, "x", MOST_OF_A_LISTING)
    report.value("  from its start to READY", again.seconds, "s")
    report.value("  of which between its lines in the log", again.own_seconds, "s")
    report.value(f"peak memory at {few:,} files", small.peak_mb, "MB")
    report.value(f"peak memory at {files:,} files", first.peak_mb, "MB")
    report.most("  growth", first.peak_mb / small.peak_mb, "x", MOST_GROWTH)


def main(arguments: list[str]) -> int:
    """Measure, and return the exit status."""
    files, partitions, few = [*map(int, arguments), *(FILES, PARTITIONS, FEW)[len(arguments) :]]
    # Beside the program: the place for temporary files may be memory.
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=sys.prefix) as directory:
        home = Path(directory) / "home"
        report = Report()
        try:
            measure(report, home, files, partitions, few)
        except BenchmarkFailedError as error:
            print(f"The benchmark failed: {error}", file=sys.stderr)
            return 1
        finally:
            end_processes_of(home)
    return 0 if report.met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
