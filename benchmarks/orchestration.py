"""How fast the engine is: triggers, chains, recovery after kill -9, and one decision.

The service is the real one, a process in a home of its own, asked by its API; only the decision is
taken in this process, by the real engine over a real database with processes that do nothing.
What is measured is what can be seen from outside: a firing counts when its commit can be read, a
run when the order for its process lies on the disk.

Exits with status 1 when a bar is missed. Usage: ``make bench-orchestration``; with words from
`triggers chains recovery decision`, those alone.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import signal
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from decisions import Decision, decide
from service import (
    BenchmarkFailedError,
    Target,
    end_processes_of,
    glueball,
    glueball_target,
    rate,
    wait,
)

TRIGGERS = 5000
#: seconds between the creation of the triggers and their due time, at least
AHEAD_SECONDS = 20
CHAINS, LINKS = 2, 51  #: chains at once, and jobs in each
SLEEPERS = 200
RESTARTS = 3
#: the sleepers need little of what is set aside for them
MUCH_MEMORY = {"GLUEBALL_MEMORY_GB": "128"}
BUCKET = "benchmark"


class Report:
    """The table, and whether every bar was cleared."""

    def __init__(self) -> None:
        self.cleared = True
        print(f"{'':46}{'measured':>12}   bar")

    def value(self, name: str, value: float, unit: str, bar: float | None = None) -> None:
        """Add a line; one without a bar is for information."""
        line = f"{name:46}{f'{value:.4g} {unit}':>12}"
        if bar is not None:
            cleared = value < bar
            self.cleared = self.cleared and cleared
            line += f"   < {bar:g} {unit:8}{'ok' if cleared else 'MISSED'}"
        print(line, flush=True)

    def decision(self, name: str, found: Decision, bar_ms: float) -> None:
        """Add how long a decision took, and how much of that was work."""
        self.value(name, found.seconds * 1000, "ms", bar_ms)
        self.value("    of which processor", found.processor_seconds * 1000, "ms")


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """A service and what a benchmark knows of it."""

    home: Path
    target: Target
    process: psutil.Popen

    def call(self, operation: str, body: Mapping[str, Any]) -> Any:
        """Ask once, by the client that people use."""
        return self.target.client("glue")._make_api_call(operation, body)

    def upload(self, name: str, script: str) -> str:
        """Put a script into the bucket; return its location."""
        s3 = self.target.client("s3")
        with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
            s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key=name, Body=script.encode())
        return f"s3://{BUCKET}/{name}"

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Read the database beside the service: the newest commit, at no cost to the API."""
        uri = f"{(self.home / 'glueball.db').absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
            return connection.execute(statement, values).fetchall()

    def count(self, state: str) -> int:
        """Count the runs in a state."""
        found = self.query("SELECT count(*) FROM runs WHERE state = ?", state)
        return int(found[0][0])


@contextlib.contextmanager
def world(home: Path, port: int = 0, **settings: str) -> Iterator[tuple[World, float]]:
    """Run the service; gives it and the seconds until it was ready."""
    with glueball(home, port, **settings) as (process, seconds):
        yield World(home=home, target=glueball_target(home), process=process), seconds


def shell_job(name: str, location: str, **members: Any) -> dict[str, Any]:
    """Return the definition of a Python shell job."""
    command = {"Name": "pythonshell", "ScriptLocation": location, "PythonVersion": "3.9"}
    return {"Name": name, "Role": BUCKET, "Command": command, **members}


# Triggers: five thousand schedules are due at the same moment.


def measure_triggers(report: Report, directory: Path) -> None:
    """Tell how late triggers fire; the pool is full, so that no process disturbs them."""
    home = directory / "triggers"
    try:
        with world(home, GLUEBALL_POOL_DPUS="1") as (service, _):
            fill_pool(service)
            due = create_triggers(service)
            lateness = watch_firings(service, due)
    finally:
        end_processes_of(home)
    report.value(f"{TRIGGERS} triggers due at once: lateness p50", percentile(lateness, 0.5), "s")
    report.value("  lateness p99", percentile(lateness, 0.99), "s", 1)


def fill_pool(service: World) -> None:
    """Let one run hold the whole pool."""
    location = service.upload("sleep.py", "import time\ntime.sleep(3600)\n")
    service.call("CreateJob", shell_job("sleeper", location, MaxCapacity=1.0))
    service.call("StartJobRun", {"JobName": "sleeper"})
    wait(lambda: service.count("RUNNING") == 1, "the run that fills the pool")


