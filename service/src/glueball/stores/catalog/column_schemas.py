"""The columns of partitions' StorageDescriptors, each list of columns once for a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

import sqlalchemy as sa

from glueball.stores.catalog.schema import column_schemas

_THIS = (
    column_schemas.c.table_id == sa.bindparam("table"),
    column_schemas.c.digest == sa.bindparam("schema"),
)
_ADD_USES = (
    sa.update(column_schemas)
    .where(*_THIS)
    .values(uses=column_schemas.c.uses + sa.bindparam("change"))
)


def digest_of(columns: bytes) -> bytes:
    """Return what stands for a list of columns, written as JSON."""
    return sha256(columns).digest()[:16]


def get(connection: sa.Connection, table_id: int, digests: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return lists of columns, as JSON, by their digests."""
    query = sa.select(column_schemas.c.columns).where(*_THIS)
    return {
        digest: connection.execute(query, {"table": table_id, "schema": digest}).scalar_one()
        for digest in set(digests)
    }


def add_uses(connection: sa.Connection, table_id: int, used: Iterable[bytes]) -> None:
    """Note that partitions have these lists of columns, one for each partition, as JSON."""
    for columns, uses in Counter(used).items():
        digest = digest_of(columns)
        values = {"table": table_id, "schema": digest, "change": uses}
        if connection.execute(_ADD_USES, values).rowcount == 0:
            row = {"table_id": table_id, "digest": digest, "uses": uses, "columns": columns}
            connection.execute(sa.insert(column_schemas).values(row))


def end_use(connection: sa.Connection, table_id: int, digest: bytes) -> None:
    """Note that one partition less has a list of columns; without any it is forgotten."""
    values = {"table": table_id, "schema": digest}
    connection.execute(_ADD_USES, {**values, "change": -1})
    connection.execute(sa.delete(column_schemas).where(*_THIS, column_schemas.c.uses <= 0), values)
