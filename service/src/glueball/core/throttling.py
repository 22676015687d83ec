"""How many requests are let through: token buckets, as AWS's throttles are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenBucket:
    """What is left to spend.

    It fills by `rate` tokens a second and holds what comes in a second, at least one.
    """

    rate: float  #: tokens a second, more than 0
    tokens: float
    filled: float  #: when `tokens` was right, epoch seconds

    @property
    def capacity(self) -> float:
        return max(1.0, self.rate)


def full_bucket(rate: float, now: float) -> TokenBucket:
    """Return a bucket that nobody has taken from."""
    return TokenBucket(rate=rate, tokens=max(1.0, rate), filled=now)


def take(bucket: TokenBucket, now: float) -> tuple[TokenBucket, bool]:
    """Take one token.

    Args:
        now: epoch seconds; a clock that was set back fills nothing.

    Returns:
        The bucket afterwards, and whether there was a token.
    """
    passed = max(0.0, now - bucket.filled)
    tokens = min(bucket.capacity, bucket.tokens + passed * bucket.rate)
    granted = tokens >= 1.0
    left = tokens - 1.0 if granted else tokens
    return TokenBucket(rate=bucket.rate, tokens=left, filled=now), granted