def create_triggers(service: World) -> float:
    """Create a job and an active trigger for it, five thousand times; return when they are due."""
    location = f"s3://{BUCKET}/sleep.py"
    jobs = [shell_job(f"job-{number}", location) for number in range(TRIGGERS)]
    send(service.target, "CreateJob", jobs)
    due = math.ceil((time.time() + AHEAD_SECONDS) / 60) * 60
    schedule = f"{datetime.fromtimestamp(due, UTC):cron(%-M %-H %-d %-m ? %Y)}"
    triggers = [
        {
            "Name": f"trigger-{number}",
            "Type": "SCHEDULED",
            "Schedule": schedule,
            "Actions": [{"JobName": f"job-{number}"}],
            "StartOnCreation": True,
        }
        for number in range(TRIGGERS)
    ]
    send(service.target, "CreateTrigger", triggers)
    if time.time() > due - 1:
        raise BenchmarkFailedError("the triggers were not created in time")
    return due


def send(target: Target, operation: str, bodies: Sequence[Mapping[str, Any]]) -> None:
    """Ask with each body once."""
    rate(target, [target.request(operation, body) for body in bodies], None)


def watch_firings(service: World, due: float) -> list[float]:
    """Return how many seconds after its due time each firing could be read."""
    newest = "SELECT max(sequence) FROM runs"  # cheap: who looks must not disturb
    before = int(service.query(newest)[0][0])
    time.sleep(max(0.0, due - time.time() - 0.5))
    lateness: list[float] = []
    uri = f"{(service.home / 'glueball.db').absolute().as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
        while len(lateness) < TRIGGERS:
            found = int(connection.execute(newest).fetchone()[0]) - before
            seconds = time.time() - due
            if seconds > 60:
                raise BenchmarkFailedError(f"{found} of {TRIGGERS} triggers fired in a minute")
            lateness += [seconds] * (found - len(lateness))
            time.sleep(0.01)
    return lateness


# Chains: each job starts the next one by a conditional trigger.


def measure_chains(report: Report, directory: Path) -> None:
    """Tell how long it takes from the end of a run to the start of the one that waits for it."""
    home = directory / "chains"
    try:
        with world(home) as (service, _):
            location = service.upload("nothing.py", "")
            for chain in range(CHAINS):
                create_chain(service, f"chain{chain}", location)
            for chain in range(CHAINS):
                service.call("StartTrigger", {"Name": f"chain{chain}-0"})
            wait(lambda: service.count("SUCCEEDED") == CHAINS * LINKS, "the chains to end", 300)
            gaps = [gap for chain in range(CHAINS) for gap in gaps_of(service, f"chain{chain}")]
    finally:
        end_processes_of(home)
    report.value("conditional trigger to next run: p50", percentile(gaps, 0.5) * 1000, "ms")
    report.value("  p99", percentile(gaps, 0.99) * 1000, "ms", 100)


def create_chain(service: World, name: str, location: str) -> None:
    """Create jobs and the triggers between them."""
    jobs = [f"{name}-{number}" for number in range(LINKS)]
    send(service.target, "CreateJob", [shell_job(job, location) for job in jobs])
    triggers = [
        {
            "Name": job,
            "Type": "CONDITIONAL",
            "Predicate": {
                "Conditions": [
                    {"LogicalOperator": "EQUALS", "JobName": before, "State": "SUCCEEDED"}
                ]
            },
            "Actions": [{"JobName": job}],
            "StartOnCreation": True,
        }
        for before, job in itertools.pairwise(jobs)
    ]
    first = {"Name": jobs[0], "Type": "ON_DEMAND", "Actions": [{"JobName": jobs[0]}]}
    send(service.target, "CreateTrigger", [first, *triggers])


def gaps_of(service: World, name: str) -> list[float]:
    """Return the seconds between the end of each run's processes and the order for the next's.

    The order is written after STARTING was committed: what is measured is that and a little more.
    """
    rows = service.query("SELECT job_name, id, completed FROM runs")
    runs = {job: (run_id, completed) for job, run_id, completed in rows}
    chain = [runs[f"{name}-{number}"] for number in range(LINKS)]
    return [
        (service.home / "runs" / following / "launch.json").stat().st_mtime - completed
        for (_, completed), (following, _) in itertools.pairwise(chain)
    ]


# Recovery: the service is killed while runs go on.


