from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.service_process import ServiceProcess


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """One service for the tests of a module."""
    service = ServiceProcess(tmp_path_factory.mktemp("service") / "home").start()
    yield service
    service.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[ServiceProcess]:
    """A service that a test may kill; not started yet."""
    service = ServiceProcess(tmp_path / "home")
    yield service
    service.close()
