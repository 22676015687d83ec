from __future__ import annotations

import shutil
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from glueball_runtime import scala
from glueball_runtime.jvm import Gateway, JvmOptions, spark_home
from glueball_runtime.launch_error import LaunchError


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A prefix, a cache and sources of our own."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "sources").mkdir()
    monkeypatch.setattr(scala, "_SOURCES", tmp_path / "sources")
    write(tmp_path, "object One { def value = 1 }")


def write(tmp_path: Path, source: str) -> None:
    (tmp_path / "sources" / "One.scala").write_text(source)


@pytest.fixture
def java() -> Path:
    found = shutil.which("java")
    assert found is not None
    return Path(found)


@pytest.fixture
def fake(tmp_path: Path) -> Path:
    """A program in the place of Java that notes its arguments and "compiles" in half a second."""
    program = tmp_path / "java"
    program.write_text(
        f"""#!/bin/sh
echo "$@" >> {tmp_path}/calls
sleep 0.5
while [ "$1" != -d ]; do shift; done
echo "$(basename $3)" > "$2/One.class"
"""
    )
    program.chmod(0o755)
    return program


def calls(tmp_path: Path) -> int:
    return len((tmp_path / "calls").read_text().splitlines())


def test_sources_are_compiled_once_by_the_compiler_of_pyspark(tmp_path: Path, java: Path) -> None:
    assert scala.find_jar(spark_home()) is None
    made = scala.jar(java, spark_home())
    assert made == scala.find_jar(spark_home()) == scala.jar(Path("/no/java"), spark_home())
    assert made.parent == tmp_path / "prefix" / "share" / "glueball"
    with zipfile.ZipFile(made) as file:
        assert sorted(file.namelist()) == ["One$.class", "One.class"]
    assert [path.suffix for path in made.parent.iterdir()] in (
        [".jar", ".lock"],
        [".lock", ".jar"],
    )  # nothing else is left behind


def test_other_sources_or_another_spark_are_another_jar(tmp_path: Path, fake: Path) -> None:
    first = scala.jar(fake, spark_home())
    write(tmp_path, "object One { def value = 2 }")
    assert scala.find_jar(spark_home()) is None
    second = scala.jar(fake, spark_home())
    (tmp_path / "spark" / "jars").mkdir(parents=True)
    (tmp_path / "spark" / "jars" / "scala-library-2.13.17.jar").touch()
    third = scala.jar(fake, tmp_path / "spark")
    assert len({first, second, third}) == calls(tmp_path) == 3
    assert all(path.is_file() for path in (first, second, third))


def test_who_asks_at_once_waits_for_one_compilation(tmp_path: Path, fake: Path) -> None:
    found: list[Path] = []
    threads = [
        threading.Thread(target=lambda: found.append(scala.jar(fake, spark_home())))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == calls(tmp_path) == 1


def test_the_users_cache_is_for_a_prefix_that_cannot_be_written(tmp_path: Path, fake: Path) -> None:
    (tmp_path / "prefix").write_text("not a directory")
    assert scala.jar(fake, spark_home()).parent == tmp_path / "cache" / "glueball"


def test_nowhere_to_write(tmp_path: Path, fake: Path) -> None:
    (tmp_path / "prefix").write_text("not a directory")
    (tmp_path / "cache").write_text("not a directory")
    with pytest.raises(LaunchError, match=r"Make one of these writable: .*prefix.*cache"):
        scala.jar(fake, spark_home())


def test_what_the_compiler_says_is_told_and_nothing_is_kept(tmp_path: Path, java: Path) -> None:
    write(tmp_path, "object One { def value: Int = nothing }")
    with pytest.raises(LaunchError, match=r"(?s)could not be compiled: .*not found: value nothing"):
        scala.jar(java, spark_home())
    assert scala.find_jar(spark_home()) is None


def test_without_java(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match="/no/java could not be started"):
        scala.jar(tmp_path / "no/java", spark_home())


def test_as_a_program(capsys: pytest.CaptureFixture[str], fake: Path) -> None:
    assert scala.main([str(fake)]) == 0
    assert capsys.readouterr().out.startswith("Compiled ")
    assert scala.main([str(fake.parent / "none")]) == 0  # it is there already
    write(fake.parent, "object One { def value = 3 }")
    assert scala.main([str(fake.parent / "none")]) == 1
    assert "none could not be started" in capsys.readouterr().out


def test_a_run_has_it_on_its_class_path_after_sparks_own(tmp_path: Path, fake: Path) -> None:
    made = scala.jar(fake, spark_home())
    program = tmp_path / "starts"
    program.write_text(
        f"""#!/bin/sh
/bin/cat ${{1#@}} > {tmp_path}/arguments
printf '\\0\\0\\0\\0\\0\\0\\0\\0' > "$_PYSPARK_DRIVER_CONN_INFO_PATH"
"""
    )
    program.chmod(0o755)
    options = JvmOptions(
        java=program, heap_mb=512, properties={}, environment={}, tmp=tmp_path, log_descriptor=2
    )
    gateway = Gateway(options)
    assert gateway.wait() == (0, "")
    gateway.close(30)
    class_path = (tmp_path / "arguments").read_text().splitlines()[1].strip('"').split(":")
    assert class_path[-1] == str(made)
    assert Path(class_path[0]).parent == spark_home() / "jars"
