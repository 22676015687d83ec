from __future__ import annotations

from pathlib import Path

import pytest

from glueball.launchers import java
from glueball.launchers.java import SPARK_3_5, SPARK_4_1, Requirement

_VERSIONS = [
    ("17.0.15", 17),
    ("21", 21),
    ("11.0.2", 11),
    ("1.8.0_402", 8),  # how Java 8 and before counted
    ("25.0.3", 25),
]


def _program(path: Path, says: str) -> Path:
    """Make a `java` that answers -version with a text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{says}\nEND\n")
    path.chmod(0o755)
    return path


def _installation(root: Path, version: str) -> Path:
    """Make a Java that describes itself in a file; running it would fail."""
    (root / "bin").mkdir(parents=True)
    (root / "release").write_text(f'IMPLEMENTOR="X"\nJAVA_VERSION="{version}"\n')
    program = root / "bin" / "java"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(("text", "number"), _VERSIONS)
def test_a_release_file_tells_the_version(tmp_path: Path, text: str, number: int) -> None:
    assert java.version(_installation(tmp_path, text)) == number


@pytest.mark.parametrize(("text", "number"), _VERSIONS)
def test_without_one_the_program_is_asked(tmp_path: Path, text: str, number: int) -> None:
    program = _program(tmp_path / "bin" / "java", f'openjdk version "{text}" 2025-04-15')
    assert java.version(program) == number


@pytest.mark.parametrize("says", ["", "No Java runtime present, requesting install."])
def test_a_stub_has_no_version(tmp_path: Path, says: str) -> None:
    assert java.version(_program(tmp_path / "java", says)) is None
    assert java.version(tmp_path / "missing") is None


@pytest.mark.parametrize(
    ("home", "path", "wanted", "found"),
    [
        ("17.0.1", "21", SPARK_3_5, "home"),  # JAVA_HOME comes first
        ("25", "17.0.1", SPARK_3_5, "path"),  # unless Spark cannot run on it
        (None, "11.0.2", SPARK_3_5, "path"),
        (None, "21", SPARK_3_5, None),  # its Arrow cannot
        (None, "25", SPARK_3_5, None),
        ("8", None, SPARK_3_5, None),
        (None, None, SPARK_3_5, None),
        ("21", "17.0.1", SPARK_3_5, "path"),
        ("11.0.2", "21", SPARK_4_1, "path"),  # too old for Spark 4
        ("17.0.1", "21", SPARK_4_1, "home"),
        ("25", None, SPARK_4_1, None),
    ],
)
def test_java_is_looked_for_in_order(
    tmp_path: Path, home: str | None, path: str | None, wanted: Requirement, found: str | None
) -> None:
    environment = {"PATH": str(tmp_path / "path" / "bin")}
    if home:
        _installation(tmp_path / "home", home)
        environment["JAVA_HOME"] = str(tmp_path / "home")
    if path:
        _installation(tmp_path / "path", path)
    expected = tmp_path / found / "bin" / "java" if found else None
    assert java.find(environment, wanted) == expected


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (SPARK_3_5, "Spark 3.5 needs Java 17 (11 works too). Install one"),
        (SPARK_4_1, "Spark 4.1 needs Java 17 (21 works too). Install one"),
    ],
)
def test_the_remedy_names_the_releases(wanted: Requirement, sentence: str) -> None:
    assert wanted.remedy.startswith(sentence)
