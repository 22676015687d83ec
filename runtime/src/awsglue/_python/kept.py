"""Records that are kept on local disk because computing them again would call functions again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pyspark import StorageLevel
from pyspark.sql import DataFrame

_scopes = threading.local()


def keep(frame: DataFrame) -> DataFrame:
    """Return a DataFrame that is computed once and read from disk afterwards.

    Until the application ends: a DataFrame that `toDF` handed out may be used at any time. Inside
    of `released` until its end.
    """
    kept = frame.persist(StorageLevel.DISK_ONLY)
    for scope in getattr(_scopes, "open", [])[-1:]:
        scope.append(kept)
    return kept


@contextmanager
def released() -> Iterator[None]:
    """Keep what is kept inside no longer than this: a stream's batches never end."""
    if not hasattr(_scopes, "open"):
        _scopes.open = []
    kept: list[DataFrame] = []
    _scopes.open.append(kept)
    try:
        yield
    finally:
        _scopes.open.pop()
        for frame in kept:
            frame.unpersist()
