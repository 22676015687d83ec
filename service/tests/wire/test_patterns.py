"""The patterns of the models: what they mean, and that each of them takes linear time."""

from __future__ import annotations

import re
import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.linear_patterns import UnreadablePattern
from glueball.wire.models import service_model
from glueball.wire.patterns import ModelPattern, class_pattern, compiled
from wire.shape_values import TEXTS

SERVICES = ("glue", "logs", "iam", "sts", "events", "cloudtrail", "s3", "glueball-runtime")
PATTERNS = sorted(
    {
        (shape.metadata["pattern"], shape.metadata.get("max", 1 << 60))
        for service in SERVICES
        for name in service_model(service).shape_names
        if "pattern" in (shape := service_model(service).shape_for(name)).metadata
    }
)
LOOKING_AROUND = sorted({pattern for pattern, _ in PATTERNS if "(?!" in pattern})


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
    assert compiled(pattern).matches(text) is matches
    quick = class_pattern(pattern)
    assert quick is None or bool(re.search(quick, text)) is matches


@pytest.mark.parametrize(("pattern", "longest"), PATTERNS)
def test_every_pattern_of_the_models_takes_linear_time(pattern: str, longest: int) -> None:
    length = min(longest, 20_000)
    for unit in ("a", " ", "1.", "/a", "a-", "_", "a:", "s3://a/"):
        text = (unit * length)[: length - 1] + "\n"
        began = time.process_time()
        compiled(pattern).matches(text)
        quick = class_pattern(pattern)
        if quick is not None:
            re.search(quick, text)
        assert time.process_time() - began < 0.2, unit


def test_spaces_before_a_control_character_take_no_longer() -> None:
    pattern = r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$"
    assert (pattern, 512) in PATTERNS, "the model has it no more"
    began = time.process_time()
    assert not compiled(pattern).matches(" " * 60 + "\x01")
    assert time.process_time() - began < 0.1


@pytest.mark.parametrize("pattern", sorted({pattern for pattern, _ in PATTERNS}))
def test_a_pattern_of_one_class_means_the_same_to_both_matchers(pattern: str) -> None:
    quick = class_pattern(pattern)
    if quick is None:
        return
    random = Random(pattern)
    alphabet = "aZ09 _-.:/=+@,*$#|\\[]{}\t\r\n\x00\x1f\x7f\x85\xa0éß日\ufffd\U0001f600"
    texts = ["", *TEXTS, *alphabet]
    texts += ["".join(random.choices(alphabet, k=random.randint(1, 4))) for _ in range(200)]
    for text in texts:
        assert compiled(pattern).matches(text) is bool(re.search(quick, text)), text


def test_only_patterns_of_one_class_are_left_to_the_decoder() -> None:
    quick = [pattern for pattern, _ in PATTERNS if class_pattern(pattern) is not None]
    assert r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*" in quick
    for pattern in quick:
        assert len(re.findall(r"[*+]|\{\d", re.sub(r"\\.|\[(?:[^\]\\]|\\.)*\]", "x", pattern))) < 2


@pytest.mark.parametrize("pattern", LOOKING_AROUND)
def test_a_pattern_that_looks_around_is_said_otherwise(pattern: str) -> None:
    """Python's expressions can look around: on short texts they are the oracle."""
    oracle = re.compile(pattern.removesuffix("$") if pattern.endswith(".+") else pattern, re.ASCII)

    @settings(max_examples=400, deadline=None)
    @given(st.text("aws:-._/\\0Z ", max_size=7) | st.text("a0-", min_size=60, max_size=66))
    def agree(text: str) -> None:
        assert compiled(pattern).matches(text) is (oracle.fullmatch(text) is not None)

    assert len(LOOKING_AROUND) == 4
    agree()


def test_a_pattern_that_nobody_has_said_otherwise_is_refused() -> None:
    with pytest.raises(UnreadablePattern, match="looks around"):
        ModelPattern("^(?!new).*$")
