from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from glueball.stores import jobs, runs, sealing
from glueball.stores.catalog import connections
from glueball.stores.catalog.connections import CatalogConnection
from glueball.stores.catalog.schema import catalog_metadata
from glueball.stores.database import Database
from glueball.stores.jobs import JobDefinition
from glueball.stores.sealing import UNREADABLE, Sealer
from support.runs import make_run

_KEY, _OTHER_KEY = b"k" * 32, b"o" * 32
_CANARY = "c4n4ry-in-a-coal-mine"
_DOCUMENT = {
    "Role": "r",
    "DefaultArguments": {"--password": _CANARY, "--url": f"jdbc:x://h?password={_CANARY}"},
    "Tuple": ["a", {"token": _CANARY}],
}


def opened(home: Path, key: bytes | None = _KEY) -> Database:
    sealer = None if key is None else Sealer(key)
    return Database(home / "glueball.db", extra=(catalog_metadata,), sealer=sealer)


def write(database: Database) -> None:
    """Write a secret into each kind of document that has any."""
    with database.write() as connection:
        jobs.insert(
            connection, JobDefinition(name="j", created=0.0, modified=0.0, document=_DOCUMENT)
        )
        runs.insert(connection, make_run(document={"Arguments": {"--db_secret": _CANARY}}))
        properties = {"JDBC_CONNECTION_URL": "jdbc:x", "PASSWORD": _CANARY}
        connections.insert(
            connection,
            CatalogConnection(
                name="c",
                created=0.0,
                updated=0.0,
                updated_by="a",
                document={"ConnectionProperties": properties},
            ),
        )


def read(database: Database) -> tuple[Any, Any, Any]:
    with database.read() as connection:
        job, run = jobs.get(connection, "j"), runs.get(connection, "jr_1")
        stored = connections.get(connection, "c")
    assert job is not None and run is not None and stored is not None
    return job.document, run.document["Arguments"], stored.document["ConnectionProperties"]


def on_disk(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.iterdir())


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = opened(tmp_path)
    yield database
    database.close()


def test_secrets_come_back_and_are_in_no_file(database: Database, tmp_path: Path) -> None:
    write(database)
    job, arguments, properties = read(database)
    assert job == _DOCUMENT
    assert arguments == {"--db_secret": _CANARY}
    assert properties["PASSWORD"] == _CANARY
    assert _CANARY.encode() not in on_disk(tmp_path)
    assert b"jdbc:x" in on_disk(tmp_path), "what is not secret stays readable"


def test_what_an_older_glueball_wrote_in_clear_is_encrypted_at_the_next_start(
    tmp_path: Path,
) -> None:
    plain = opened(tmp_path, key=None)
    write(plain)
    plain.close()
    assert _CANARY.encode() in on_disk(tmp_path)
    sealed = opened(tmp_path)
    assert read(sealed)[0] == _DOCUMENT
    sealed.close()
    assert _CANARY.encode() not in on_disk(tmp_path)


def test_another_key_is_told_and_reads_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = opened(tmp_path)
    write(first)
    first.close()
    with caplog.at_level(logging.ERROR):
        second = opened(tmp_path, _OTHER_KEY)
    assert "credentials file" in caplog.text
    assert read(second)[1] == {"--db_secret": UNREADABLE}
    second.close()


def test_a_text_that_only_looks_encrypted_stays_what_it_is(database: Database) -> None:
    text = "glueball-sealed-1:!"
    with database.write() as connection:
        encoded = sealing.encode(connection, {"--day": text, "--password": text})
        assert sealing.decode(connection, encoded) == {"--day": text, "--password": text}


def test_a_secret_cannot_be_moved_to_another_name(database: Database) -> None:
    with database.write() as connection:
        encoded = sealing.encode(connection, {"password": _CANARY})
        moved = encoded.replace(b'"password"', b'"--shown-in-the-log"')
        assert sealing.decode(connection, moved) == {"--shown-in-the-log": UNREADABLE}


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_only_the_owner_can_read_the_database(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "glueball.db"
    path.touch(mode=0o644)
    path.chmod(0o644)
    database = opened(tmp_path)
    write(database)
    mode = stat.S_IMODE((tmp_path / f"glueball.db{suffix}").stat().st_mode)
    database.close()
    assert mode == 0o600
