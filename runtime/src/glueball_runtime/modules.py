"""`--additional-python-modules`: installed for the run, never into the runtime or the service.

Each distinct set of modules is one folder, shared by all runs that ask for the same. The
runtime's own packages count as installed: only what they do not satisfy is added, so a module
that needs "pandas" does not bring a second one.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from packaging.requirements import InvalidRequirement, Requirement

from glueball_runtime import archives
from glueball_runtime.launch_error import InvalidArgument, LaunchError
from glueball_runtime.objects import locate
from glueball_runtime.specification import Specification

MODULES = "--additional-python-modules"
OPTIONS = "--python-modules-installer-option"

#: pip's options that can neither name another registry nor read or write a file
_ALLOWED_OPTIONS = frozenset(
    {
        "--upgrade",
        "-U",
        "--pre",
        "--no-deps",
        "--prefer-binary",
        "--no-cache-dir",
        "--no-build-isolation",
    }
)
#: -r says that a listed s3://….txt is a file of requirements, which we recognise without it
_NEEDLESS_OPTIONS = frozenset({"-r", "--requirement"})
_REGISTRY_ONLY = (
    "Name packages of the registry (name, name==1.2, name[extra]>=1) or s3:// locations of .whl, "
    ".zip (of wheels) and .txt (of requirements) files."
)
_PIP = (sys.executable, "-s", "-P", "-m", "pip", "--no-input", "--disable-pip-version-check")


def install(specification: Specification, log: IO[str]) -> Path | None:
    """Install what the job asks for, or find it installed.

    Args:
        specification: the run.
        log: where pip's output goes.

    Returns:
        The folder to put on sys.path; None when the job asks for nothing.

    Raises:
        LaunchError: the argument is refused, or pip failed; then the text is pip's own.
    """
    text = specification.arguments.get(MODULES, "")
    items = _items(text)
    options = _options(specification.arguments.get(OPTIONS, ""))
    wanted = [
        requirement
        for item in items
        for requirement in _resolve(item, specification, specification.tmp / "wheels")
    ]
    if not wanted:
        return None
    return shared(specification.modules_root, wanted, options, log)


def shared_folder(root: Path, wanted: Sequence[str], options: Sequence[str] = ()) -> Path:
    """Return where a set of modules is, or will be."""
    return root / _digest(wanted, options)


def shared(root: Path, wanted: Sequence[str], options: Sequence[str], log: IO[str]) -> Path:
    """Install a set of modules, or find it installed; it appears whole, or not at all.

    Args:
        root: where runs share modules.
        wanted: requirements, or paths of wheels.
        options: of pip.
        log: where pip's output goes.

    Raises:
        LaunchError: pip failed; the text is pip's own.
    """
    folder = shared_folder(root, wanted, options)
    root.mkdir(parents=True, exist_ok=True)
    with _lock(folder.with_name(f".{folder.name}.lock")):
        if not (folder / ".complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            fresh = folder.with_name(f".{folder.name}.new")
            shutil.rmtree(fresh, ignore_errors=True)
            _install(wanted, options, fresh, log)
            (fresh / ".complete").touch()
            fresh.replace(folder)
    return folder


def requirement(item: str) -> str:
    """Return one item as pip may see it: a package of the registry, parsed and written anew.

    Raises:
        InvalidArgument: it is an option, a path, an address or nothing at all.
    """
    try:
        parsed = Requirement(item)
    except InvalidRequirement as error:
        raise InvalidArgument(MODULES, item, _REGISTRY_ONLY) from error
    if parsed.url is not None:
        raise InvalidArgument(MODULES, item, _REGISTRY_ONLY)
    return str(parsed)


def _items(text: str) -> list[str]:
    """Split at commas, but not within "pandas>=2,<3" or "package[a,b]"."""
    pieces = re.split(r",(?![^\[]*\])(?!\s*[<>=!~])", text)
    return [piece.strip() for piece in pieces if piece.strip()]


def _options(text: str) -> list[str]:
    words = text.split()
    for word in words:
        if word not in _ALLOWED_OPTIONS | _NEEDLESS_OPTIONS:
            allowed = ", ".join(sorted(_ALLOWED_OPTIONS))
            raise InvalidArgument(
                OPTIONS,
                word,
                f"These options of pip serve: {allowed}. Registries are set in pip's own "
                "configuration of the machine.",
            )
    return [word for word in words if word not in _NEEDLESS_OPTIONS]


def _resolve(item: str, specification: Specification, folder: Path) -> Iterator[str]:
    """Yield the requirements that an item stands for: names, or paths of checked wheels."""
    if not re.match(r"s3[an]?://", item):
        yield requirement(item)
        return
    source = locate(specification.objects_root, item, "The module")
    kind = source.suffix.lower()
    if kind == ".whl":
        yield str(_checked_wheel(source, folder, item))
    elif kind == ".zip":
        yield from _wheels_of(source, folder, item)
    elif kind == ".txt":
        for line in source.read_text(encoding="utf-8", errors="replace").splitlines():
            if named := line.partition("#")[0].strip():
                yield requirement(named)
    else:
        raise InvalidArgument(MODULES, item, _REGISTRY_ONLY)


def _checked_wheel(source: Path, folder: Path, location: str) -> Path:
    archives.check(source, location)
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(source, folder / source.name))


def _wheels_of(source: Path, folder: Path, location: str) -> list[str]:
    """Unpack a zip of wheels, as Glue 5.0 and later take it."""
    unpacked = folder / f"{source.name}.unpacked"
    archives.extract(source, unpacked, location)
    wheels = sorted(unpacked.rglob("*.whl"))
    if not wheels:
        raise InvalidArgument(MODULES, location, "There is no .whl file in it.")
    for wheel in wheels:
        archives.check(wheel, f"{location}/{wheel.name}")
    return [str(wheel) for wheel in wheels]


def _digest(wanted: Sequence[str], options: Sequence[str]) -> str:
    """Name the set: same modules for the same runtime, same folder."""
    marker = Path(sys.prefix) / ".complete"
    runtime = marker.read_text(encoding="utf-8") if marker.exists() else ""
    contents = [
        f"{Path(item).name}:{hashlib.sha256(Path(item).read_bytes()).hexdigest()}"
        if item.endswith(".whl") and zipfile.is_zipfile(item)
        else item
        for item in wanted
    ]
    parts = [*sorted(contents), *sorted(options), sys.prefix, sys.version, runtime]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _install(wanted: Sequence[str], options: Sequence[str], folder: Path, log: IO[str]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        report = Path(temporary) / "report.json"
        _pip([*options, "--dry-run", "--report", str(report), *wanted], log)
        missing = [_exactly(item) for item in json.loads(report.read_bytes())["install"]]
    folder.mkdir()
    if missing:
        _pip(["--no-deps", "--target", str(folder), *missing], log)


def _exactly(item: dict[str, dict[str, str]]) -> str:
    """Return a line of pip's report as the requirement that gives the very same again."""
    address = item["download_info"]["url"]
    if item.get("is_direct"):
        return address
    return f"{item['metadata']['name']}=={item['metadata']['version']}"


def _pip(arguments: Sequence[str], log: IO[str]) -> None:
    command = [*_PIP, "install", "--progress-bar", "off", *arguments]
    last = ""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            log.write(line)
            last = line.strip() or last
    log.flush()
    if process.returncode != 0:
        raise LaunchError(f"The Python modules could not be installed: {last}", "IMPORT_ERROR")


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
