"""Starting a job script: from launch.json to the script's exit status."""

from __future__ import annotations

import atexit
import builtins
import contextlib
import importlib
import io
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, TracebackType
from typing import IO

from glueball_runtime import (
    arguments,
    aws_package,
    jvm,
    modules,
    provided,
    scripts,
    spark,
    specification,
)
from glueball_runtime.failures import Failure, describe
from glueball_runtime.launch_error import LaunchError
from glueball_runtime.specification import Specification

#: set by the supervisor: where everything goes that the script did not say itself
ERROR_DESCRIPTOR = "GLUEBALL_ERROR_FD"
#: how long threads that a script left behind may go on after its last line; a job that ends with
#: work in them should finish it, one that forgot them should not run for ever
THREADS_SECONDS = 60.0
_THREADS_VARIABLE = "GLUEBALL_THREADS_SECONDS"

#: of secret arguments: shorter ones would tear words apart
_SHORTEST_MASKED = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class _Prepared:
    """A run whose script can be executed now."""

    specification: Specification
    script: Path
    argv: list[str]
    #: what imports look through before the runtime's own packages
    path: list[str]
    gateway: jvm.Gateway | None


def main(given: Sequence[str]) -> int:
    """Run the script of the launch.json that is named; return the exit status."""
    if len(given) != 1:
        sys.stderr.write("usage: python -m glueball_runtime <run directory>/launch.json\n")
        return 2
    launch = Path(given[0]).absolute()
    log = _error_log()
    try:
        prepared = _prepare(specification.load(launch), log)
        _tell_started(prepared.specification)
    except LaunchError as error:
        return _refuse(launch.parent, error, log)
    except OSError as error:  # the disk is full, or the home directory is gone
        return _refuse(launch.parent, LaunchError(f"{error.strerror}: {error.filename}"), log)
    status = _execute(prepared)
    _end(prepared, status, log)
    return status


def _prepare(wanted: Specification, log: IO[str]) -> _Prepared:
    for note in wanted.notes:
        log.write(f"{note}\n")
    if wanted.arguments.get("--job-language", "python").lower() != "python":
        raise LaunchError("Only Python scripts can run here; set --job-language to python.")
    os.chdir(wanted.work)
    os.environ.update(arguments.customer_variables(wanted.arguments, "--customer-driver-env-vars"))
    script = scripts.fetch_script(wanted)
    files = scripts.fetch_python_files(wanted)
    scripts.fetch_files(wanted)
    installed = modules.install(wanted, log)
    path = [str(wanted.work), *map(str, files.path), *([str(installed)] if installed else [])]
    _refuse_aws_package([*path, *sys.path])
    later = list(map(str, provided.folders(wanted.modules_root).values()))
    os.environ["PYTHONPATH"] = os.pathsep.join([*path, *later])  # for Spark's Python workers
    sys.path += later
    sys.meta_path.append(provided.Finder(wanted.modules_root, log))
    gateway = _start_spark(wanted, files, log) if wanted.uses_spark else None
    return _Prepared(
        specification=wanted,
        script=script,
        argv=arguments.script_arguments(wanted, script),
        path=[str(script.parent), *path],
        gateway=gateway,
    )


def _refuse_aws_package(path: Sequence[str]) -> None:
    try:
        aws_package.refuse(path)
    except aws_package.AwsPackageFound as error:
        raise LaunchError(
            f"{error}. If --additional-python-modules or --extra-py-files bring it, take it out "
            "there: runs have awsglue already."
        ) from error


def _start_spark(wanted: Specification, files: scripts.PythonFiles, log: IO[str]) -> jvm.Gateway:
    """Start the JVM, and use the time that it takes to import pyspark."""
    chosen = spark.settings(wanted, files, scripts.fetch_jars(wanted))
    for note in chosen.notes:
        log.write(f"{note}\n")
    log.flush()
    gateway = spark.launch(wanted, chosen, os.environ, log.fileno())
    importlib.import_module("pyspark.sql")
    port, secret = gateway.wait()
    os.environ.update(PYSPARK_GATEWAY_PORT=str(port), PYSPARK_GATEWAY_SECRET=secret)
    return gateway


