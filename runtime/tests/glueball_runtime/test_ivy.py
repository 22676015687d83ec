"""Ivy itself, with a folder in the place of Maven Central."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from glueball_runtime import ivy, jars
from glueball_runtime.jars import Jar
from glueball_runtime.java import find_java

_GROUPS = {
    "one": (Jar.parse("org.one:first:1.0"),),
    "two": (Jar.parse("org.two:second_2.12:2.0"), Jar.parse("org.two:third:3.0")),
}
_SETTINGS = """<ivysettings><settings defaultResolver="folder"/><resolvers>
<filesystem name="folder" m2compatible="true">
<artifact pattern="{folder}/[organisation]/[module]/[revision]/[artifact]-[revision].[ext]"/>
</filesystem></resolvers></ivysettings>"""


@pytest.fixture
def java() -> Path:
    found = shutil.which("java")
    return find_java(Path(found) if found else None)


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that Ivy fetches from; what is fetched goes to `tmp_path / "jars"`."""
    folder = tmp_path / "mirror"
    (tmp_path / "settings.xml").write_text(_SETTINGS.format(folder=folder))
    monkeypatch.setenv(ivy.SETTINGS, str(tmp_path / "settings.xml"))
    monkeypatch.setattr(jars, "folder", lambda: tmp_path / "jars")
    monkeypatch.setattr(jars, "groups", lambda spark: _GROUPS)
    return folder


def publish(mirror: Path, jar: Jar) -> None:
    place = mirror / jar.organisation.replace(".", "/") / jar.name / jar.version
    place.mkdir(parents=True)
    (place / jar.file).write_bytes(b"jar of " + jar.name.encode())


def test_what_is_missing_is_fetched_and_one_that_is_not_found_costs_its_feature_alone(
    java: Path, mirror: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [first] = _GROUPS["one"]
    second, third = _GROUPS["two"]
    publish(mirror, first)
    publish(mirror, second)
    assert ivy.main([str(java)]) == 1
    told = capsys.readouterr().out
    assert "org.two#third;3.0: not found" in told
    assert told.endswith("No jars could be fetched for: two.\n")
    assert [path.name for path in jars.folder().iterdir()] == [first.file]

    publish(mirror, third)
    assert ivy.install(java, os.environ) == []
    names = sorted(path.name for path in jars.folder().iterdir())
    assert names == sorted([first.file, second.file, third.file])
    assert (jars.folder() / first.file).read_bytes() == b"jar of first"

    shutil.rmtree(mirror)
    assert ivy.main([str(java)]) == 0  # nothing is asked for what is there
    assert capsys.readouterr().out == f"The jars are in {jars.folder()}.\n"


def test_without_java_nothing_can_be_fetched(
    mirror: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ivy.main(["/nonexistent/java"]) == 1
    assert capsys.readouterr().out.startswith("/nonexistent/java could not be started")


def test_the_users_own_settings_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert ivy.settings({}) == ()
    own = tmp_path / ".ivy2" / "ivysettings.xml"
    own.parent.mkdir()
    own.touch()
    assert ivy.settings({}) == ("-settings", str(own))
    assert ivy.settings({ivy.SETTINGS: "/other.xml"}) == ("-settings", "/other.xml")


def test_ivy_is_told_to_fetch_nothing_else() -> None:
    text = ivy.module([Jar.parse("a&b:c:1")])
    assert 'org="a&amp;b" name="c" rev="1"' in text
    assert 'transitive="false"' in text
