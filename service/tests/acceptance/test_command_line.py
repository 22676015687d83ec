"""`glueball run`, `env` and `demo` as people type them, in processes of their own."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import glueball
from glueball.cli.flights import data_directory, flights_by_month
from support.service_process import RUNTIMES, ServiceProcess, wait_until

_EXAMPLES = Path(glueball.__file__).parent / "examples"
_TELLS = """
import sys
from awsglue.utils import getResolvedOptions
args = getResolvedOptions(sys.argv, ["JOB_NAME", "day"])
for number in range(3):
    print("out", number)
    print("err", number, file=sys.stderr)
print(args["JOB_NAME"], args["day"])
"""
_ENDLESS = "import time\nprint('up', flush=True)\ntime.sleep(600)\n"
#: what a user may have set up for a real account: none of it may matter
_REAL_ACCOUNT = {
    "AWS_PROFILE": "nonesuch",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "AWS_SESSION_TOKEN": "stale",
}


def variables(**more: str) -> dict[str, str]:
    """Return an environment in which a default home would be a mistake that fails."""
    base = {key: value for key, value in os.environ.items() if key != "GLUEBALL_HOME"}
    return {**base, "HOME": "/proc/none", "GLUEBALL_RUNTIMES": str(RUNTIMES), **more}


def command(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "glueball", *words],
        env=variables(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def script(tmp_path: Path, text: str) -> str:
    path = tmp_path / "etl.py"
    path.write_text(text)
    return str(path)


def processes_of(home: Path) -> str:
    """Return the command lines of processes that name a home directory."""
    found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return "\n".join(line for line in found.stdout.splitlines() if f"{home}" in line)


def test_a_script_gets_its_arguments_and_its_output_comes_in_order(
    service: ServiceProcess, tmp_path: Path
) -> None:
    words = [script(tmp_path, _TELLS), "--python-shell", "--day", "2013-01-01"]
    result = command("run", *words, "--home", str(service.home), **_REAL_ACCOUNT)
    assert result.returncode == 0, result.stderr
    expected = [f"{stream} {number}" for number in range(3) for stream in ("out", "err")]
    lines = result.stdout.splitlines()
    assert sorted(lines) == sorted([*expected, "etl 2013-01-01"])
    for stream in ("out", "err"):
        ours = [line for line in lines if line.startswith(stream)]
        assert ours == [f"{stream} {number}" for number in range(3)]
    assert re.search(r"^Run jr_[0-9a-f]{64} of job etl$", result.stderr, re.MULTILINE)
    assert "\x1b" not in result.stdout + result.stderr


def test_a_script_that_fails_fails_the_command(service: ServiceProcess, tmp_path: Path) -> None:
    failing = script(tmp_path, "print('before')\nraise ValueError('bad input')\n")
    result = command("run", failing, "--python-shell", "--home", str(service.home))
    assert result.returncode == 1
    assert result.stdout.startswith("before\n")
    assert result.stderr.endswith("FAILED: ValueError: bad input\n")


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["--python-shell", "--flex"], 1, "FLEX is not supported for Job Command pythonshell"),
        (["--workers", "1"], 1, "minimum allowed value of Number of Workers is 2"),
        (["--workers", "many"], 2, "--workers"),
        (["2013-01-01"], 1, "--name value"),
    ],
)
def test_what_cannot_be_run_is_said(
    service: ServiceProcess, tmp_path: Path, words: list[str], status: int, says: str
) -> None:
    result = command("run", script(tmp_path, ""), *words, "--home", str(service.home))
    assert result.returncode == status
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_a_terminal_shows_progress_and_a_file_gets_the_output(
    service: ServiceProcess, tmp_path: Path
) -> None:
    words = [script(tmp_path, "print(':smile: ' + 'y' * 200)\n"), "--python-shell"]
    ours, theirs = pty.openpty()
    with (tmp_path / "output").open("w") as output:
        status = subprocess.run(
            [sys.executable, "-m", "glueball", "run", *words, "--home", str(service.home)],
            env=variables(TERM="xterm", COLUMNS="40", NO_COLOR="1"),
            stdout=output,
            stderr=theirs,
            timeout=60,
            check=False,
        ).returncode
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert status == 0
    assert (tmp_path / "output").read_text() == f":smile: {'y' * 200}\n"
    assert "etl STARTING" in shown
    assert "\x1b[3" not in shown  # no colours


def test_a_job_that_people_made_is_not_changed(service: ServiceProcess, tmp_path: Path) -> None:
    service.shell_job("mine", "")
    before = service.client("glue").get_job(JobName="mine")
    words = [script(tmp_path, ""), "--name", "mine", "--home", str(service.home)]
    result = command("run", *words)
    assert result.returncode == 1
    assert "--name" in result.stderr
    assert service.client("glue").get_job(JobName="mine")["Job"] == before["Job"]


def test_behind_two_dashes_every_option_is_the_scripts(
    service: ServiceProcess, tmp_path: Path
) -> None:
    text = """
