from __future__ import annotations

from glueball.engine.resources import Machine


def test_the_memory_for_runs_is_measured_or_told() -> None:
    measured = Machine.here()
    assert measured.cores >= 1
    assert measured.memory_mb > 0
    assert Machine.here(1.5).memory_mb == 1536
