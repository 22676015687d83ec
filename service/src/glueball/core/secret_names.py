"""What of the things that users enter is secret: told by its name, or by what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

#: parts of names, without regard to case and to what stands between words
_SECRET = re.compile(
    r"passw|passphrase|pwd|secret|token|credential"
    r"|(api|access|account|private|encryption|signing|shared|master|ssh|sas)key"
    r"|^(pass|auth|pat)$"
)
#: ends of names that only say where a secret is, or of what kind
_REFERENCE = re.compile(r"(arn|name|region|endpoint|type|enabled)$")
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]")
#: a login within a value: `jdbc:…?password=x`, `spark.my.token=x`, `"secret": "x"`, `jdbc:…:me/x@`
_LOGIN = re.compile(
    r"(?:passw(?:or)?d|pwd|secret|token)\w{0,40}[\"']?\s{0,9}[=:]\s{0,9}[\"']?(?P<text>[^\s&;,\"']+)"
    r"|://[^\s/:@]{0,200}:(?P<of_url>[^\s/@]+)@|^jdbc:oracle:\w+:[^/@\s]+/(?P<of_oracle>[^@\s]+)@",
    re.I,
)
MASK = "****"
#: shorter ones would tear words apart
_SHORTEST_MASKED = 6


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Tell whether what has this name is secret: `--password`, `db_secret`, `apiKey`.

    >>> is_secret_name("--db-token"), is_secret_name("--TempDir"), is_secret_name("--secret-arn")
    (True, False, False)
    """
    folded = _BETWEEN_WORDS.sub("", name.lower())
    return bool(_SECRET.search(folded)) and not _REFERENCE.search(folded)


def is_secret(name: str, value: str) -> bool:
    """Tell whether a value is secret, by its name or because it holds a login."""
    return is_secret_name(name) or (_may_hold_login(value) and bool(_LOGIN.search(value)))


def secrets_in(document: Any) -> Iterator[str]:
    """Yield the secret texts of a document, at any depth; of a value with a login only that."""
    if isinstance(document, Mapping):
        for name, value in document.items():
            if isinstance(value, str):
                yield from _secrets_of(name, value)
            else:
                yield from secrets_in(value)
    elif isinstance(document, list | tuple):
        for value in document:
            yield from secrets_in(value)


def texts_to_mask(document: Any) -> tuple[str, ...]:
    """Return the secrets of a document that are long enough to be masked, the longest first."""
    texts = {secret for secret in secrets_in(document) if len(secret) >= _SHORTEST_MASKED}
    return tuple(sorted(texts, key=len, reverse=True))


def masked(text: str, document: Any) -> str:
    """Return a text in which no secret of a document can be read."""
    for secret in texts_to_mask(document):
        text = text.replace(secret, MASK)
    return text


def _secrets_of(name: str, value: str) -> Iterator[str]:
    if is_secret_name(name):
        yield value
    elif _may_hold_login(value):
        for match in _LOGIN.finditer(value):
            yield match[match.lastgroup or 0]


def _may_hold_login(value: str) -> bool:
    return "=" in value or ":" in value
