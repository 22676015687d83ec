from __future__ import annotations

from typing import Any

import pytest

from awsglue._files.json_path import parse


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("$", []),
        ("$.a.b", [{"names": ["a"]}, {"names": ["b"]}]),
        ("$[*]", [{}]),
        ("$.*", [{}]),
        (" $.Records[*].item ", [{"names": ["Records"]}, {}, {"names": ["item"]}]),
        ("$['a b']", [{"names": ["a b"]}]),
        ('$["a.b"]["it\'s"]', [{"names": ["a.b"]}, {"names": ["it's"]}]),
        ("$['a','b']", [{"names": ["a", "b"]}]),
        (r"$['it\'s']", [{"names": ["it's"]}]),
        ("$.a[0]", [{"names": ["a"]}, {"index": 0}]),
        ("$.two words-and_more", [{"names": ["two words-and_more"]}]),
    ],
)
def test_the_steps_of_a_path(path: str, steps: list[dict[str, Any]]) -> None:
    assert parse(path) == steps


@pytest.mark.parametrize(
    "path",
    ["", "a", "$a", "$.", "$..a", "$[", "$[a]", "$[-1]", "$[0:2]", "$[?(@.x)]", "$.a.b "[:-2]],
)
def test_what_is_no_path_says_how_to_write_one(path: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be read. Write \$ for the whole value"):
        parse(path)
