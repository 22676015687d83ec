"""Values of botocore's shapes, by a seeded generator: the same ones every time."""

from __future__ import annotations

import json
from functools import lru_cache
from random import Random
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from glueball.wire.patterns import compiled

#: among these is one for nearly every pattern of the models
TEXTS = (
    "abc",
    "a",
    "A",
    "Aa",
    "abcdefghijklmnopqrstuvwxyz",
    "0",
    "1",
    "3",
    "5.1",
    "1.2.3",
    "v1",
    "123456789012",
    "1234567890123456",
    "Sun:10",
    "/",
    "/a/",
    "/a",
    "s3://bucket/key",
    "s3://bucket/",
    "sc://x",
    "https://a.com",
    "https://example.com/a",
    "a.b.c",
    "$.a",
    "arn:aws:iam::123456789012:role/x",
    "arn:aws:glue:us-east-1:123456789012:job/x",
    "arn:aws:kms:us-east-1:123456789012:key/x",
    "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012",
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:x",
    "12345678-1234-1234-1234-123456789012",
    "ja-12345678-1234-1234-1234-123456789012",
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "vpce-0a",
    "o-abcdefghij",
    "o-abcdefghij/r-abcd",
    "p-abcdefgh",
    "A" * 100,
    "a" * 1000,
)
_WILD = ("", "ü", "a b", "<&>'\"", "日本", "\U0001f600", "x" * 300, "a\nb", "a;b=c,d")


class Unmatched(Exception):
    """A required string whose pattern none of the texts fits."""


def valid(shape: Shape, random: Random, depth: int = 0) -> Any:
    """Return a value that keeps all constraints; deep optional members are left out.

    Raises:
        Unmatched: there is none that this generator knows.
    """
    if isinstance(shape, StructureShape):
        return _structure(shape, random, depth)
    if isinstance(shape, ListShape):
        count = max(_at_least(shape), 0 if depth > 4 else random.randint(0, 2))
        count = min(count, shape.metadata.get("max", count))
        return [valid(shape.member, random, depth + 1) for _ in range(count)]
    if isinstance(shape, MapShape):
        count = 0 if depth > 4 else 1
        pairs = [
            (valid(shape.key, random, depth + 1), valid(shape.value, random, depth + 1))
            for _ in range(max(_at_least(shape), count))
        ]
        return dict(pairs)
    return _scalar(shape, random)


def junk(random: Random) -> Any:
    """Return some JSON that no member wants."""
    return random.choice(
        [
            None, True, -1, 2**31, 2**63, 10**30, 1.5, 1e308, "", "x" * 70_000, "\0", "ü", [], {},
            [None], [[[]]], {"a": {"b": None}}, ["x", 1], {"Name": []},
        ]
    )  # fmt: skip


def mutated(value: Any, random: Random) -> Any:
    """Return a JSON value with one of its parts replaced by junk, added or taken away."""
    copy = json.loads(json.dumps(value))
    parents = list(_containers(copy))
    if not parents or random.random() < 0.05:
        return junk(random)
    parent = random.choice(parents)
    if isinstance(parent, list):
        parent.insert(random.randint(0, len(parent)), junk(random))
        return copy
    name = random.choice([*parent, "Unknown"])
    if random.random() < 0.2:
        parent.pop(name, None)
    else:
        parent[name] = junk(random)
    return copy


def _containers(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from _containers(item)


def _structure(shape: StructureShape, random: Random, depth: int) -> dict[str, Any]:
    members: dict[str, Any] = {}
    if shape.is_tagged_union:
        name = random.choice(list(shape.members))
        return {name: valid(shape.members[name], random, depth + 1)}
    for name, member in shape.members.items():
        required = name in shape.required_members
        if not required and (depth > 3 or random.random() < 0.4):
            continue
        try:
            members[name] = valid(member, random, depth + 1)
        except Unmatched:
            if required:
                raise
    return members


def _at_least(shape: Shape) -> int:
    return int(shape.metadata.get("min", 0))


def _scalar(shape: Shape, random: Random) -> Any:
    limits = shape.metadata
    kind = shape.type_name
    if kind == "string":
        return _string(shape, random)
    if kind in ("integer", "long"):
        low, high = limits.get("min", -100), limits.get("max", 2**31 - 1)
        return random.randint(low, max(low, min(high, low + 1000)))
    if kind in ("float", "double"):
        return float(limits.get("min", 0)) + random.choice([0.0, 0.5])
    if kind == "boolean":
        return random.choice([True, False])
    if kind == "timestamp":
        return float(random.randint(0, 2_000_000_000))
    return random.randbytes(random.randint(1, 10))


def _string(shape: Shape, random: Random) -> str:
    limits = shape.metadata
    if "enum" in limits:
        return str(random.choice(limits["enum"]))
    texts = _fitting(limits.get("pattern"), limits.get("min", 0), limits.get("max", 10**9))
    if not texts:
        raise Unmatched(shape.name)
    return random.choice(texts)


@lru_cache(maxsize=4096)
def _fitting(pattern: str | None, low: int, high: int) -> tuple[str, ...]:
    candidates = TEXTS if pattern else TEXTS[:6] + _WILD + TEXTS[-2:]
    return tuple(
        text
        for text in candidates
        if low <= len(text) <= high and (pattern is None or compiled(pattern).matches(text))
    )
