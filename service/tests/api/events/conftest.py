from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glueball.api.context import Context
from support.contexts import make_context


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    context = make_context(tmp_path)
    yield context
    context.database.close()
