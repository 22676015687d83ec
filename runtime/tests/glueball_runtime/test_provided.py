from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from glueball_runtime import modules, provided
from glueball_runtime.failures import summary
from glueball_runtime.launch_error import LaunchError

NAME = "glueball_large_module"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The run's log, in a process that has the finder."""
    monkeypatch.setattr(provided, "PACKAGES", {NAME: "glueball-large==1.0"})
    text = io.StringIO()
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, provided.Finder(tmp_path / "m", text)])
    monkeypatch.setattr(sys, "path", [*sys.path, str(provided.folders(tmp_path / "m")[NAME])])
    yield text
    sys.modules.pop(NAME, None)


def installs(count: list[str]) -> object:
    """Return what stands for pip: it makes the module."""

    def install(wanted: list[str], options: list[str], folder: Path, log: IO[str]) -> None:
        count.extend(wanted)
        folder.mkdir()
        (folder / f"{NAME}.py").write_text("value = 5\n")

    return install


def test_the_first_import_installs_once(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pip: list[str] = []
    monkeypatch.setattr(modules, "_install", installs(pip))
    assert importlib.import_module(NAME).value == 5
    del sys.modules[NAME]
    importlib.invalidate_caches()
    assert importlib.import_module(NAME).value == 5  # as the next run does: it is on the path
    assert pip == ["glueball-large==1.0"]
    assert log.getvalue().count(f"Glue brings {NAME}: installing glueball-large==1.0") == 1
    folder = provided.folders(tmp_path / "m")[NAME]
    assert {path.name for path in folder.iterdir()} >= {".complete", f"{NAME}.py"}
    assert not list((tmp_path / "m").glob(".*.new"))


def test_without_an_index_the_error_says_what_to_do(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LaunchError("The Python modules could not be installed: No matching distribution.")

    monkeypatch.setattr(modules, "_install", fail)
    with pytest.raises(ModuleNotFoundError, match="Let pip reach a package index") as error:
        importlib.import_module(NAME)
    assert error.value.name == NAME
    assert "--additional-python-modules" in summary(error.value)


def test_a_library_that_can_do_without_installs_nothing(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip: list[str] = []
    monkeypatch.setattr(modules, "_install", installs(pip))
    source = f"import {NAME}"
    code = compile(source, f"{sys.prefix}/lib/python3.11/site-packages/library.py", "exec")
    with pytest.raises(ModuleNotFoundError):
        exec(code, {"__name__": "library"})
    assert pip == []
    exec(code, {"__name__": "pandas.plotting._core"})  # on behalf of the script
    assert pip == ["glueball-large==1.0"]


def test_other_modules_are_none_of_its_business(log: io.StringIO) -> None:
    with pytest.raises(ModuleNotFoundError, match="No module named 'nothing_of_that_name'"):
        importlib.import_module("nothing_of_that_name")
    assert log.getvalue() == ""


@pytest.mark.parametrize("package", provided.PACKAGES.values())
def test_versions_are_exact(package: str) -> None:
    assert modules.requirement(package) == package
    assert package.count("==") == 1
