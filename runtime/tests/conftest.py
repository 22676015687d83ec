from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bookmark_service import (
    ACCESS_KEY,
    SECRET_KEY,
    SESSION_TOKEN,
    BookmarkService,
    serving,
)
from tests.lake import folder, glue, make, objects, spark, uri

__all__ = ["bookmark_service", "folder", "glue", "make", "objects", "spark", "uri"]


@pytest.fixture
def bookmark_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[BookmarkService]:
    """A service that knows two runs, and the credentials of a run in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION_TOKEN)
    with serving(BookmarkService(tokens={"jr_1": "token-1", "jr_2": "token-2"})) as service:
        yield service
