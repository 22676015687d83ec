from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from launchers.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A home directory whose processes do not outlive the test."""
    stage = Stage(tmp_path)
    yield stage
    stage.close()
