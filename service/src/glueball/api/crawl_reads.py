"""The door for crawls: the beginnings of many objects at once.

Not part of AWS's public API. A crawl that fetched each of 100,000 small files by a request of its
own would wait for HTTP most of the time. What it reads here GetObject would give to it as well.
"""

from __future__ import annotations

from typing import Any, TypedDict

from glueball.api.context import Context
from glueball.stores.object_listing import Identities


class ReadBeginningsRequest(TypedDict):
    Bucket: str
    Keys: list[str]
    Length: int  #: bytes of each object at most


def read_beginnings(context: Context, request: ReadBeginningsRequest) -> dict[str, Any]:
    """Return the first bytes of objects, in the order of the keys; no Data where one has gone.

    The keys of one folder should follow one another: its directory is opened once then.

    Raises:
        NoSuchBucket: there is no such bucket.
    """
    bucket, length = request["Bucket"], request["Length"]
    context.objects.bucket(bucket)
    beginnings: list[dict[str, bytes]] = []
    with context.objects.faults(), Identities(context.objects.root / bucket) as files:
        for key in request["Keys"]:
            data = files.beginning(key, length)
            beginnings.append({} if data is None else {"Data": data})
    return {"Beginnings": beginnings}
