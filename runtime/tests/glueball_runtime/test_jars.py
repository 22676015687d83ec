from __future__ import annotations

from pathlib import Path

import pytest

from glueball_runtime import jars, jvm
from glueball_runtime.jars import Jar


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test keeps jars, instead of the runtime."""
    monkeypatch.setattr(jars, "folder", lambda: tmp_path)
    return tmp_path


SPARKS = [
    pytest.param((3, 5, 6), "2.12", id="runtime 5.1"),
    pytest.param((4, 1, 1), "2.13", id="runtime 6.0"),
]


@pytest.mark.parametrize(("spark", "scala"), SPARKS)
def test_each_spark_has_the_jars_of_its_scala(spark: tuple[int, ...], scala: str) -> None:
    features = jars.groups(spark)
    assert list(features) == [
        "PostgreSQL and Redshift",
        "MySQL",
        "SQL Server",
        "Ion",
        "Avro",
        "Kafka",
    ]
    names = [jar.name for group in features.values() for jar in group]
    assert {name.rpartition("_")[2] for name in names if "_2." in name} == {scala}
    assert len(names) == len(set(names))


def test_an_unknown_spark_gets_what_serves_any() -> None:
    assert "MySQL" in jars.groups((9, 9))
    assert "Avro" not in jars.groups((9, 9))


def test_a_feature_is_there_with_all_of_its_jars_or_not_at_all(place: Path) -> None:
    spark = (3, 5, 6)
    assert jars.present(spark) == ()
    kafka = jars.groups(spark)["Kafka"]
    for jar in kafka[:-1]:
        (place / jar.file).touch()
    (place / jars.groups(spark)["Ion"][0].file).touch()
    (place / "postgresql-1.0.jar").touch()  # of an older release
    assert [path.name for path in jars.present(spark)] == ["ion-java-1.11.11.jar"]
    assert jars.missing(spark)["Kafka"] == kafka
    assert "Ion" not in jars.missing(spark)
    (place / kafka[-1].file).touch()
    assert len(jars.present(spark)) == 1 + len(kafka)


def test_coordinates_name_a_file() -> None:
    jar = Jar.parse("org.postgresql:postgresql:42.7.8")
    assert (jar.organisation, jar.file) == ("org.postgresql", "postgresql-42.7.8.jar")


def test_this_runtime_has_them() -> None:
    """They are fetched when it is installed; the tests of databases and formats need them."""
    assert set(jars.missing(jvm.spark_version())) <= {"Kafka"}  # not every mirror has all of it
