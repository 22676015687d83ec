from __future__ import annotations

import pytest

from awsglue._json import values_in


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"a": 1}', ['{"a": 1}']),
        ('\ufeff {"a":\n 1}\n{"b": 2}\n', ['{"a":\n 1}', '{"b": 2}']),  # one after the other
        ('[{"a": 1.0},{"a": [2]}]', ['{"a": 1.0}', '{"a": [2]}']),  # in an array, texts untouched
        ('{"a": 1} {"b": {"c": 2}, {"d": 3}', ['{"a": 1}', '{"b": {"c": 2}, {"d": 3}']),
        ("", []),
        ("[]", []),
    ],
)
def test_the_values_of_a_text(text: str, values: list[str]) -> None:
    assert list(values_in(text)) == values
