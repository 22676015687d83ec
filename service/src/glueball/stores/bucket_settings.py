"""What is set of buckets: one record for each setting, whatever it is."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from glueball.stores.object_tables import bucket_settings


def get(connection: sa.Connection, bucket: str, name: str, *, initial: Any) -> Any:
    """Return the record of a setting; None where it was taken away.

    Args:
        bucket: whose setting it is.
        name: of the setting.
        initial: the record of a bucket of which nothing was set.
    """
    query = sa.select(bucket_settings.c.record).where(*_of(bucket, name))
    row = connection.execute(query).first()
    if row is None:
        return initial
    return None if row.record is None else msgspec.json.decode(row.record)


def put(connection: sa.Connection, bucket: str, name: str, record: Any) -> None:
    """Keep the record of a setting instead of the one before; None: it is taken away."""
    reset(connection, bucket, name)
    encoded = None if record is None else msgspec.json.encode(record)
    connection.execute(sa.insert(bucket_settings).values(bucket=bucket, name=name, record=encoded))


def reset(connection: sa.Connection, bucket: str, name: str) -> None:
    """Let a setting be that of a new bucket again."""
    connection.execute(sa.delete(bucket_settings).where(*_of(bucket, name)))


def _of(bucket: str, name: str) -> tuple[sa.ColumnElement[bool], ...]:
    return bucket_settings.c.bucket == bucket, bucket_settings.c.name == name
