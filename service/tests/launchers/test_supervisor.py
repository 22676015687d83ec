from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import glueball
from glueball.launchers.rundir import RunDirectory, read_json
from glueball.launchers.supervisor import claim, read_order
from launchers.stage import Stage, alive, wait_for

_ENDINGS = [
    # program, exit status, signal, what the message speaks of
    ("pass", 0, None, None),
    ("raise SystemExit(3)", 3, None, None),
    ("import os; os._exit(255)", 255, None, None),
    ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", None, 9, "memory"),
    ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", None, 11, "SIGSEGV"),
    # a signal that has no name
    ("import os, signal; os.kill(os.getpid(), signal.SIGRTMIN + 1)", None, 35, "signal 35"),
]


@pytest.mark.parametrize(("program", "code", "number", "message"), _ENDINGS)
def test_the_exit_record_says_how_it_ended(
    stage: Stage, program: str, code: int | None, number: int | None, message: str | None
) -> None:
    before = time.time()
    stage.submit("jr_1", program)
    record = stage.exited("jr_1")
    assert (record.code, record.signal, record.stopped) == (code, number, False)
    assert before < record.time < time.time()
    assert record.started_at is not None
    assert (message or "") in (record.error_message or "")
    assert (message is None) == (record.error_message is None)


def test_output_and_errors_go_to_the_two_logs(stage: Stage) -> None:
    stage.submit(
        "jr_1",
        """
        import os, sys
        print("out", flush=True)
        print("err", file=sys.stderr)
        os.write(int(os.environ["GLUEBALL_ERROR_FD"]), b"spark says\\nno end")
        """,
    )
    stage.exited("jr_1")
    assert stage.lines("jr_1") == ["out", "err"]
    assert stage.lines("jr_1", "error") == ["spark says", "no end"]


def test_a_line_is_readable_while_the_program_runs(stage: Stage) -> None:
    stage.submit("jr_1", "print('now'); print('half', end=''); import time; time.sleep(60)")
    wait_for(lambda: stage.running("jr_1") and stage.lines("jr_1") == ["now", "half"])


def test_what_is_left_of_the_tree_dies_with_the_main_process(stage: Stage) -> None:
    """50 children, one of them out of the session and orphaned, none of them listening to TERM."""
    stage.submit(
        "jr_1",
        """
        import os, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for number in range(50):
            if os.fork() == 0:
                if number == 0:
                    os.setsid()
                    if os.fork():
                        os._exit(0)
                os.write(1, b"%d\\n" % os.getpid())
                time.sleep(60)
        time.sleep(0.3)
        os._exit(4)
        """,
    )
    assert stage.exited("jr_1").code == 4
    pids = [int(line) for line in stage.lines("jr_1")]
    assert len(pids) == 50
    assert not [pid for pid in pids if alive(pid)]


def test_a_stop_reaches_even_those_who_hide_and_refuse(stage: Stage) -> None:
    stage.submit(
        "jr_1",
        """
        import os, signal, subprocess, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if os.fork() == 0:
            os.setsid()
            if os.fork():
                os._exit(0)
            os.execve("/bin/sleep", ["sleep", "61"], {})  # its environment tells nothing
        print("up", flush=True)
        while True:
            time.sleep(1)
        """,
        grace_seconds=0.4,
    )
    wait_for(lambda: stage.running("jr_1") and stage.lines("jr_1") == ["up"])
    supervisor = read_json(stage.directory("jr_1").supervisor)
    assert supervisor is not None
    tree = wait_for(lambda: _two_living(psutil.Process(int(supervisor["pid"]))))
    stage.launcher.stop("jr_1")
    stage.launcher.stop("jr_1")  # again: changes nothing
    record = stage.exited("jr_1", seconds=5)
    assert (record.code, record.signal, record.stopped) == (None, 9, True)
    assert record.error_message is None
    assert not [process for process in tree if alive(process.pid)]


def test_a_stop_lets_the_program_end_in_its_own_way(stage: Stage) -> None:
    stage.submit(
        "jr_1",
        """
        import signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
        print("up", flush=True)
        time.sleep(60)
        """,
    )
    wait_for(lambda: stage.running("jr_1") and stage.lines("jr_1") == ["up"])
    stage.launcher.stop("jr_1")
    record = stage.exited("jr_1")
    assert (record.code, record.stopped) == (7, True)


def test_a_forking_program_cannot_outrun_the_stop(stage: Stage) -> None:
    stage.submit(
        "jr_1",
        """
        import os, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:  # each process is replaced by its child, over and over
            if os.fork():
                time.sleep(0.02)
                if os.getppid() == 1:
                    os._exit(0)
                os.wait()
            time.sleep(0.005)
        """,
        grace_seconds=0.2,
    )
    stage.running("jr_1")
    stage.launcher.stop("jr_1")
    assert stage.exited("jr_1", seconds=10).stopped
    wait_for(lambda: not stage.pids())  # the supervisor itself is the last


