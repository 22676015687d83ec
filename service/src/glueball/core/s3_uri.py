"""Where an object lies, as job definitions write it: `s3://bucket/key`."""

from __future__ import annotations

from dataclasses import dataclass

from glueball.core.errors import InvalidInput
from glueball.core.s3_names import bucket_name_problem

#: what Hadoop's three S3 connectors are called; all mean the same objects here
_SCHEMES = ("s3", "s3a", "s3n")


@dataclass(frozen=True, kw_only=True, slots=True)
class S3Uri:
    """A bucket and a key, or a prefix of keys."""

    bucket: str
    key: str  #: without the leading slash; empty for the bucket itself

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def parse_s3_uri(text: str) -> S3Uri:
    """Take an S3 URI apart: `s3://b/k`, `s3a://b/k` or `s3n://b/k`.

    Nothing is unquoted and no `..` is resolved: a key is literal.

    Raises:
        InvalidInput: it is anything else; the sentence says what is wrong.
    """
    scheme, separator, rest = text.partition("://")
    if not separator or scheme.lower() not in _SCHEMES:
        raise InvalidInput(f"{_shown(text)} is not an S3 location; write it as s3://bucket/key.")
    bucket, _, key = rest.partition("/")
    if problem := bucket_name_problem(bucket):
        raise InvalidInput(f"{_shown(text)} names no possible bucket: {problem}.")
    if "\0" in key:
        raise InvalidInput(f"{_shown(text)} holds a NUL character, which no key can.")
    return S3Uri(bucket=bucket, key=key)


def _shown(text: str) -> str:
    """Quote text for a sentence: one line, and short however long it is."""
    return repr(text if len(text) <= 200 else text[:200] + "…")
