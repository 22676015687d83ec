"""Whom a request is for: DNS rebinding is refused, bucket names in hosts are understood."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address

from glueball.wire.errors import ForeignHost, MalformedRequest
from glueball.wire.head import Head

#: RFC 9110 `Host`: a name or IPv4 address, or an IPv6 address in brackets, then maybe a port
_HOST = re.compile(rb"(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9._-]{1,253}))(?::[0-9]{1,5})?")
_LOCAL_SUFFIX = ".localhost"
#: the shortest name that a bucket may have
_SHORTEST_BUCKET = 3


def refuse_foreign(head: Head, allowed: frozenset[str]) -> None:
    """Refuse a request that was not meant for this service.

    A web page can point a name of its own at 127.0.0.1 and then call us as "same origin"; its
    requests carry that name in `Host`. Names under `.localhost` never leave the machine
    (RFC 6761).

    Args:
        head: of the request.
        allowed: names and addresses, in lower case, besides the loopback ones.

    Raises:
        MalformedRequest: there is no host, or it is not one.
        ForeignHost: the host is another one.
    """
    host = head.values.get(b"host")
    name = None if host is None else _name_of(host)
    if name is None:
        raise MalformedRequest("The request has no Host header, or a malformed one.")
    if not (_is_loopback(name) or name in allowed):
        raise ForeignHost(
            f"This service does not answer to the host name '{name}'. If it is a name of this "
            "service, add it to the configuration (allowed_hosts)."
        )


def bucket_of(host: bytes | None) -> str | None:
    """Return the bucket that a `Host` value names (`<bucket>.localhost`), None in path style."""
    name = None if host is None else _name_of(host)
    if name is None or not name.endswith(_LOCAL_SUFFIX):
        return None
    bucket = name.removesuffix(_LOCAL_SUFFIX)
    return bucket if len(bucket) >= _SHORTEST_BUCKET else None


@lru_cache(maxsize=256)
def _name_of(host: bytes) -> str | None:
    """Return the name or address of a `Host` value, in lower case; None if it is malformed."""
    match = _HOST.fullmatch(host)
    if match is None:
        return None
    return (match[1] or match[2]).decode("ascii").lower().removesuffix(".")


@lru_cache(maxsize=256)
def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(_LOCAL_SUFFIX):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
