from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from glueball.stores.catalog.schema import catalog_metadata
from glueball.stores.database import Database


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sa.Connection]:
    """A write transaction in an empty database."""
    database = Database(tmp_path / "glueball.db", extra=(catalog_metadata,))
    with database.write() as connection:
        yield connection
    database.close()
