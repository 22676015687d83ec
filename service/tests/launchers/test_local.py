from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

import glueball
from glueball.core.errors import ConfigurationError
from glueball.launchers import families, processes, runtimes
from glueball.launchers.choice import SHELL
from glueball.launchers.launch import (
    Exited,
    ExitRecord,
    FailureRecord,
    Launch,
    Lost,
    NotStarted,
    Observation,
    Running,
    Starting,
)
from glueball.launchers.rundir import read_json, write_json
from launchers.stage import Stage, alive, wait_for

_SERVICE = Path(glueball.__file__).parents[1]
_RUNTIME = _SERVICE.parents[1] / "runtime" / "src"


@pytest.fixture
def shell(stage: Stage) -> Stage:
    """A stage whose Python shell runtime is this interpreter with the runtime's source."""
    python = stage.home / "runtimes" / SHELL / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nPYTHONPATH={_RUNTIME} exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    marker = python.parents[1] / ".complete"
    marker.write_text(json.dumps(runtimes._fingerprint(SHELL)))
    (stage.home / "objects" / "scripts").mkdir(parents=True)
    return stage


def _launch(stage: Stage, script: str, **changes: object) -> Launch:
    (stage.home / "objects" / "scripts" / "job.py").write_text(script)
    fields: dict[str, object] = {
        "run_id": "jr_1",
        "token": "token",
        "job_name": "job",
        "command": "pythonshell",
        "script_location": "s3://scripts/job.py",
        "output_path": stage.home / "jr_1.output",
        "error_path": stage.home / "jr_1.error",
        "endpoint_url": "http://127.0.0.1:4566",
        "region": "eu-west-1",
        "account_id": "123456789012",
        "objects_root": stage.home / "objects",
        "environment": {"AWS_ACCESS_KEY_ID": "RUNKEY", "AWS_SECRET_ACCESS_KEY": "canary-secret"},
    }
    return Launch(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_python_shell_job_runs_from_start_to_end(shell: Stage) -> None:
    launch = _launch(shell, "import sys\nprint(sys.argv[1:])\n", arguments={"--day": "$(id) 1"})
    begun = time.process_time()
    shell.launcher.start(launch)
    assert time.process_time() - begun < 0.5  # promised: quick; 50 ms on an idle machine
    record = shell.exited("jr_1")
    assert (record.code, record.failure) == (0, None)
    (line,) = shell.lines("jr_1")
    assert "'--day', '$(id) 1'" in line  # taken literally
    assert f"'--JOB_ID', '{launch.job_id}'" in line


def test_what_the_script_raised_is_in_the_record(shell: Stage) -> None:
    shell.launcher.start(_launch(shell, "print('up')\nraise ValueError('bad input')\n"))
    record = shell.exited("jr_1")
    assert record.code == 1
    assert record.failure == FailureRecord(
        message="ValueError: bad input", category="UNCLASSIFIED_ERROR", line=2
    )
    assert shell.lines("jr_1")[-1] == "ValueError: bad input"


def test_an_exception_that_is_no_text_is_told_as_far_as_it_is(shell: Stage) -> None:
    shell.launcher.start(_launch(shell, r"raise FileNotFoundError('no \udcff here')"))
    failure = shell.exited("jr_1").failure
    assert failure is not None
    assert failure.message == "FileNotFoundError: no ? here"


@pytest.mark.parametrize(
    "spoiled", ["{}", '{"time": "now"}', '{"time": NaN}', "[", '{"message": 1}']
)
def test_what_a_script_spoils_is_taken_as_missing(stage: Stage, spoiled: str) -> None:
    directory = stage.directory("jr_1")
    directory.create()
    directory.claim.touch()
    directory.started.write_text(spoiled)
    directory.failure.write_text(spoiled)
    assert stage.launcher.observe("jr_1") == Starting()
    ending = {"code": 1, "signal": None, "time": 2.5, "stopped": False, "error_message": None}
    write_json(directory.exit, ending)
    seen = stage.launcher.observe("jr_1")
    assert isinstance(seen, Exited)
    assert (seen.record.started_at, seen.record.failure) == (None, None)


def test_the_environment_of_a_job_is_its_own(shell: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the operator's")
    monkeypatch.setenv("AWS_PROFILE", "the operator's")
    monkeypatch.setenv("GLUEBALL_HOME", "/secret/place")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    shell.launcher.start(_launch(shell, "import json, os\nprint(json.dumps(dict(os.environ)))\n"))
    shell.exited("jr_1")
    seen = json.loads(shell.lines("jr_1")[0])
    assert seen["AWS_SECRET_ACCESS_KEY"] == "canary-secret"
    assert seen["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert seen["AWS_REGION"] == seen["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert seen["HTTPS_PROXY"] == "http://proxy"
    assert seen["GLUEBALL_RUN_ID"] == "jr_1"
    assert seen["TMPDIR"] == str(shell.directory("jr_1").tmp)
    assert not {"AWS_PROFILE", "GLUEBALL_HOME"} & set(seen)


def test_no_secret_is_on_a_command_line(shell: Stage) -> None:
    script = "import time\nprint('up', flush=True)\ntime.sleep(60)\n"
    shell.launcher.start(_launch(shell, script, arguments={"--password": "canary-argument"}))
    wait_for(lambda: shell.running("jr_1") and shell.lines("jr_1"))
    assert len(shell.pids()) == 3, "guard, supervisor and script"
    for pid in shell.pids():
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
        assert b"canary" not in line
    assert shell.directory("jr_1").launch.stat().st_mode & 0o077 == 0
    assert shell.directory("jr_1").path.stat().st_mode & 0o077 == 0


def test_a_runtime_that_is_missing_is_installed_by_the_supervisor(stage: Stage) -> None:
    """The order asks for it; here it fails at once, as the place for runtimes is a file."""
    (stage.home / "objects" / "scripts").mkdir(parents=True)
    (stage.home / "runtimes").touch()
    stage.launcher.start(_launch(stage, ""))
    record = stage.exited("jr_1")
    assert record.started_at is None
    assert record.error_message is not None
    assert record.error_message.startswith("The runtime could not be prepared: ")
    assert "exists" in record.error_message


def test_a_version_without_a_runtime_is_refused(stage: Stage) -> None:
    (stage.home / "objects" / "scripts").mkdir(parents=True)
    launch = _launch(stage, "", command="glueetl", glue_version="2.0")
    with pytest.raises(ConfigurationError, match=r"no runtime for Glue 2\.0"):
        stage.launcher.start(launch)
    assert stage.launcher.observe("jr_1") == NotStarted()


def test_how_long_a_script_ran_is_measured(stage: Stage) -> None:
    began = time.monotonic()
    stage.submit("jr_1", "import time; time.sleep(0.5)")
    since = stage.running("jr_1").since
    assert since is not None and began < since < time.monotonic()
    seconds = stage.exited("jr_1").seconds
    assert seconds is not None and 0.5 <= seconds < time.monotonic() - began


@pytest.mark.parametrize("lie", ["-1e9", "1e9", "None", "float('nan')"])
def test_a_script_cannot_escape_its_timeout_by_a_lie(stage: Stage, lie: str) -> None:
    began = time.monotonic()
    program = f"""
        path = pathlib.Path(os.environ["GLUEBALL_RUN_SPEC"]).with_name("started.json")
        path.write_text(json.dumps({{"time": 5.0, "steady": {lie}}}))
        time.sleep(0.5)
    """
    stage.submit("jr_1", program)
    seen = wait_for(lambda: _lying(stage.launcher.observe("jr_1")))
    assert seen.since is not None and began < seen.since < time.monotonic()
    seconds = stage.exited("jr_1").seconds
    assert seconds is not None and 0.5 <= seconds < time.monotonic() - began


def _lying(seen: Observation) -> Running | None:
    return seen if isinstance(seen, Running) and seen.started_at == 5.0 else None


def test_the_life_of_an_attempt_is_read_from_its_directory(stage: Stage) -> None:
    directory = stage.directory("jr_1")
    observe = stage.launcher.observe
    assert observe("jr_1") == NotStarted()
    directory.create()
    assert observe("jr_1") == NotStarted()
    write_json(directory.launch, {})
    assert observe("jr_1") == Starting()  # its supervisor may be on its way
    os.utime(directory.launch, (1, 1))
    assert observe("jr_1") == NotStarted()  # no: the service died before it could
    directory.claim.touch()
    assert observe("jr_1") == Starting()
    os.utime(directory.claim, (1, 1))
    assert observe("jr_1") == Lost()
    write_json(directory.supervisor, {"pid": os.getpid(), "start_time": 0, "identity": "other"})
    assert observe("jr_1") == Lost()  # the pid lives, but it is another process
    ending = {"code": 0, "signal": None, "time": 2.5, "stopped": False, "error_message": None}
    write_json(directory.exit, ending)
    record = ExitRecord(
        code=0, signal=None, time=2.5, stopped=False, error_message=None, started_at=None,
        failure=None,
    )  # fmt: skip
    assert observe("jr_1") == Exited(record=record)


def test_an_attempt_that_was_started_twice_runs_once(stage: Stage) -> None:
    ledger = stage.home / "ledger"
    program = f"open({str(ledger)!r}, 'a').write('ran\\n'); import time; time.sleep(0.3)"
    for _ in range(5):
        stage.submit("jr_1", program)
    assert stage.exited("jr_1").code == 0
    stage.submit("jr_1", program)
    assert stage.exited("jr_1").code == 0
    wait_for(lambda: not stage.pids())
    assert ledger.read_text() == "ran\n"


def test_a_stop_before_the_start_prevents_it(stage: Stage) -> None:
    stage.launcher.stop("jr_1")
    assert stage.launcher.observe("jr_1") == NotStarted()
    stage.submit("jr_1", "print('never')")
    record = stage.exited("jr_1")
    assert (record.code, record.stopped, record.started_at) == (None, True, None)
    assert stage.lines("jr_1") == []


def test_a_stop_right_after_the_start_ends_it(stage: Stage) -> None:
    for number in range(5):
        stage.submit(f"jr_{number}", "import time; time.sleep(60)")
        time.sleep(number * 0.02)
        stage.launcher.stop(f"jr_{number}")
    for number in range(5):
        assert stage.exited(f"jr_{number}").stopped


def test_a_stop_after_the_end_changes_nothing(stage: Stage) -> None:
    stage.submit("jr_1", "pass")
    before = stage.exited("jr_1")
    stage.launcher.stop("jr_1")
    assert stage.exited("jr_1") == before


def test_a_killed_supervisor_means_lost_and_the_sweep_leaves_nothing(stage: Stage) -> None:
    stage.submit(
        "jr_1",
        """
        import os, subprocess, sys, time
        orphan = [sys.executable, "-c", "import time; time.sleep(60)"]
        subprocess.Popen(orphan, start_new_session=True)
        print("up", flush=True)
        time.sleep(60)
        """,
    )
    stage.submit("jr_2", "import time; time.sleep(60)")
    wait_for(lambda: stage.running("jr_1") and stage.lines("jr_1"))
    stage.running("jr_2")
    supervisor = read_json(stage.directory("jr_1").supervisor)
    assert supervisor is not None
    os.kill(int(supervisor["pid"]), signal.SIGKILL)
    wait_for(lambda: stage.launcher.observe("jr_1") == Lost(everything_dead=True))
    wait_for(lambda: len(stage.pids()) == 3)  # guard, supervisor and script of the other run
    stage.launcher.sweep({"jr_2"})
    assert len(stage.pids()) == 3
    stage.running("jr_2")
    stage.launcher.sweep(set())
    assert stage.pids() == []


def test_the_sweep_removes_what_ended_runs_worked_with(stage: Stage) -> None:
    stage.submit("jr_ended", "open('file', 'w').write('x')")
    stage.exited("jr_ended")
    stage.submit("jr_live", "import time; time.sleep(60)")
    stage.running("jr_live")
    stage.launcher.sweep({"jr_live"})
    ended, live = stage.directory("jr_ended"), stage.directory("jr_live")
    assert not ended.work.exists() and not ended.tmp.exists()
    assert ended.exit.exists(), "its records stay"
    assert live.work.exists() and live.tmp.exists()


def test_a_stop_of_a_lost_run_kills_what_it_left(stage: Stage) -> None:
    program = "import os, time; print('up', flush=True); os.fork(); time.sleep(60)"
    stage.submit("jr_1", program)
    wait_for(lambda: stage.running("jr_1") and stage.lines("jr_1"))
    supervisor = read_json(stage.directory("jr_1").supervisor)
    assert supervisor is not None
    os.kill(int(supervisor["pid"]), signal.SIGKILL)
    wait_for(lambda: not alive(int(supervisor["pid"])))
    stage.launcher.stop("jr_1")
    assert stage.pids() == []


def test_a_run_outlives_the_service_that_started_it(stage: Stage, tmp_path: Path) -> None:
    """kill -9 of the service in mid-run; the next one finds the end and the whole log."""
    service = subprocess.Popen(
        [sys.executable, "-c", _FRAIL_SERVICE, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(_SERVICE), str(_TESTS)])},
    )
    wait_for(lambda: (tmp_path / "jr_1.output").exists() and stage.running("jr_1"))
    service.kill()
    service.wait()
    stage.running("jr_1")
    (tmp_path / "go on").touch()
    assert stage.exited("jr_1").code == 5
    assert stage.lines("jr_1") == ["before", "after"]
    wait_for(lambda: not stage.pids())


_TESTS = Path(__file__).parents[1]

_FRAIL_SERVICE = """
import sys, time
from pathlib import Path
from launchers.stage import Stage
home = Path(sys.argv[1])
Stage(home).submit("jr_1", f'''
print("before")
import os, time
while not os.path.exists({str(home / "go on")!r}):
    time.sleep(0.01)
print("after")
raise SystemExit(5)
''')
time.sleep(60)
"""


def test_clean_keeps_the_records(stage: Stage) -> None:
    stage.submit("jr_1", "open('big', 'w').write('x')")
    record = stage.exited("jr_1")
    stage.launcher.clean("jr_1")
    stage.launcher.clean("jr_1")  # again: harmless
    directory = stage.directory("jr_1")
    assert not directory.work.exists()
    assert not directory.tmp.exists()
    assert stage.exited("jr_1") == record


@pytest.mark.parametrize("run_id", ["", ".", "..", "../x", "a/b", "a\0"])
def test_a_run_id_cannot_lead_elsewhere(stage: Stage, run_id: str) -> None:
    with pytest.raises(ValueError, match="not a run id"):
        stage.launcher.observe(run_id)


def test_secrets_reach_the_script_and_no_file(shell: Stage) -> None:
    secret = "c4n4ry-in-a-coal-mine"
    script = """
import os, sys
arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
print("all is there:", arguments["--password"][::-1], os.environ["AWS_SECRET_ACCESS_KEY"][::-1])
print("it prints", arguments["--password"])
print("variables", [name for name in os.environ if "SECRETS" in name])
raise ValueError(f"refused: {arguments['--password']}")
"""
    arguments = {"--password": secret, "--day": "2026-01-01"}
    shell.launcher.start(_launch(shell, script, arguments=arguments))
    record = shell.exited("jr_1")
    lines = shell.lines("jr_1")
    assert f"all is there: {secret[::-1]} {'canary-secret'[::-1]}" in lines
    assert {"it prints ****", "variables []"} < set(lines)
    assert record.failure is not None and record.failure.message == "ValueError: refused: ****"
    places = [path for path in shell.home.rglob("*") if path.is_file()]
    texts = {path: path.read_bytes() for path in places if "runtimes" not in path.parts}
    for word in (secret.encode(), b"canary-secret"):
        assert not [path for path, text in texts.items() if word in text]
    assert b"2026-01-01" in texts[shell.directory("jr_1").launch]


#: leaves a process that nothing connects with the run: no environment, no session, no parent
_ESCAPE = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.chdir("/")
    with open({pid!r} + ".incoming", "w") as file:
        file.write(str(os.getpid()))
    os.rename({pid!r} + ".incoming", {pid!r})
    os.execve("/bin/sleep", ["sleep", "600"], {{}})
os.wait()
while not os.path.exists({go!r}):
    time.sleep(0.02)
for number in map(int, open({go!r}).read().split()):
    os.kill(number, signal.SIGKILL)
time.sleep(60)
"""


def _escaped(stage: Stage) -> int:
    places = {"pid": str(stage.home / "pid"), "go": str(stage.home / "go")}
    stage.submit("jr_1", _ESCAPE.format(**places))
    wait_for(lambda: stage.running("jr_1") and (stage.home / "pid").exists())
    return int((stage.home / "pid").read_text())


def _kill_from_within(stage: Stage, *pids: int) -> None:
    (stage.home / "incoming").write_text(" ".join(map(str, pids)))
    (stage.home / "incoming").rename(stage.home / "go")


def _lost(stage: Stage) -> Lost:
    def look() -> Lost | None:
        seen = stage.launcher.observe("jr_1")
        return seen if isinstance(seen, Lost) else None

    return wait_for(look)


def test_who_hid_before_the_supervisor_was_killed_is_ended_and_that_is_certain(
    stage: Stage,
) -> None:
    escaped = _escaped(stage)
    supervisor = read_json(stage.directory("jr_1").supervisor)
    assert supervisor is not None and alive(escaped)
    _kill_from_within(stage, supervisor["pid"])
    assert _lost(stage) == Lost(everything_dead=True)
    assert not alive(escaped)


def test_who_was_seen_is_ended_even_if_the_guard_is_killed_first(stage: Stage) -> None:
    escaped = _escaped(stage)
    supervisor = read_json(stage.directory("jr_1").supervisor)
    assert supervisor is not None
    session = os.getsid(escaped)

    def is_noted() -> bool:
        family = families.read(stage.directory("jr_1"))
        return family is not None and session in family.sessions

    wait_for(is_noted, seconds=30)
    _kill_from_within(stage, supervisor["guard"]["pid"], supervisor["pid"])
    wait_for(lambda: not alive(supervisor["pid"]))
    stage.launcher.stop("jr_1")  # as the engine does
    seen = _lost(stage)
    assert not alive(escaped)
    family = families.read(stage.directory("jr_1"))
    assert family is not None
    # only the kernel can tell that nobody else is left
    assert seen.everything_dead is bool(family.control_group)


def test_a_session_of_another_boot_is_nobodys(stage: Stage) -> None:
    child = subprocess.Popen(["/bin/sleep", "60"], start_new_session=True)
    family = families.Family(
        processes={}, sessions=(child.pid,), groups=(child.pid,), control_group="", boot="other"
    )
    assert families.survivors(family) == []
    same_boot = replace(family, boot=processes.boot_id())
    assert families.survivors(same_boot) == [], "its leader is not the one that was seen"
    identity = {str(child.pid): str(processes.identity(child.pid))}
    seen = replace(same_boot, processes=identity)
    assert [process.pid for process in families.survivors(seen)] == [child.pid]
    child.kill()
    child.wait()
