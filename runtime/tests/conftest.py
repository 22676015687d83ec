from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.bookmark_service import (
    ACCESS_KEY,
    SECRET_KEY,
    SESSION_TOKEN,
    BookmarkService,
    serving,
)
from tests.lake import QUICK_JAVA, folder, glue, make, objects, spark, uri

__all__ = ["bookmark_service", "folder", "glue", "make", "objects", "spark", "uri"]


def pytest_configure() -> None:
    """Let every Java of the tests start with what suits thousands of short queries: to compile each
    of them well takes twice the processor."""
    os.environ.setdefault(QUICK_JAVA, "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")


@pytest.fixture
def bookmark_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[BookmarkService]:
    """A service that knows two runs, and the credentials of a run in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION_TOKEN)
    with serving(BookmarkService(tokens={"jr_1": "token-1", "jr_2": "token-2"})) as service:
        yield service
