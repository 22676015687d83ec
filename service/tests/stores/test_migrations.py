from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from glueball.core.errors import ConfigurationError
from glueball.core.partition_expressions import read_expression
from glueball.core.partition_values import NULL
from glueball.stores import bookmarks, jobs, migrations, runs, tags
from glueball.stores.catalog import partitions, tables
from glueball.stores.catalog.partition_search import PartitionSearch
from glueball.stores.catalog.schema import catalog_metadata, column_schemas, column_statistics
from glueball.stores.database import Database
from glueball.stores.migrations import MIGRATIONS, Migration
from glueball.stores.object_tables import objects_metadata
from glueball.stores.role_tables import roles_metadata
from glueball.stores.tables import SCHEMA_VERSION
from support.runs import make_run

_EXTRA = (objects_metadata, roles_metadata, catalog_metadata)
_HERE = Path(__file__).parent
#: dumps of files that older versions have written
_DUMPS = sorted(_HERE.glob("version_*.sql"))


def restored(dump: Path, path: Path) -> Path:
    """Write the database that a dump holds."""
    connection = sqlite3.connect(path)
    connection.executescript(dump.read_text())
    connection.close()
    return path


def schema(path: Path) -> dict[str, str]:
    """Return the definition of each table and index, without what spaces and quotes differ in."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    found = {name: re.sub(r'[\s"]+', " ", sql) for name, sql in rows}
    connection.close()
    return found


def test_there_is_a_dump_and_a_step_for_each_version() -> None:
    assert [dump.stem for dump in _DUMPS] == [f"version_{n}" for n in range(1, SCHEMA_VERSION)]
    assert [migration.to for migration in MIGRATIONS] == list(range(2, SCHEMA_VERSION + 1))


@pytest.mark.parametrize("dump", _DUMPS, ids=lambda dump: dump.stem)
def test_an_older_file_becomes_what_a_new_one_is(dump: Path, tmp_path: Path) -> None:
    old = restored(dump, tmp_path / "old.db")
    for path in (old, old, tmp_path / "new.db"):  # opened twice: a step is taken once
        Database(path, extra=_EXTRA).close()
    assert schema(old) == schema(tmp_path / "new.db")
    with sqlite3.connect(old) as connection:
        rows = connection.execute("SELECT version FROM schema_version").fetchall()
    connection.close()
    assert rows == [(SCHEMA_VERSION,)]


@pytest.mark.parametrize("dump", _DUMPS, ids=lambda dump: dump.stem)
def test_nothing_of_an_older_file_is_lost(dump: Path, tmp_path: Path) -> None:
    database = Database(restored(dump, tmp_path / "old.db"), extra=_EXTRA)
    with database.read() as connection:
        job = jobs.get(connection, "etl")
        assert job is not None and job.document["Role"] == "r"
        assert runs.get(connection, "jr_1") == make_run()
        newest = bookmarks.latest(connection, "etl")
        assert newest is not None and (newest.version, newest.state) == (2, '{"v":2}')
        first = bookmarks.of_run(connection, "etl", "jr_0")
        assert first is not None and first.version == 1
        arn = "arn:aws:glue:us-east-1:123456789012:job/etl"
        assert tags.get(connection, arn) == {"team": "sales"}
    database.close()


def test_partitions_of_an_older_file_are_found_by_their_values(tmp_path: Path) -> None:
    database = Database(restored(_HERE / "version_4.sql", tmp_path / "old.db"), extra=_EXTRA)
    with database.read() as connection:
        table = tables.get(connection, "shop", "orders")
        assert table is not None
        order, keys = table.partition_order, table.partition_keys
        year_7 = read_expression("year = 7 and country like 'f%'", keys)
        search = PartitionSearch(connection, table.id, order, year_7)
        (partition,) = partitions.at(connection, table.id, search.page(after="", limit=10))
        assert partition.values == ["007", "fr"]
        assert partition.document["Parameters"] == {"k": "007"}
        columns = partition.document["StorageDescriptor"]["Columns"]
        assert msgspec.json.decode(columns) == [{"Name": "id", "Type": "bigint"}]
        everything = PartitionSearch(connection, table.id, order).page(after="", limit=10)
        pages = partitions.at(connection, table.id, everything)
        assert [each.values for each in pages] == [
            [NULL, "de"], ["007", "fr"], ["2024", "de"], ["2025", "it"],
        ]  # fmt: skip
        assert pages[-1].document == {}
        uses = connection.execute(sa.select(column_schemas.c.uses)).scalars().all()
        assert uses == [3]
    with database.write() as connection:
        assert partitions.delete(connection, table.id, order, ["2024", "de"])
        left_over = connection.execute(sa.select(column_statistics)).all()
        assert left_over == []
    database.close()


def test_a_step_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = restored(_DUMPS[0], tmp_path / "old.db")
    before = schema(old)
    broken = Migration(to=SCHEMA_VERSION + 1, statements=("ALTER TABLE nowhere ADD x TEXT",))
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, broken))
    with pytest.raises(ConfigurationError, match="nowhere"):
        Database(old, extra=_EXTRA)
    assert schema(old) == before
