"""Tags of any resource, by its ARN."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from glueball.stores.lookups import Lookup
from glueball.stores.tables import tags

_OF = Lookup(
    sa.select(tags.c.key, tags.c.value)
    .where(tags.c.arn == sa.bindparam("wanted"))
    .order_by(tags.c.key)
)


def get(connection: sa.Connection, arn: str) -> dict[str, str]:
    """Return the tags of a resource, in order of their keys."""
    return dict(_OF.all(connection, wanted=arn))


def add(connection: sa.Connection, arn: str, added: Mapping[str, str]) -> None:
    """Set tags; a key that is there already gets the new value."""
    if not added:
        return
    remove(connection, arn, added.keys())
    connection.execute(
        sa.insert(tags), [{"arn": arn, "key": key, "value": added[key]} for key in added]
    )


def remove(connection: sa.Connection, arn: str, keys: Collection[str]) -> None:
    """Take tags away; keys that are not there are passed over."""
    connection.execute(sa.delete(tags).where(tags.c.arn == arn, tags.c.key.in_(keys)))


def clear(connection: sa.Connection, arn: str) -> None:
    """Take all tags of a resource away."""
    connection.execute(sa.delete(tags).where(tags.c.arn == arn))


def arns_with(connection: sa.Connection, wanted: Mapping[str, str], prefix: str) -> set[str]:
    """Return the ARNs beginning with `prefix` that have every one of the `wanted` tags.

    An empty value asks only for the key, as AWS's `Tags` filters do.
    """
    found: set[str] | None = None
    for key, value in wanted.items():
        query = sa.select(tags.c.arn).where(
            tags.c.key == key, tags.c.arn.startswith(prefix, autoescape=True)
        )
        if value:
            query = query.where(tags.c.value == value)
        having = set(connection.execute(query).scalars())
        found = having if found is None else found & having
    return found or set()
