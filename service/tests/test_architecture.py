"""Imports run downward only, as the design lists the rooms."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import glueball

_ROOT = Path(glueball.__file__).parent

#: room -> the rooms and libraries it may import beside the standard library and itself
_ALLOWED = {
    "core": {"re2"},
    "wire": {"core", "msgspec", "botocore", "defusedxml"},
    "stores": {"core", "sqlalchemy", "msgspec", "cryptography"},
    "launchers": {"core", "psutil"},
    "crawl": {"core", "botocore", "pyarrow"},
    "orchestration": {"core", "stores", "sqlalchemy"},
    "engine": {"core", "stores", "orchestration", "launchers", "sqlalchemy", "psutil"},
    "api": {"wire", "core", "stores", "orchestration", "msgspec", "sqlalchemy", "botocore"},
}
_THIRD_PARTY = {
    "botocore", "boto3", "cryptography", "defusedxml", "httptools", "msgspec", "psutil", "rich",
    "sqlalchemy", "typer", "uvicorn", "uvloop", "pyspark", "pandas", "numpy", "pyarrow", "re2",
    "awsglue", "glueball_runtime",
}  # fmt: skip


def _modules(room: str) -> list[Path]:
    return sorted((_ROOT / room).rglob("*.py"))


def _imports(path: Path) -> Iterator[str]:
    """Name the rooms and libraries that a module imports when it runs."""
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "glueball":
                names = [f"glueball.{alias.name}" for alias in node.names]
        for name in names:
            if name in ("glueball.__version__", "glueball.failpoints"):
                continue  # a constant, and places that a test may name: no rooms
            head, _, rest = name.partition(".")
            if head == "glueball" and rest:
                yield rest.partition(".")[0]
            elif head in _THIRD_PARTY:
                yield head


@pytest.mark.parametrize(
    ("room", "path"),
    [(room, path) for room in _ALLOWED for path in _modules(room)],
    ids=lambda value: value if isinstance(value, str) else str(value.relative_to(_ROOT)),
)
def test_a_room_imports_only_what_lies_below_it(room: str, path: Path) -> None:
    foreign = {name for name in _imports(path) if name not in _ALLOWED[room] | {room}}
    assert not foreign, f"{path.relative_to(_ROOT)} imports {sorted(foreign)}"


def _names_used(path: Path) -> set[str]:
    """Return the names that a module imports from others, or reads of them."""
    tree = ast.parse(path.read_text())
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return imported | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_nothing_is_a_cached_property() -> None:
    """Before Python 3.12 `functools.cached_property` has one lock for all instances.

    It is held while the value is made, so threads that read files for it read one at a time.
    """
    paths = sorted(_ROOT.rglob("*.py"))
    using = [path for path in paths if "cached_property" in _names_used(path)]
    assert not using, f"{using} would let threads wait for each other; keep the value in a member"


def test_the_service_never_imports_spark_or_the_runtime() -> None:
    scripts = _ROOT / "examples"
    for path in sorted(_ROOT.rglob("*.py")):
        if scripts not in path.parents:
            assert not {"pyspark", "awsglue", "glueball_runtime"} & set(_imports(path)), path


def test_the_runtime_never_imports_the_service() -> None:
    runtime = _ROOT.parents[2] / "runtime" / "src"
    paths = sorted(runtime.rglob("*.py"))
    assert paths, "the runtime stands beside the service in the repository"
    for path in paths:
        names = {
            alias.name.partition(".")[0]
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Import)
            for alias in node.names
        } | {
            (node.module or "").partition(".")[0]
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom) and not node.level
        }
        assert "glueball" not in names, path
