"""Clients of AWS's services, as the environment of the process points them."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

import botocore.session
from botocore.config import Config

#: variables by which one client differs from another
_VARIABLES = (
    *("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_GLUE", "AWS_ENDPOINT_URL_S3"),
    *("AWS_DEFAULT_REGION", "AWS_REGION"),
    *("AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_PROFILE"),
)
#: tries of a request, with growing pauses: a restart of the service takes seconds
_TRIES = 6


def client(service: str) -> Any:
    """Return the client of a service, such as "glue"; it may be used by several threads."""
    return _client(service, tuple(os.environ.get(name) for name in _VARIABLES))


@lru_cache(maxsize=8)
def _client(service: str, variables: tuple[str | None, ...]) -> Any:
    """Make the client of an environment. That takes a while: the models of services are large."""
    config = Config(retries={"mode": "standard", "max_attempts": _TRIES})
    return botocore.session.get_session().create_client(service, config=config)
