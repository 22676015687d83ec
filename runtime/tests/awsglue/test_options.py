from __future__ import annotations

from typing import Any

import pytest

from awsglue._options import amount, flag


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), ("true", True), ("True", True), ("false", False), (None, False), ("", False)],
)
def test_flags_are_true_values_or_their_texts(value: Any, expected: bool) -> None:
    assert flag(value) is expected


def test_anything_else_is_refused() -> None:
    with pytest.raises(ValueError, match="neither true nor false"):
        flag("yes")


@pytest.mark.parametrize("value", [0, -1, "3", 2.5, None])
def test_a_number_of_things_is_a_whole_one_from_1_on(value: Any) -> None:
    with pytest.raises(ValueError, match=rf"^parts is {value!r}; it must be a whole number from 1"):
        amount("parts", value)
    assert amount("parts", 3) == 3
