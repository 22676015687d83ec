from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from glueball.stores import checkpoints, tags
from glueball.stores.database import Database
from glueball.stores.log_record import LogRecord
from glueball.stores.write_ahead_log import read_position
from support.service_process import wait_until


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(checkpoints, "_SECONDS", 0.3)
    monkeypatch.setattr(checkpoints, "_LOOK_SECONDS", 0.02)
    database = Database(tmp_path / "glueball.db")
    database.start_checkpoints()
    yield database
    database.close()


def write(database: Database, number: int) -> None:
    with database.write() as connection:
        tags.add(connection, f"arn-{number}", {"a": "1" * 2000})


def test_a_commit_reaches_the_database_soon(database: Database) -> None:
    write(database, 1)
    wait_until(
        lambda: b"arn-1" in database.path.read_bytes(), seconds=5, what="the commit to be moved"
    )
    state = LogRecord(database.path).read()
    position = read_position(Path(f"{database.path}-shm"))
    assert state is not None and position is not None
    assert state.checkpointed == state.synced == position.frames


def test_the_log_stays_short_while_writers_go_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "_FRAMES", 50)
    monkeypatch.setattr(checkpoints, "_MOST_FRAMES", 400)
    slowest, begun = 0.0, time.monotonic()
    for number in range(600):
        before = time.monotonic()
        write(database, number)
        slowest = max(slowest, time.monotonic() - before)
        if time.monotonic() - begun > 20:
            break
    log = Path(f"{database.path}-wal").stat().st_size
    # without checkpoints each commit would leave at least two pages
    assert log < 4 * 400 * 4120, log
    assert slowest < 5.0