def _execute(prepared: _Prepared) -> int:
    """Run the script as `__main__`; return the exit status that it earned."""
    sys.argv = prepared.argv
    sys.path[:0] = prepared.path
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a line is readable when it is printed
    wanted, script = prepared.specification, prepared.script
    process = os.getpid()
    try:
        _run_as_main(script)
    except BaseException as exception:  # whatever a script may raise, SystemExit included
        status = _status(exception)
        if status != 0 and os.getpid() == process:  # a forked child's end is not the run's
            failure = describe(exception, script, wanted.glue_version, wanted.command)
            with contextlib.suppress(OSError):  # a full disk: the exit status still tells
                _write(wanted.directory / "failure.json", _failure(failure, wanted.secrets))
        _show(exception, script)
        return status
    return 0


def _run_as_main(script: Path) -> None:
    module = ModuleType("__main__")
    module.__file__ = str(script)
    module.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = module
    code = compile(script.read_bytes(), str(script), "exec", dont_inherit=True)
    exec(code, module.__dict__)


def _status(exception: BaseException) -> int:
    if not isinstance(exception, SystemExit):
        return 1
    if exception.code is None:
        return 0
    return exception.code & 0xFF if isinstance(exception.code, int) else 1


def _show(exception: BaseException, script: Path) -> None:
    """Print what Python would print, without the frames of this package."""
    if isinstance(exception, SystemExit):
        if exception.code is not None and not isinstance(exception.code, int):
            sys.stderr.write(f"{exception.code}\n")
        return
    frames = _own_frames(exception.__traceback__, str(script))
    traceback.print_exception(type(exception), exception, frames)


def _own_frames(frames: TracebackType | None, script: str) -> TracebackType | None:
    while frames is not None and frames.tb_frame.f_code.co_filename != script:
        frames = frames.tb_next
    return frames


def _end(prepared: _Prepared, status: int, log: IO[str]) -> None:
    """Let the interpreter end as usual, but not for ever, and without its slow last steps."""
    seconds = float(os.environ.get(_THREADS_VARIABLE, THREADS_SECONDS))
    threading.Thread(target=_cut_off, args=(status, seconds, log), daemon=True).start()
    if prepared.specification.arguments.get("--enable-spark-ui", "").lower() == "true":
        _stop_spark()  # which completes its event log
    _EXIT_STATUS.append(status)


#: the status to leave with, once it is known; its handler was registered before the script's own,
#: so it runs after them
_EXIT_STATUS: list[int] = []


@atexit.register
def _leave() -> None:
    """Skip the interpreter's last steps: freeing memory, asking a dying JVM to free its own."""
    if _EXIT_STATUS:
        _flush()
        os._exit(_EXIT_STATUS[0])


def _cut_off(status: int, seconds: float, log: IO[str]) -> None:
    time.sleep(seconds)
    left = [
        thread.name
        for thread in threading.enumerate()
        if not thread.daemon and thread is not threading.main_thread()
    ]
    names = ", ".join(left) or "an exit handler"
    log.write(f"The script had ended {seconds:.0f} s ago; cutting off what it left: {names}.\n")
    _flush()
    os._exit(status)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # closed by the script, or a full disk
            stream.flush()


def _stop_spark() -> None:
    from pyspark import SparkContext

    if (context := SparkContext._active_spark_context) is not None:
        context.stop()


def _refuse(directory: Path, error: LaunchError, log: IO[str]) -> int:
    """Say why the script was never reached."""
    message = f"LAUNCH ERROR | {error}"
    log.write(f"{message}\n")
    with contextlib.suppress(OSError):  # the directory itself may be what is wrong
        _write(
            directory / "failure.json",
            {"message": message, "category": error.category, "line": None},
        )
    return 1


def _failure(failure: Failure, secrets: Sequence[str]) -> dict[str, object]:
    message = failure.message
    for secret in secrets:
        if len(secret) >= _SHORTEST_MASKED:
            message = message.replace(secret, "****")
    return {"message": message, "category": failure.category, "line": failure.line}


def _tell_started(wanted: Specification) -> None:
    _write(wanted.directory / "started.json", {"time": time.time(), "steady": time.monotonic()})
    with contextlib.suppress(OSError):  # nobody may be listening
        descriptor = os.open(wanted.notify_fifo, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(descriptor, f"{wanted.run_id}\n".encode())
        finally:
            os.close(descriptor)


def _write(path: Path, value: object) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(value), encoding="utf-8")
    temporary.replace(path)


def _error_log() -> IO[str]:
    """Return the run's error stream; without a supervisor, stderr."""
    number = os.environ.get(ERROR_DESCRIPTOR)
    if number is None:
        return sys.stderr
    descriptor = int(number)
    os.set_inheritable(descriptor, False)  # the script's own children print where it prints
    return os.fdopen(os.dup(descriptor), "w", buffering=1, encoding="utf-8", errors="replace")
