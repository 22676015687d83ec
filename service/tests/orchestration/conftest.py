from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from glueball.api.context import Context
from glueball.orchestration.account import Account
from support.contexts import make_context


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    context = make_context(tmp_path)
    yield context
    context.database.close()


@pytest.fixture
def account(context: Context) -> Account:
    return context.account


@pytest.fixture
def connection(context: Context) -> Iterator[sa.Connection]:
    """A transaction that stays open for the test."""
    with context.database.write() as connection:
        yield connection
