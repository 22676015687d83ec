from __future__ import annotations

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from glueball.core.errors import ConfigurationError, ServiceUnavailable
from glueball.stores import runs, tags
from glueball.stores.database import Database, translate
from glueball.stores.tables import SCHEMA_VERSION
from support.runs import active_runs, make_run


def test_what_was_committed_is_there_after_opening_again(tmp_path: Path) -> None:
    database = Database(tmp_path / "glueball.db")
    with database.write() as connection:
        runs.insert(connection, make_run())
    database.close()
    with Database(tmp_path / "glueball.db").read() as connection:
        assert runs.get(connection, "jr_1") == make_run()


def test_a_path_may_hold_any_character(tmp_path: Path) -> None:
    home = tmp_path / "my home?mode=ro&x%20#1"
    home.mkdir()
    Database(home / "glueball.db").close()
    assert (home / "glueball.db").exists()
    assert list(tmp_path.iterdir()) == [home]


def test_a_failed_transaction_changes_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "glueball.db")
    with pytest.raises(RuntimeError), database.write() as connection:
        runs.insert(connection, make_run())
        raise RuntimeError
    with database.read() as connection:
        assert runs.get(connection, "jr_1") is None


def test_two_writers_queue(tmp_path: Path) -> None:
    database = Database(tmp_path / "glueball.db")
    inside, seen = threading.Event(), list[int]()

    def second() -> None:
        inside.wait()
        with database.write() as connection:
            seen.append(len(tags.get(connection, "arn")))

    thread = threading.Thread(target=second)
    thread.start()
    with database.write() as connection:
        inside.set()
        tags.add(connection, "arn", {"a": "1"})
    thread.join()
    assert seen == [1]


def test_a_newer_file_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "glueball.db"
    Database(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE schema_version SET version = ?", (SCHEMA_VERSION + 1,))
    connection.close()
    with pytest.raises(ConfigurationError, match="newer Glueball"):
        Database(path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "glueball.db"
    path.write_bytes(b"this is a text, and it is long enough to be no empty database" * 20)
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        Database(path)


def test_a_deleted_home_directory_is_noticed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    database = Database(home / "glueball.db")
    shutil.rmtree(home)
    with pytest.raises(ServiceUnavailable, match="was deleted"), database.write():
        pass


def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    database = Database(tmp_path / "glueball.db")
    with database.write() as connection:
        runs.insert(connection, make_run())
    with database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    with pytest.raises(sqlite3.OperationalError) as caught, database.write() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        for number in range(10_000):
            runs.insert(connection, make_run(f"jr_more_{number}"))
    translated = translate(caught.value)
    assert isinstance(translated, ServiceUnavailable)
    assert "free some space" in translated.message
    with database.read() as connection:
        assert [run.id for run in active_runs(connection)] == ["jr_1"]


def test_clear_empties_the_account_but_keeps_the_schema(tmp_path: Path) -> None:
    database = Database(tmp_path / "glueball.db")
    with database.write() as connection:
        runs.insert(connection, make_run())
        tags.add(connection, "arn", {"a": "1"})
    database.clear()
    with database.read() as connection:
        assert active_runs(connection) == []
        assert tags.get(connection, "arn") == {}
    database.close()
    Database(tmp_path / "glueball.db").close()
