from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from glueball.stores.catalog import connections
from glueball.stores.catalog.connections import CatalogConnection


def made(name: str) -> CatalogConnection:
    document = {"ConnectionType": "JDBC", "ConnectionProperties": {"PASSWORD": "pa55"}}
    return CatalogConnection(
        name=name, created=1.0, updated=2.0, updated_by="arn", document=document
    )


def test_connections_are_kept_changed_and_deleted(connection: sa.Connection) -> None:
    for name in ("pg", "Pg", "my"):  # unlike tables, their names differ by case
        connections.insert(connection, made(name))
    changed = replace(made("pg"), updated=9.0)
    connections.replace(connection, changed)
    assert connections.get(connection, "pg") == changed
    assert [one.name for one in connections.behind(connection, "Pg")] == ["my", "pg"]
    assert connections.delete(connection, "pg")
    assert not connections.delete(connection, "pg")
    assert connections.get(connection, "pg") is None
    assert connections.get(connection, "Pg") == made("Pg")


def test_a_password_is_in_no_text_of_it() -> None:
    assert "pa55" not in f"{made('pg')!r} {made('pg')}"
