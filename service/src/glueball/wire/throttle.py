"""Refusing clients that are too fast, as AWS does, so that their retries can be tried out."""

from __future__ import annotations

from glueball.core.clock import Clock
from glueball.core.throttling import TokenBucket, full_bucket, take
from glueball.wire.endpoints import Endpoint
from glueball.wire.errors import Throttled

#: a job's own door, and what moves data: neither is a request of the control plane
_FREE = frozenset({"glueball-runtime", "glueball-crawl", "s3"})


class Throttle:
    """A token bucket for each operation, whoever calls it.

    Args:
        rate: requests a second that each operation may have; 0: any number.
        clock: where time comes from.
    """

    def __init__(self, rate: float, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: dict[tuple[str, str], TokenBucket] = {}

    def check(self, endpoint: Endpoint) -> None:
        """Let a request through.

        Raises:
            Throttled: there were too many of its operation.
        """
        if not self._rate or endpoint.service.name in _FREE:
            return
        now = self._clock.now()
        key = endpoint.service.name, endpoint.name
        bucket = self._buckets.get(key) or full_bucket(self._rate, now)
        self._buckets[key], granted = take(bucket, now)
        if not granted:
            raise Throttled("Rate exceeded")