def measure_recovery(report: Report, directory: Path) -> None:
    """Kill the service with -9 and tell how long the next one takes to be as good."""
    home, port = directory / "recovery", free_port()
    try:
        with world(home, port, **MUCH_MEMORY) as (service, _):
            start_sleepers(service)
            service.process.kill()
        rounds = [recover(service, port) for _ in range(RESTARTS)]
    finally:
        end_processes_of(home)
    report.value("kill -9 to serving again", max(serving for serving, _ in rounds), "s", 2)
    report.value(f"  {SLEEPERS} runs re-adopted", max(adopted for _, adopted in rounds), "s", 5)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_sleepers(service: World) -> None:
    """Let two hundred runs be under way."""
    location = service.upload("sleep.py", "import time\ntime.sleep(3600)\n")
    limits = {"MaxConcurrentRuns": SLEEPERS + RESTARTS}
    service.call("CreateJob", shell_job("sleeper", location, ExecutionProperty=limits))
    send(service.target, "StartJobRun", [{"JobName": "sleeper"}] * (SLEEPERS + RESTARTS))
    wait(
        lambda: service.count("RUNNING") == SLEEPERS + RESTARTS,
        "the runs to be under way",
        600,
    )


def recover(service: World, port: int) -> tuple[float, float]:
    """Start the service again, and kill it.

    One script ends while nobody is there. The engine looks at all runs before it writes what it
    saw of one, so the runs are adopted when that end can be read.

    Returns:
        Seconds from the start of the process to its first answer, and to the runs' adoption.
    """
    victim, client = end_a_script(service.home), service.target.client("glue")
    began = time.perf_counter()
    with glueball(service.home, port, **MUCH_MEMORY) as (process, _):
        client.get_job(JobName="sleeper")
        serving = time.perf_counter() - began
        wait(lambda: state_of(service, victim) == "FAILED", "the end of the run to be seen")
        adopted = time.perf_counter() - began
        check_alive(service)
        process.kill()
    return serving, adopted


def end_a_script(home: Path) -> str:
    """Kill the script of one living run; return the run's id."""
    for supervisor in sorted(home.glob("runs/*/supervisor.json")):
        if not (supervisor.parent / "exit.json").exists():
            scripts = psutil.Process(pid_in(supervisor)).children()
            for script in scripts:
                script.send_signal(signal.SIGKILL)
            wait((supervisor.parent / "exit.json").exists, "the supervisor to say so")
            return supervisor.parent.name
    raise BenchmarkFailedError("no run is under way")


def pid_in(supervisor: Path) -> int:
    """Return the process that supervisor.json names."""
    return int(json.loads(supervisor.read_text())["pid"])


def state_of(service: World, run_id: str) -> str:
    """Return the state of a run."""
    found = service.query("SELECT state FROM runs WHERE id = ?", run_id)
    return str(found[0][0])


def check_alive(service: World) -> None:
    """Make sure that no other run was harmed."""
    running = service.count("RUNNING")
    if running < SLEEPERS:
        raise BenchmarkFailedError(f"{SLEEPERS - running} runs were lost")


# One decision, in this process.


def measure_decision(report: Report, directory: Path) -> None:
    """Tell how long the engine takes to look at many waiting runs, and whether that grows."""
    found = {
        waiting: decide(directory / f"decision-{waiting}", waiting) for waiting in (10_000, 20_000)
    }
    flex = decide(directory / "decision-flex", 10_000, only_flex=True)
    growth = found[20_000].processor_seconds / found[10_000].processor_seconds
    report.decision("one decision, 10,000 waiting", found[10_000], 10)
    report.decision("  10,000 FLEX waiting", flex, 10)
    report.value("  20,000 waiting, against 10,000", growth, "x", 2.2)


MEASURES: Mapping[str, Callable[[Report, Path], None]] = {
    "triggers": measure_triggers,
    "chains": measure_chains,
    "recovery": measure_recovery,
    "decision": measure_decision,
}


def main(names: Sequence[str]) -> int:
    """Measure what is named, or everything, and return the exit status."""
    # Beside the program: the place for temporary files may be memory, where a commit costs nothing.
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=sys.prefix) as directory:
        report = Report()
        try:
            for name in names or MEASURES:
                MEASURES[name](report, Path(directory))
        except BenchmarkFailedError as error:
            print(f"The benchmark failed: {error}", file=sys.stderr)
            return 1
    return 0 if report.cleared else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
