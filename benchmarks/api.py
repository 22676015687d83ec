"""How fast the API is: the real service beside the moto server, on this machine, in one run.

Ratios, because machines differ: both servers are asked the same by the same load generator
(`load.py`, a process of its own with signed requests that were built beforehand), in turns
A B A B, and medians are compared. moto keeps everything in memory and looks at no signature;
Glueball verifies every one and has committed to disk before it answers.

Exits with status 1 when a bar of issue 2, "Speed", is missed. Usage: ``make bench``.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from service import (
    BenchmarkFailedError,
    Target,
    end_processes_of,
    glueball,
    glueball_target,
    rate,
    wait,
)

ROUNDS = 5
GET_SECONDS = 1.5  #: of each round of GetJob
WARM_UP_SECONDS = 0.5
#: calls in a round of an operation that writes. moto gets fewer since it is slower, and a round
#: should last about a quarter of a second; its StartJobRun slows down with the number of runs, so
#: fewer is to its advantage.
WRITES = {"glueball": 600, "moto": 150}
#: how long the service is left alone before its memory is looked at
IDLE_SECONDS = 3.0
STARTS = 5


@contextlib.contextmanager
def moto() -> Iterator[Target]:
    """Run the moto server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("moto_server")), "-H", "127.0.0.1", "-p"]
    process = subprocess.Popen(
        [*command, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait(lambda: _listens(port), "the moto server to listen")
        yield Target(name="moto", port=port)
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def fill_pool(target: Target) -> None:
    """Fill the pool with one run that sleeps, so that all runs started meanwhile wait in line.

    StartJobRun has done all its work when it answers: it has checked, resolved and committed the
    run, which from then on survives any crash. Starting the script's process comes after that, and
    hundreds of them would measure this machine and not the API.
    """
    s3, glue = target.client("s3"), target.client("glue")
    s3.create_bucket(Bucket="benchmark")
    s3.put_object(Bucket="benchmark", Key="sleep.py", Body=b"import time\ntime.sleep(3600)\n")
    command = {"Name": "glueetl", "ScriptLocation": "s3://benchmark/sleep.py"}
    glue.create_job(Name="sleeper", Role="benchmark", Command=command)
    run = glue.start_job_run(JobName="sleeper")["JobRunId"]

    def state() -> str:
        return str(glue.get_job_run(JobName="sleeper", RunId=run)["JobRun"]["JobRunState"])

    wait(lambda: state() == "RUNNING", "the run that fills the pool")


def job_definition(name: str) -> dict[str, Any]:
    """Return a job as people define them."""
    return {
        "Name": name,
        "Role": "arn:aws:iam::123456789012:role/GlueJobRole",
        "Command": {"Name": "glueetl", "ScriptLocation": "s3://benchmark/sleep.py"},
        "DefaultArguments": {"--TempDir": "s3://benchmark/tmp/", "--job-language": "python"},
        "ExecutionProperty": {"MaxConcurrentRuns": 1000},
        "GlueVersion": "5.1",
        "WorkerType": "G.1X",
        "NumberOfWorkers": 2,
        "Timeout": 60,
    }


def get_job(target: Target, number: int) -> float:
    """One round of GetJob."""
    return rate(target, [target.request("GetJob", {"JobName": "nightly"})], GET_SECONDS)


def create_job(target: Target, number: int) -> float:
    """One round of CreateJob."""
    names = [f"created-{number}-{index}" for index in range(WRITES[target.name])]
    return rate(target, [target.request("CreateJob", job_definition(name)) for name in names], None)


def start_job_run(target: Target, number: int) -> float:
    """One round of StartJobRun, of a job of its own (a job has at most 1000 runs at once)."""
    name = f"started-{number}"
    rate(target, [target.request("CreateJob", job_definition(name))], None)
    body = {"JobName": name, "Arguments": {"--day": "2013-01-01"}}
    requests = [target.request("StartJobRun", body) for _ in range(WRITES[target.name])]
    return rate(target, requests, None)


def compare(
    targets: Sequence[Target], one_round: Callable[[Target, int], float]
) -> dict[str, float]:
    """Return the median rate of each target, measured in turns."""
    rates: dict[str, list[float]] = {target.name: [] for target in targets}
    for number in range(ROUNDS):
        for target in targets:
            rates[target.name].append(one_round(target, number))
    return {name: median(values) for name, values in rates.items()}


class Report:
    """The table, and whether every bar was cleared."""

    def __init__(self) -> None:
        self.cleared = True
        print(f"{'':16}{'glueball':>12}{'moto':>12}{'ratio':>9}   bar")

    def ratio(self, name: str, rates: Mapping[str, float], bar: float) -> None:
        """Add a comparison with moto."""
        ours, theirs = rates["glueball"], rates["moto"]
        columns = f"{ours:>10,.0f}/s{theirs:>10,.0f}/s{ours / theirs:>8.1f}x"
        self._line(name, columns, f">= {bar:g}x", ours / theirs >= bar)

    def value(self, name: str, value: float, unit: str, bar: float) -> None:
        """Add something of ours alone."""
        columns = f"{f'{value:.2f} {unit}':>12}{'':21}"
        self._line(name, columns, f"< {bar:g} {unit}", value < bar)

    def _line(self, name: str, columns: str, bar: str, cleared: bool) -> None:
        self.cleared = self.cleared and cleared
        print(f"{name:16}{columns}   {bar:12}{'ok' if cleared else 'MISSED'}", flush=True)


def measure_start_and_idle(report: Report, directory: Path) -> None:
    """Start the service a few times on new homes; then look at its memory while it idles."""
    seconds, megabytes = [], 0.0
    for number in range(STARTS):
        with glueball(directory / f"start-{number}") as (process, took):
            seconds.append(took)
            if number == STARTS - 1:
                time.sleep(IDLE_SECONDS)
                family = [process, *process.children(recursive=True)]
                megabytes = sum(one.memory_info().rss for one in family) / 1e6
    report.value("idle memory", megabytes, "MB", 150)
    report.value("start to ready", median(seconds), "s", 1.5)


def measure_rates(report: Report, directory: Path) -> None:
    """Measure the three operations."""
    home = directory / "home"
    # A pool of two DPUs is what the sleeping run asks for.
    with glueball(home, GLUEBALL_POOL_DPUS="2"), moto() as theirs:
        ours = glueball_target(home)
        targets = (ours, theirs)
        for target in targets:
            rate(target, [target.request("CreateJob", job_definition("nightly"))], None)
            rate(target, [target.request("GetJob", {"JobName": "nightly"})], WARM_UP_SECONDS)
        report.ratio("GetJob", compare(targets, get_job), 15)
        report.ratio("CreateJob", compare(targets, create_job), 5)
        fill_pool(ours)
        report.ratio("StartJobRun", compare(targets, start_job_run), 5)


def main() -> int:
    """Measure everything and return the exit status."""
    # Beside the program: the place for temporary files may be memory, where a commit costs nothing.
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=sys.prefix) as directory:
        report = Report()
        try:
            measure_start_and_idle(report, Path(directory))
            measure_rates(report, Path(directory))
        except BenchmarkFailedError as error:
            print(f"The benchmark failed: {error}", file=sys.stderr)
            return 1
        finally:
            end_processes_of(Path(directory, "home"))
    return 0 if report.cleared else 1


if __name__ == "__main__":
    sys.exit(main())
