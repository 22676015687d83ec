from __future__ import annotations

from typing import Any

import pytest

from awsglue._options import flag


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), ("true", True), ("True", True), ("false", False), (None, False), ("", False)],
)
def test_flags_are_true_values_or_their_texts(value: Any, expected: bool) -> None:
    assert flag(value) is expected


def test_anything_else_is_refused() -> None:
    with pytest.raises(ValueError, match="neither true nor false"):
        flag("yes")