import sys
from awsglue.utils import getResolvedOptions
print(getResolvedOptions(sys.argv, ["name", "workers"]))
"""
    words = ["--python-shell", "--home", str(service.home), script(tmp_path, text)]
    result = command("run", *words, "--", "--name", "x", "--workers=y")
    assert result.returncode == 0, result.stderr
    assert "'name': 'x'" in result.stdout
    assert "'workers': 'y'" in result.stdout


def test_without_a_service_one_runs_meanwhile(tmp_path: Path) -> None:
    home = tmp_path / "home"
    words = [script(tmp_path, _TELLS), "--python-shell", "--day", "x", "--home", str(home)]
    result = command("run", *words, GLUEBALL_REGION="eu-west-1")
    assert result.returncode == 0, result.stderr
    assert "etl x" in result.stdout
    assert processes_of(home) == ""
    assert not (home / "endpoint.json").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_interrupted_stops_its_run(
    tmp_path: Path, number: signal.Signals
) -> None:
    home = tmp_path / "home"
    words = ["run", script(tmp_path, _ENDLESS), "--python-shell", "--home", str(home)]
    with subprocess.Popen(
        [sys.executable, "-m", "glueball", *words],
        env=variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # what runs in the background of a shell is started with the interrupt switched off
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "The run ended: STOPPED." in told
    assert "Traceback" not in told
    wait_until(lambda: not processes_of(home), seconds=10, what="no process to be left")


def test_a_service_that_dies_is_said(fresh: ServiceProcess, tmp_path: Path) -> None:
    fresh.start()
    words = ["run", script(tmp_path, _ENDLESS), "--python-shell", "--home", str(fresh.home)]
    with subprocess.Popen(
        [sys.executable, "-m", "glueball", *words],
        env=variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        fresh.kill()
        _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"glueball up --home {fresh.home}" in told
    assert "Traceback" not in told


def test_env_waits_for_a_service_that_starts(fresh: ServiceProcess) -> None:
    result = command("env", "--home", str(fresh.home), "--wait", "0.2")
    assert result.returncode == 1
    assert "within 0.2 s" in result.stderr
    waiting = subprocess.Popen(
        [sys.executable, "-m", "glueball", "env", "--home", str(fresh.home), "--wait", "30"],
        env=variables(),
        stdout=subprocess.PIPE,
        text=True,
    )
    time.sleep(0.5)
    fresh.start()
    told, _ = waiting.communicate(timeout=60)
    assert f"export AWS_ENDPOINT_URL={fresh.endpoint_url}\n" in told
    fresh.stop()
    assert fresh.process is not None
    assert fresh.process.returncode == 0
    result = command("env", "--home", str(fresh.home))
    assert result.returncode == 0  # the next service may take the same keys
    assert "No service runs" in result.stderr


def test_the_example_of_a_python_shell_job(service: ServiceProcess) -> None:
    [january] = flights_by_month(data_directory(), [1]).values()
    source = service.upload("airport", "flights/2013-01.csv", january.decode())
    words = ["--SOURCE", source, "--TARGET", "s3://airport/busy.json", "--TOP", "2"]
    example = str(_EXAMPLES / "busy_days.py")
    result = command("run", "--home", str(service.home), "--python-shell", example, *words)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "2013-01-02 943\n2013-01-07 933\n"
    written = service.client("s3").get_object(Bucket="airport", Key="busy.json")["Body"].read()
    assert json.loads(written) == {"2013-01-02": 943, "2013-01-07": 933}


def test_the_demo_reads_three_months_and_then_one(tmp_path: Path) -> None:
    home = tmp_path / "home"
    numbers = {
        month: body.count(b"\n") - 1
        for month, body in flights_by_month(data_directory(), range(1, 5)).items()
    }
    result = command("demo", "--home", str(home), COLUMNS="60", NO_COLOR="1")
    assert result.returncode == 0, result.stdout + result.stderr
    told = result.stdout
    read = [int(found) for found in re.findall(r"^(\d+) new flights$", told, re.MULTILINE)]
    assert read == [numbers[1] + numbers[2] + numbers[3], numbers[4]]
    assert len(re.findall(r"│ State +│ SUCCEEDED", told)) == 2
    for row in ("STANDARD", "FLEX"):
        assert len(re.findall(rf"│ AWS would bill as {row} +│ \$\d+\.\d\d", told)) == 2
    for shown in ("airline", "United Air Lines", "Start delay", "DPU-hours", "glueball up --home"):
        assert shown in told
    assert ":4566" not in told
    assert "\x1b" not in told
    written = {path.parent.name for path in (home / "objects").rglob("*.parquet")}
    assert written == {f"month={month}" for month in range(1, 5)}
    wait_until(lambda: not processes_of(home), seconds=10, what="no process to be left")
