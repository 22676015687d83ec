"""The database of a home, for reading alone, whether or not a service works with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from glueball.core.errors import ConfigurationError
from glueball.stores.tables import SCHEMA_VERSION, schema_version

_BUSY_TIMEOUT_SECONDS = 30.0


@contextmanager
def reading(path: Path) -> Iterator[sa.Connection]:
    """Give a connection that sees one moment of the database and cannot change it.

    Args:
        path: the file.

    Raises:
        ConfigurationError: there is none, it is none, or another Glueball wrote it.
    """
    if not path.is_file():
        raise ConfigurationError(
            f"There is no Glueball home at {path.parent}: nothing has run there yet. Start it with "
            f"glueball up --home {path.parent}, or name another one with --home."
        )
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro",
            uri=True,
            timeout=_BUSY_TIMEOUT_SECONDS,
            isolation_level=None,
        ),
        poolclass=sa.NullPool,
    )
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            _check_version(connection, path)
            yield connection
    except sa.exc.DatabaseError as error:
        raise ConfigurationError(
            f"{path} cannot be read as Glueball's database ({error.orig}). Check its permissions; "
            "if it is damaged, move it away and start again."
        ) from error


def _check_version(connection: sa.Connection, path: Path) -> None:
    found = connection.execute(sa.select(schema_version.c.version)).scalar()
    if found is None or found < SCHEMA_VERSION:
        raise ConfigurationError(
            f"{path} was written by an older Glueball (schema {found}; this one reads "
            f"{SCHEMA_VERSION}). Start glueball up --home {path.parent} once: it brings it up to "
            "date."
        )
    if found > SCHEMA_VERSION:
        raise ConfigurationError(
            f"{path} was written by a newer Glueball (schema {found}; this one reads "
            f"{SCHEMA_VERSION}). Install that version, or name another home with --home."
        )
