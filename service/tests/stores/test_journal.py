from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from glueball.core.errors import ServiceUnavailable
from glueball.stores import journal as journals
from glueball.stores import runs
from glueball.stores.database import Database
from glueball.stores.journal import Journal
from support.runs import active_runs, make_run


@pytest.fixture
def syncs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the syncs of the disk, which no test can see by their effect."""
    seen: list[int] = []
    real = journals._sync

    def sync(descriptor: int) -> None:
        real(descriptor)
        seen.append(descriptor)

    monkeypatch.setattr(journals, "_sync", sync)
    return seen


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "glueball.db")
    yield database
    database.close()


def test_a_write_is_synced_before_it_returns(database: Database, syncs: list[int]) -> None:
    syncs.clear()
    with database.write() as connection:
        runs.insert(connection, make_run())
        assert syncs == []
    assert len(syncs) == 1


def test_a_write_behind_is_synced_when_it_is_settled(database: Database, syncs: list[int]) -> None:
    syncs.clear()
    with database.write_behind() as connection:
        runs.insert(connection, make_run())
    assert syncs == []
    asyncio.run(database.journal.settled())
    asyncio.run(database.journal.settled())  # nothing is left to do
    assert len(syncs) == 1


def test_a_write_that_changes_nothing_needs_no_sync(database: Database, syncs: list[int]) -> None:
    with database.write() as connection:
        runs.insert(connection, make_run())
    syncs.clear()
    with database.write() as connection:
        runs.explain(connection, {})
        assert runs.any_waits(connection)
    assert syncs == []
    with database.write() as connection:
        runs.explain(connection, {"jr_1": "needs 10 DPU"})
    assert len(syncs) == 1


def test_a_write_that_failed_needs_no_sync(database: Database, syncs: list[int]) -> None:
    syncs.clear()
    with pytest.raises(RuntimeError), database.write():
        raise RuntimeError
    asyncio.run(database.journal.settled())
    assert syncs == []


def test_who_waits_at_the_same_time_shares_a_sync(database: Database, syncs: list[int]) -> None:
    async def write(number: int) -> None:
        with database.write_behind() as connection:
            runs.insert(connection, make_run(f"jr_{number}"))
        await database.journal.settled()

    async def all_at_once() -> None:
        await asyncio.gather(*(write(number) for number in range(50)))

    syncs.clear()
    asyncio.run(all_at_once())
    assert 1 <= len(syncs) <= 3
    with database.read() as connection:
        assert len(active_runs(connection)) == 50


def test_what_is_written_during_a_sync_gets_one_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wal").touch()
    journal = Journal(tmp_path / "wal")
    begun, may_end = threading.Event(), threading.Event()
    count: list[int] = []

    def slow(_descriptor: int) -> None:
        count.append(1)
        begun.set()
        may_end.wait()

    monkeypatch.setattr(journals, "_sync", slow)

    async def scenario() -> None:
        journal.wrote()
        first = asyncio.create_task(journal.settled())
        await asyncio.to_thread(begun.wait)
        journal.wrote()
        second = asyncio.create_task(journal.settled())
        may_end.set()
        await first
        await second

    asyncio.run(scenario())
    assert len(count) == 2
    journal.close()


def test_a_disk_that_fails_is_told_to_everyone_who_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wal").touch()
    journal = Journal(tmp_path / "wal")

    def fails(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(journals, "_sync", fails)

    async def both() -> list[type[object]]:
        journal.wrote()
        waits = (journal.settled(), journal.settled())
        return [type(result) for result in await asyncio.gather(*waits, return_exceptions=True)]

    assert asyncio.run(both()) == [ServiceUnavailable, ServiceUnavailable]
    with pytest.raises(ServiceUnavailable, match="Input/output"):
        journal.sync()
    journal.close()


def test_threads_have_connections_of_their_own(database: Database) -> None:
    problems: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(50):
                with database.write() as connection:
                    runs.insert(connection, make_run(f"jr_{name}_{number}"))
                with database.read() as connection:
                    assert runs.get(connection, f"jr_{name}_{number}") is not None
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with database.read() as connection:
        assert len(active_runs(connection)) == 200
