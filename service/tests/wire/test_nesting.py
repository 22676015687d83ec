from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueball.wire.nesting import DEEPEST, MOST_DIGITS, MOST_PARTS, MOST_VALUES, is_excessive

MILLION = 1_000_000

values = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    ("text", "excessive"),
    [
        (b"", False),
        (nested(DEEPEST), False),
        (nested(DEEPEST + 1), True),
        (b'{"a":' * (DEEPEST + 1), True),
        (b"[" + b"[]," * 5000 + b"[]]", False),  # wide, not deep
        (b"[" + b"[]," * (MOST_PARTS - 2) + b"[]]", False),
        (b"[" + b"{}," * (MOST_PARTS - 1) + b"[]]", True),
        (b'["' + b"[" * 5000 + b'"]', False),  # in a string
        (b'["\\"' + b"[" * 5000 + b'"]', False),  # after a quote that ends nothing
        (b'["\\\\"' + b"[" * 5000 + b"]", True),  # after a backslash that protects nothing
        (b'["",' + b"[" * 5000 + b"]", True),
        (b'["a"' + b',"a"' * (MOST_VALUES - 1) + b"]", False),
        (b'["a"' + b',"a"' * MOST_VALUES + b"]", True),
        (b"[1" + b",1" * (MOST_VALUES + 1) + b"]", True),
        (b'["' + b'\\",' * 3 * MOST_VALUES + b'"]', False),  # quotes and commas in a string
        (b'{"a":' + b"1" * MOST_DIGITS + b"}", False),
        (b'{"a":' + b"1" * (MOST_DIGITS + 1) + b"}", True),
        (b'{"a":[-0.' + b"1" * MILLION + b"]}", True),  # a fraction's digits count, too
        (b'{"a":"' + b"1" * MILLION + b'"}', False),  # in a string
        (b'{"a":"\\"' + b"1" * MILLION + b'"}', False),
        (b'{"a":"","b":1e' + b"1" * MILLION + b"}", True),
    ],
)
def test_depth(text: bytes, excessive: bool) -> None:
    assert is_excessive(text) is excessive


@given(values, st.integers(DEEPEST - 3, DEEPEST + 3))
def test_depth_of_any_json(value: object, around: int) -> None:
    text = json.dumps(value).encode()
    depth = _depth(value)
    assert is_excessive(b"[" * around + text + b"]" * around) is (around + depth > DEEPEST)


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 16 * MILLION,
        b"[]" * 8 * MILLION,
        b'""' * 8 * MILLION,
        b'"]"[]' * 3 * MILLION,
        b'"' + b'\\"' * 8 * MILLION,
    ],
    ids=["open", "flat", "strings", "mixed", "escapes"],
)
def test_attack_10_the_largest_bodies_take_less_than_a_second(text: bytes) -> None:
    began = time.process_time()
    is_excessive(text)
    assert time.process_time() - began < 1
