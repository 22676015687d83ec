from __future__ import annotations

import time

import pytest

from glueball.wire.models import service_model
from glueball.wire.patterns import compiled

PATTERNS = sorted(
    {
        (shape.metadata["pattern"], shape.metadata.get("max", 1 << 60))
        for service in ("glue", "logs", "iam", "sts")
        for name in service_model(service).shape_names
        if "pattern" in (shape := service_model(service).shape_for(name)).metadata
    }
)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"[a-z]+", "abc", True),
        (r"[a-z]+", "abc1", False),  # the whole value, although there are no anchors
        (r"[a-z]+", "abc\n", False),
        (r"^[a-z]+$", "abc\n", False),  # Python's $ would let the line end pass
        (r"[\w-_]*", "a-b_c", True),  # Java: a hyphen
        (r"\w+", "é", False),  # Java's \w is ASCII
        (r"[\p{L}\p{Z}]+", "é ß日", True),
        (r"[\p{L}\p{Z}]+", "1", False),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*", "\U0001f600 \t", True),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*", "a\0", False),
        (r".*\S.*", '{\n "type": "record"\n}', True),  # a printed schema
        (r".*\S.*", " \n ", False),
        (r"^((\w+\.)+\w+|auto)$", "5.1", True),
    ],
)
def test_what_a_pattern_of_java_means(pattern: str, text: str, matches: bool) -> None:
    assert bool(compiled(pattern).matches(text)) is matches


@pytest.mark.parametrize(("pattern", "longest"), PATTERNS)
def test_every_pattern_of_the_models_takes_linear_time(pattern: str, longest: int) -> None:
    length = min(longest, 20_000)
    for unit in ("a", " ", "1.", "/a", "a-", "_", "a:", "s3://a/"):
        text = (unit * length)[: length - 1] + "\n"
        began = time.process_time()
        compiled(pattern).matches(text)
        assert time.process_time() - began < 0.2, unit
