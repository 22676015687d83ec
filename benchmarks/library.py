"""How fast the library is: its jobs beside the same jobs by hand, on this machine, in one run.

Ratios, because machines differ: both sides read the same generated files and write the same
records, in turns, and the best time of each counts. Both outputs are compared before any ratio is
printed. All data is below a temporary directory and is deleted at the end.

Exits with status 1 when a bar is missed. Usage: ``make bench-library``, or with the Python of a
runtime ``python benchmarks/library.py [--size GB] [--rounds N] [--seed N] [--only TEXT]``.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from library_data import Inputs
from library_jobs import Comparison, Jobs
from pyspark.sql import SparkSession

_SMALL_FILES = 100_000
_PLANNING_SECONDS = 60.0
_GROUPS = 1_000  # the most partitions that so many small files may become
_MEMORY_BAR = 1.25  # of the peak for a quarter of the records
_SAMPLE_SECONDS = 0.2


class DifferentOutputError(Exception):
    """The two sides did not write the same records: their times mean nothing."""


class Report:
    """The table, and whether every bar was met."""

    def __init__(self) -> None:
        self.met = True
        print(f"{'':34}{'ours':>10}{'by hand':>10}{'ratio':>8}   bar")

    def ratio(self, name: str, ours: float, theirs: float, bar: float) -> None:
        """Add a comparison, in seconds or megabytes."""
        columns = f"{ours:>10.1f}{theirs:>10.1f}{ours / theirs:>8.2f}"
        self._line(name, columns, f"<= {bar:.2f}", ours / theirs <= bar)

    def value(self, name: str, value: float, bar: float) -> None:
        """Add something of ours alone."""
        self._line(name, f"{value:>10.1f}{'':18}", f"< {bar:g}", value < bar)

    def _line(self, name: str, columns: str, bar: str, met: bool) -> None:
        self.met = self.met and met
        print(f"{name:34}{columns}   {bar:9}{'met' if met else 'MISSED'}", flush=True)


@contextmanager
def session(directory: Path, memory: str = "4g", java: str = "") -> Iterator[SparkSession]:
    """Give a session whose own files are below a directory."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    spark = (
        SparkSession.builder.master("local[*]")
        .appName("benchmark of awsglue")
        .config("spark.driver.memory", memory)
        .config("spark.driver.extraJavaOptions", java)
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.local.dir", str(directory / "spark"))
        .config("spark.sql.warehouse.dir", str(directory / "warehouse"))
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.hadoop.fs.s3.impl", "org.apache.hadoop.fs.LocalFileSystem")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    try:
        yield spark
    finally:
        spark.stop()


def seconds(job: Callable[[str, str], None], source: str, target: Path) -> float:
    """Run a job into a new directory and return how long it took."""
    shutil.rmtree(target, ignore_errors=True)
    began = time.perf_counter()
    job(source, str(target))
    return time.perf_counter() - began


def compare(
    spark: SparkSession, one: Comparison, source: str, directory: Path, rounds: int
) -> tuple[float, float]:
    """Return the best times of both sides, measured in turns.

    Raises:
        DifferentOutputError: they wrote different records.
    """
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(rounds):
        ours.append(seconds(one.ours, source, directory / "ours"))
        for index, job in enumerate(one.theirs):
            theirs.append(seconds(job, source, directory / f"theirs-{index}"))
            if number == 0:
                require_same(spark, one, directory / "ours", directory / f"theirs-{index}")
    for output in directory.glob("*"):
        shutil.rmtree(output)
    return min(ours), min(theirs)


def require_same(spark: SparkSession, one: Comparison, ours: Path, theirs: Path) -> None:
    """Compare two outputs.

    Raises:
        DifferentOutputError: they are not the same.
    """
    for below, (mine, other) in one.content.items():
        found = digest(spark, str(ours / below), mine)
        wanted = digest(spark, str(theirs / below), other)
        if found != wanted:
            raise DifferentOutputError(f"{one.name}, {below or 'output'}: {found}, not {wanted}")


def digest(spark: SparkSession, path: str, columns: str) -> tuple[int, int]:
    """Return how many records there are, and a sum of their hashes, in any order of theirs."""
    frame = spark.read.parquet(path)
    if columns == "*":
        columns = ", ".join(sorted(frame.columns))
    # Each value as a text: an int and a long of the same value are the same here.
    texts = ", ".join(f"cast({name.strip()} AS string)" for name in _split(columns))
    hashed = frame.selectExpr(f"cast(xxhash64({texts}) AS decimal(38,0)) AS h")
    row = hashed.selectExpr("count(*) AS n", "sum(h) AS s").collect()[0]
    return int(row["n"]), int(row["s"] or 0)


