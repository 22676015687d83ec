"""Job bookmarks: what a job has read, so that its next run reads only what is new.

A reader asks `active()`; without bookmarks it is None, and everything is read. `Job.init` activates
them and `Job.commit` writes them.

https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html
"""

from __future__ import annotations

from glueball_runtime.bookmarks.session import Bookmarks, KeyRange, activate, active, deactivate
from glueball_runtime.bookmarks.state import (
    DEFAULT_MAX_BAND_MS,
    UNBOUNDED,
    Bounds,
    KeyMark,
    SourceFile,
    oldest,
)

__all__ = [
    "DEFAULT_MAX_BAND_MS",
    "UNBOUNDED",
    "Bookmarks",
    "Bounds",
    "KeyMark",
    "KeyRange",
    "SourceFile",
    "activate",
    "active",
    "deactivate",
    "oldest",
]
