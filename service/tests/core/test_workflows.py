from __future__ import annotations

import pytest

from glueball.core.errors import InvalidInput, ResourceNumberLimitExceeded
from glueball.core.workflows import (
    MAX_PROPERTIES_BYTES,
    check_max_concurrent_runs,
    check_properties,
)


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({}, "none at all"),
        ({"a": ""}, "an empty value"),
        ({"k": "x" * (MAX_PROPERTIES_BYTES - 1)}, "as large as may be"),
        ({"k": "\ud800"}, "half a character"),
    ],
)
def test_properties_may_be(properties: dict[str, str], reason: str) -> None:
    check_properties(properties)


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"k": "x" * MAX_PROPERTIES_BYTES}, "names count as well"),
        ({"k": "é" * (MAX_PROPERTIES_BYTES // 2)}, "bytes count, not characters"),
        ({str(number): "x" * 1000 for number in range(200)}, "all of them count"),
    ],
)
def test_properties_may_not_be(properties: dict[str, str], reason: str) -> None:
    with pytest.raises(ResourceNumberLimitExceeded, match="Keep data in S3"):
        check_properties(properties)


def test_a_workflow_has_room_for_a_run() -> None:
    check_max_concurrent_runs(None)
    check_max_concurrent_runs(1)
    with pytest.raises(InvalidInput, match="1 or more, not 0"):
        check_max_concurrent_runs(0)