def _split(columns: str) -> list[str]:
    """Split at the commas outside of parentheses."""
    parts, depth = [""], 0
    for character in columns:
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def measure_small_files(report: Report, inputs: Inputs, jobs: Jobs) -> None:
    """Plan and read a hundred thousand files.

    Raises:
        DifferentOutputError: not every file was read, or each one alone.
    """
    path = inputs.small_files(_SMALL_FILES)
    began = time.perf_counter()
    frame = jobs.glue.create_dynamic_frame.from_options(
        "s3", {"paths": [path], "recurse": True}, format="json"
    )
    groups = frame.getNumPartitions()
    report.value("100,000 small files planned, s", time.perf_counter() - began, _PLANNING_SECONDS)
    report.value("  groups that they are read in", groups, _GROUPS)
    if (found := frame.count()) != _SMALL_FILES:
        raise DifferentOutputError(f"{found} records of {_SMALL_FILES} small files")
    shutil.rmtree(path)


def measure_memory(report: Report, small: str, large: str, directory: Path) -> None:
    """Run a job over few and over many records, each in processes of its own."""
    few, many = (peak_megabytes(path, directory) for path in (small, large))
    report.ratio("peak MB, 4 times the records", many, few, _MEMORY_BAR)


def peak_megabytes(source: str, directory: Path) -> float:
    """Return the greatest resident memory of a job's processes, all together."""
    target = directory / "memory"
    command = [sys.executable, __file__, "--once", source, str(target)]
    process = subprocess.Popen(command, env={**os.environ, "TMPDIR": str(directory)})
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(resident_bytes, family_of(process.pid))))
        time.sleep(_SAMPLE_SECONDS)
    shutil.rmtree(target, ignore_errors=True)
    if process.returncode:
        raise DifferentOutputError(f"the job over {source} failed")
    return peak / 1e6


def family_of(pid: int) -> list[int]:
    """Return a process and all below it."""
    try:
        tasks = Path(f"/proc/{pid}/task").iterdir()
        children = [int(one) for task in tasks for one in (task / "children").read_text().split()]
    except OSError:
        return []
    return [pid, *(below for child in children for below in family_of(child))]


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process; 0 when it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def once(source: str, target: str) -> None:
    """Run the job that memory is measured of.

    The JVM has all of its little heap from the beginning: what grows is around it, and a heap that
    does not suffice fails.
    """
    directory = Path(tempfile.mkdtemp())
    try:
        with session(directory, "1g", "-Xms1g -XX:+AlwaysPreTouch") as spark:
            Jobs(spark).functions(source, target)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--size", type=float, default=1.0, help="gigabytes of each input")
    parser.add_argument("--rounds", type=int, default=3, help="how often each side runs")
    parser.add_argument("--seed", type=int, default=None, help="of the generated values")
    parser.add_argument("--only", default="", help="rows whose names hold this text")
    parser.add_argument("--once", nargs=2, metavar=("FROM", "TO"), help=argparse.SUPPRESS)
    return parser.parse_args(words)


def measure(options: argparse.Namespace, directory: Path) -> bool:
    """Measure everything that was asked for; tell whether every bar was met."""
    seed = random.SystemRandom().randrange(2**31) if options.seed is None else options.seed
    print(f"seed {seed}, {options.size:g} GB of each input, best of {options.rounds}", flush=True)
    size = int(options.size * 1e9)
    outputs = directory / "outputs"
    outputs.mkdir()
    with session(directory) as spark:
        inputs = Inputs(spark=spark, directory=directory / "inputs", seed=seed, size=size)
        jobs = Jobs(spark)
        report = Report()
        for one in jobs.comparisons():
            if options.only.lower() in one.name.lower():
                source: str = getattr(inputs, one.input)()
                times = compare(spark, one, source, outputs, options.rounds)
                report.ratio(one.name, *times, one.bar)
        if options.only.lower() in "small files":
            measure_small_files(report, inputs, jobs)
        if options.only.lower() in "memory":
            paths = inputs.csv(size // 4), inputs.csv()
    if options.only.lower() in "memory":
        measure_memory(report, *paths, outputs)
    return report.met


def main() -> int:
    """Measure and return the exit status."""
    options = arguments()
    if options.once:
        once(*options.once)
        return 0
    # Beside the program: the place for temporary files may be memory.
    directory = Path(tempfile.mkdtemp(prefix="benchmark-", dir=sys.prefix))
    try:
        return 0 if measure(options, directory) else 1
    except DifferentOutputError as error:
        print(f"benchmark failed: {error}")
        return 1
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
