"""A directory in memory, for tests that would spend their time in waiting for the disk."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

_SHARED_MEMORY = Path("/dev/shm")


def memory_directory() -> TemporaryDirectory[str]:
    """Make a temporary directory, in memory where the system can."""
    return TemporaryDirectory(dir=_SHARED_MEMORY if _SHARED_MEMORY.is_dir() else None)
