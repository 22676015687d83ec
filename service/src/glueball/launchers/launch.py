"""What a launcher is asked to start, and what it can tell about it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """One attempt of one job run, resolved: nothing is left to look up."""

    run_id: str
    #: the attempt's fencing token: only its holder may commit a bookmark
    token: str
    job_name: str
    command: str  #: "glueetl", "gluestreaming", "pythonshell" or "crawler"
    script_location: str  #: "s3://bucket/key"
    #: the job's arguments after precedence, keys as the user wrote them ("--TempDir")
    arguments: Mapping[str, str] = field(default_factory=dict)
    glue_version: str = ""  #: "" and "auto" mean the default
    python_version: str = "3"
    cores: int = 1  #: threads that Spark may use
    memory_mb: int = 1024  #: heap of the Spark driver, MiB
    worker_type: str = ""
    number_of_workers: int = 0
    output_path: Path  #: events of what the script prints
    error_path: Path  #: events of everything else: Spark, installation, the Glue logger
    endpoint_url: str
    region: str
    account_id: str
    #: credentials of this run (AWS_ACCESS_KEY_ID, …); never on a command line
    environment: Mapping[str, str] = field(default_factory=dict)
    objects_root: Path  #: s3://bucket/key is the file <objects_root>/<bucket>/<key>
    #: sentences for the head of the run's error log ("the request was cut to the pool")
    notes: tuple[str, ...] = ()
    #: of a crawl: members of AWS's Crawler, and when the last one that succeeded has started
    crawler: Mapping[str, Any] | None = None
    #: whether scripts may use connections whose drivers could read files or run code
    allow_unsafe_connections: bool = False

    @property
    def job_id(self) -> str:
        """The job's stable id, as AWS passes it by `--JOB_ID`: "j_" and 64 hexadecimal digits."""
        name = f"{self.account_id}/{self.region}/{self.job_name}"
        return "j_" + hashlib.sha256(name.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What the supervisor of an attempt does; the `supervise` part of launch.json."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    output_path: Path
    error_path: Path
    notify_fifo: Path
    #: seconds between TERM and KILL when the run is stopped
    grace_seconds: float
    #: runs to its end before `argv`, its output going to the error log; empty when not needed
    prepare: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Secrets:
    """What an attempt needs and no file with a name may hold: its supervisor's standard input."""

    #: of the environment: the credentials of the run
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: the arguments whose values `launch.json` masks
    arguments: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class FailureRecord:
    """Why the script failed, in the words that `ErrorMessage` shows."""

    message: str
    category: str
    line: int | None  #: of the script; None when no line of it is to blame


@dataclass(frozen=True, kw_only=True, slots=True)
class ExitRecord:
    """How an attempt ended. It succeeded iff `code` is 0 and it was not stopped."""

    code: int | None  #: exit status; None when a signal ended it or it never started
    signal: int | None
    time: float  #: epoch seconds at which the script's process ended
    #: that the script ran, whatever the clock was set to meanwhile; None: nobody measured it
    seconds: float | None = None
    stopped: bool  #: somebody asked for the end before it came by itself
    error_message: str | None  #: set when the launch failed or the system killed the script
    started_at: float | None  #: epoch seconds of the script's first line; None: never reached
    failure: FailureRecord | None  #: what the script raised


@dataclass(frozen=True, slots=True)
class NotStarted:
    """Nothing was launched, or what was launched died before it claimed the attempt."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Starting:
    """A supervisor is at work; the script's first line did not run yet."""

    since: float | None = None  #: when it began, by `Clock.steady`; None: it said nothing yet


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """The script runs."""

    started_at: float  #: epoch seconds
    since: float | None = None  #: the same moment by `Clock.steady`; None: nobody noted it


@dataclass(frozen=True, kw_only=True, slots=True)
class Exited:
    """The attempt is over, its whole process tree is dead and its logs are complete."""

    record: ExitRecord


@dataclass(frozen=True, slots=True)
class Lost:
    """The supervisor died without an exit record; the attempt may not be run again."""

    #: whether somebody has made sure that no process of it is left
    everything_dead: bool = False


Observation = NotStarted | Starting | Running | Exited | Lost
