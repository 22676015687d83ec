"""What is announced of objects in S3.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from __future__ import annotations

from dataclasses import dataclass

from glueball.core.events import Event

_SOURCE = "aws.s3"
_CREATED = "Object Created"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewObject:
    """An object that was stored."""

    bucket: str
    key: str
    size: int  #: bytes
    etag: str  #: without quotes
    reason: str  #: the operation: PutObject, CopyObject or CompleteMultipartUpload
    sequencer: int  #: greater than that of the object which the key had before


def object_created(new: NewObject, *, event_id: str, requester: str, now: float) -> Event:
    """Return the event that tells of a new object.

    Args:
        requester: the account whose key signed the request.
        now: epoch seconds.
    """
    return Event(
        id=event_id,
        time=now,
        source=_SOURCE,
        detail_type=_CREATED,
        resources=(f"arn:aws:s3:::{new.bucket}",),
        detail={
            "version": "0",
            "bucket": {"name": new.bucket},
            "object": {
                "key": new.key,
                "size": new.size,
                "etag": new.etag,
                "sequencer": f"{new.sequencer:016X}",
            },
            "requester": requester,
            "reason": new.reason,
        },
    )
