"""Clients of the service, patient while it restarts: a crawl survives that it is killed."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionError,
    HTTPClientError,
    IncompleteReadError,
)

from glueball.crawl.errors import ServiceUnreachable
from glueball.crawl.specification import Specification

_T = TypeVar("_T")

#: seconds that a restart of the service may take before the crawl fails
RESTART_SECONDS = 60.0
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 3.0

#: a status of a service that is not ready (any more), or a code of one that is asked to slow down
_TRY_AGAIN = frozenset({500, 502, 503, 504})
_SLOWER = frozenset({"Throttling", "ThrottlingException", "SlowDown"})

#: what the user has set up for a real account must not reach us: files and profiles, a proxy
_NO_PROFILES = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


def make_client(specification: Specification, name: str) -> Any:
    """Make a botocore client of one of the service's parts: "s3", "glue".

    The credentials are those of the environment.
    """
    return botocore.session.Session(session_vars=_NO_PROFILES).create_client(
        name,
        region_name=specification.region,
        endpoint_url=specification.endpoint_url,
        config=Config(
            proxies={},
            s3={"addressing_style": "path"},
            connect_timeout=5,
            read_timeout=60,
            retries={"total_max_attempts": 1},  # `Patience` tries again
        ),
    )


class LateClient:
    """A client that is made when it is first used: making one takes a third of a second.

    Args:
        make: makes it.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._client: Any = None

    def __getattr__(self, name: str) -> Any:
        if self._client is None:
            self._client = self._make()
        return getattr(self._client, name)


class Patience:
    """Repeats calls that nobody answers.

    A call may reach the service twice when its first answer is lost, so it must be one that can be
    repeated, or its caller must be able to tell.

    Args:
        restart_seconds: how long to go on trying while nobody answers.
        pause: waits for that many seconds between two tries.
        clock: tells seconds.
    """

    def __init__(
        self,
        restart_seconds: float = RESTART_SECONDS,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._restart_seconds = restart_seconds
        self._pause = pause
        self._clock = clock

    def call(self, operation: str, do: Callable[[], _T]) -> _T:
        """Return what a call returns.

        Args:
            operation: what it asks for, for the error.
            do: the call; anything that it raises but faults of the connection is raised.

        Raises:
            ServiceUnreachable: no answer within `restart_seconds`.
        """
        deadline = self._clock() + self._restart_seconds
        pause_seconds = _FIRST_PAUSE_SECONDS
        while True:
            try:
                return do()
            except (ClientError, ConnectionError, HTTPClientError, IncompleteReadError) as error:
                if isinstance(error, ClientError) and not _is_passing(error):
                    raise
                if self._clock() + pause_seconds > deadline:
                    raise ServiceUnreachable(
                        operation, self._restart_seconds, f"{type(error).__name__}: {error}"
                    ) from error
            # Half of the pause is chance, so that several processes do not come back at once.
            self._pause(pause_seconds * random.uniform(0.5, 1.0))
            pause_seconds = min(2 * pause_seconds, _LONGEST_PAUSE_SECONDS)


def code_of(error: ClientError) -> str:
    """Return AWS's error code."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message_of(error: ClientError) -> str:
    """Return the sentence of an error."""
    return str(error.response.get("Error", {}).get("Message", "")) or str(error)


def _is_passing(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status in _TRY_AGAIN or code_of(error) in _SLOWER
