from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from glueball.core.errors import ConfigurationError
from glueball.stores import runs
from glueball.stores.database import Database
from glueball.stores.read_only import reading
from glueball.stores.tables import SCHEMA_VERSION
from glueball.stores.tables import runs as table
from support.runs import make_run

COUNT = sa.select(sa.func.count()).select_from(table)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file whose name would mean something else in an address."""
    directory = tmp_path / "a home?mode=rw#1%20"
    directory.mkdir()
    return directory / "glueball.db"


def test_a_database_that_nobody_uses(path: Path) -> None:
    Database(path).close()
    with reading(path) as connection:
        assert connection.execute(COUNT).scalar() == 0


def test_a_database_that_a_service_writes(path: Path) -> None:
    database = Database(path)
    with reading(path) as connection:
        with database.write() as writer:
            runs.insert(writer, make_run("jr_1"))
        assert connection.execute(COUNT).scalar() == 0  # one moment of it
    with reading(path) as connection:
        assert connection.execute(COUNT).scalar() == 1
    with database.write() as writer, reading(path) as connection:
        runs.insert(writer, make_run("jr_2"))
        assert connection.execute(COUNT).scalar() == 1  # a writer does not hold it up
    database.close()


def test_nothing_can_be_changed(path: Path) -> None:
    Database(path).close()
    with pytest.raises(ConfigurationError, match="readonly"), reading(path) as connection:
        connection.execute(sa.delete(table))


def test_a_home_that_is_none(tmp_path: Path) -> None:
    missing = tmp_path / "none" / "glueball.db"
    with pytest.raises(ConfigurationError, match="There is no Glueball home"), reading(missing):
        pass
    assert not missing.parent.exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (-1, "older Glueball .* Start glueball up"),
        (1, "newer Glueball .* Install that version"),
    ],
)
def test_a_database_of_another_glueball(path: Path, change: int, says: str) -> None:
    Database(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE schema_version SET version = ?", [SCHEMA_VERSION + change])
    connection.close()
    with pytest.raises(ConfigurationError, match=says), reading(path):
        pass


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_file_that_is_no_database(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="cannot be read as Glueball's"), reading(path):
        pass
