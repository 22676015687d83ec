"""Fetching what a job brings along: its script, its Python files, its other files, its jars.

Everything is copied: what an upload replaces during the run does not change the run.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from glueball_runtime import archives
from glueball_runtime.arguments import listed
from glueball_runtime.launch_error import InvalidArgument, LaunchError
from glueball_runtime.objects import locate
from glueball_runtime.specification import Specification


@dataclass(frozen=True, kw_only=True, slots=True)
class PythonFiles:
    """What `--extra-py-files` brought."""

    #: for sys.path: a folder of modules, zip files, unpacked wheels; in the order of the argument
    path: tuple[Path, ...] = ()
    #: files that Spark hands to its executors
    ship: tuple[Path, ...] = ()


def fetch_script(specification: Specification) -> Path:
    """Copy the script into the run's directory and return where it is.

    Raises:
        LaunchError: it does not exist, or its location is none.
    """
    source = locate(specification.objects_root, specification.script_location, "The script")
    return _copy(source, specification.tmp / "script")


def fetch_python_files(specification: Specification) -> PythonFiles:
    """Copy the files of `--extra-py-files`; archives are checked first.

    Raises:
        LaunchError: one does not exist, is of another kind, or is a dangerous archive.
    """
    folder = specification.tmp / "python-files"
    path: list[Path] = []
    ship: list[Path] = []
    for location in listed(specification.arguments.get("--extra-py-files", "")):
        source = locate(specification.objects_root, location, "The Python file")
        kind = source.suffix.lower()
        if kind == ".py":
            ship.append(_copy(source, folder))
            entry = folder
        elif kind in (".zip", ".egg"):
            archives.check(source, location)
            entry = _copy(source, folder)
            ship.append(entry)
        elif kind == ".whl":
            entry = folder / f"{source.name}.unpacked"
            archives.extract(source, entry, location)
        else:
            raise InvalidArgument(
                "--extra-py-files", location, "Files of the kinds .py, .zip, .whl and .egg serve."
            )
        if entry not in path:
            path.append(entry)
    return PythonFiles(path=tuple(path), ship=tuple(ship))


def fetch_files(specification: Specification) -> None:
    """Copy the files of `--extra-files` into the script's working directory.

    Raises:
        LaunchError: one does not exist.
    """
    for location in listed(specification.arguments.get("--extra-files", "")):
        _copy(locate(specification.objects_root, location, "The file"), specification.work)


def fetch_jars(specification: Specification) -> tuple[Path, ...]:
    """Copy the files of `--extra-jars` and return where they are.

    Raises:
        LaunchError: one does not exist.
    """
    folder = specification.tmp / "jars"
    return tuple(
        _copy(locate(specification.objects_root, location, "The jar"), folder)
        for location in listed(specification.arguments.get("--extra-jars", ""))
    )


def _copy(source: Path, folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copyfile(source, folder / source.name))
    except OSError as error:
        raise LaunchError(f"{source.name} could not be copied: {error.strerror}.") from error