def test_endless_output_takes_no_memory(stage: Stage) -> None:
    stage.submit(
        "jr_1",
        """
        import os
        os.write(1, b"x" * 30_000_000)  # one line of 30 MB
        os.write(1, b"\\n")
        for _ in range(300):
            os.write(1, b"another line\\n" * 1000)
        print("end", flush=True)
        input_read, _ = os.pipe()
        os.read(input_read, 1)
        """,
    )
    wait_for(lambda: stage.running("jr_1"))
    output = stage.home / "jr_1.output"
    wait_for(lambda: output.exists() and output.read_bytes()[-100:].endswith(b'"end"]\n'), 30)
    supervisor = read_json(stage.directory("jr_1").supervisor)
    assert supervisor is not None
    memory = psutil.Process(int(supervisor["pid"])).memory_info().rss
    assert memory < 60_000_000
    lengths = [len(json.loads(line)[2]) for line in output.read_text().splitlines()]
    assert max(lengths) <= 250_000
    assert sum(lengths) == 30_000_000 + 300_000 * len("another line") + len("end")


def test_a_full_disk_does_not_stop_the_run(stage: Stage) -> None:
    stage.submit(
        "jr_1", "print('lost\\n' * 100_000)", output_path=Path("/dev/full"), grace_seconds=1.0
    )
    record = stage.exited("jr_1")
    assert record.code == 0


def test_a_program_that_does_not_exist_is_a_clear_failure(stage: Stage) -> None:
    stage.submit("jr_1", "", argv=("/nonexistent/python",))
    record = stage.exited("jr_1")
    assert record.code is None
    assert record.error_message is not None
    assert "could not be started" in record.error_message


def test_preparation_comes_first_and_is_logged_as_error(stage: Stage) -> None:
    stage.submit("jr_1", "print('script')", prepare=(sys.executable, "-c", "print('preparing')"))
    assert stage.exited("jr_1").code == 0
    assert stage.lines("jr_1", "error") == ["preparing"]
    assert stage.lines("jr_1") == ["script"]


def test_a_failed_preparation_ends_the_run_with_its_last_line(stage: Stage) -> None:
    failing = (sys.executable, "-u", "-c", "print('so it goes'); raise SystemExit('no registry')")
    stage.submit("jr_1", "print('never')", prepare=failing)
    record = stage.exited("jr_1")
    assert record.started_at is None
    assert record.error_message == "The runtime could not be prepared: no registry"
    assert stage.lines("jr_1") == []


def test_a_stop_during_preparation_ends_it(stage: Stage) -> None:
    waiting = (sys.executable, "-u", "-c", "print('wait'); import time; time.sleep(60)")
    stage.submit("jr_1", "print('never')", prepare=waiting)
    wait_for(lambda: (stage.home / "jr_1.error").exists() and stage.lines("jr_1", "error"))
    stage.launcher.stop("jr_1")
    record = stage.exited("jr_1")
    assert record.stopped
    assert record.started_at is None
    assert stage.lines("jr_1") == []


def test_a_change_is_told_through_the_fifo(stage: Stage) -> None:
    fifo = stage.home / "engine.fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        stage.submit("jr_1", "pass")
        stage.exited("jr_1")
        wait_for(lambda: _read_now(reader) == b"jr_1\n")
    finally:
        os.close(reader)


def test_nothing_of_the_service_is_inherited(stage: Stage) -> None:
    """Neither the supervisor nor the script may hold the service's sockets or files."""
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    stage.submit(
        "jr_1",
        "import os; print(sorted(map(int, os.listdir('/proc/self/fd')))); import time; "
        "time.sleep(60)",
    )
    os.close(writer)
    wait_for(lambda: stage.running("jr_1"))
    assert os.read(reader, 1) == b""  # the end of file: nobody else holds the other end
    os.close(reader)


def test_only_one_supervisor_gets_the_claim(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path / "jr_1")
    directory.create()
    assert [claim(directory) for _ in range(3)] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "missing"),
        ("{", "not a JSON object"),
        ("[]", "not a JSON object"),
        ('{"supervise": {}}', "argv"),
        ('{"supervise": null}', "NoneType"),
    ],
)
def test_a_malformed_order_is_named(tmp_path: Path, text: str | None, complaint: str) -> None:
    directory = RunDirectory(tmp_path)
    if text is not None:
        directory.launch.write_text(text)
    with pytest.raises(ValueError, match=complaint):
        read_order(directory)


def test_a_killed_supervisor_takes_the_program_with_it(stage: Stage) -> None:
    stage.submit("jr_1", "import os, time; print(os.getpid(), flush=True); time.sleep(60)")
    wait_for(lambda: stage.running("jr_1") and stage.lines("jr_1"))
    supervisor = read_json(stage.directory("jr_1").supervisor)
    assert supervisor is not None
    os.kill(int(supervisor["pid"]), signal.SIGKILL)
    program = int(stage.lines("jr_1")[0])
    wait_for(lambda: not alive(program), seconds=5)


def test_two_supervisors_started_at_once_run_it_once(stage: Stage) -> None:
    ledger = stage.home / "ledger"
    program = f"open({str(ledger)!r}, 'a').write('ran\\n')"
    stage.submit("jr_1", program)
    again = [
        subprocess.Popen(
            [sys.executable, "-m", "glueball.launchers.supervisor", stage.directory("jr_1").path],
            env={**os.environ, "PYTHONPATH": str(Path(glueball.__file__).parents[1])},
        )
        for _ in range(2)
    ]
    assert [process.wait(20) for process in again] == [0, 0]
    assert stage.exited("jr_1").code == 0
    assert ledger.read_text() == "ran\n"


def _two_living(supervisor: psutil.Process) -> list[psutil.Process] | None:
    family = supervisor.children(recursive=True)
    tree = [process for process in family if alive(process.pid)]
    return tree if {process.name() for process in tree} > {"sleep"} else None


def _read_now(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 100)
    except BlockingIOError:
        return b""
