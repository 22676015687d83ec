"""Announcing new objects to EventBridge.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html. An
object is announced once it is stored. One that a job writes by Spark goes past this door, and is
not announced.
"""

from __future__ import annotations

from typing import Any

from glueball.api.s3.context import Request, S3Context, bucket_of
from glueball.api.s3.errors import FeatureNotImplemented
from glueball.core.events import random_id
from glueball.core.object_events import NewObject, object_created
from glueball.stores import announced_buckets, events
from glueball.stores.stored_objects import StoredObject

_EVENT_BRIDGE = "EventBridgeConfiguration"


def put_bucket_notification_configuration(context: S3Context, request: Request) -> dict[str, Any]:
    """Switch EventBridge on for a bucket, or off where the configuration does not name it.

    Raises:
        FeatureNotImplemented: it names queues, topics or functions: there are none here.
    """
    bucket = bucket_of(context, request)
    context.objects.bucket(bucket)
    configuration = request["NotificationConfiguration"]
    for name, value in configuration.items():
        if name != _EVENT_BRIDGE and value:
            raise FeatureNotImplemented(name)
    on = configuration.get(_EVENT_BRIDGE) is not None
    with context.objects.metadata.database.write() as connection:
        announced_buckets.announce(connection, bucket, on)
    return {}


def get_bucket_notification_configuration(context: S3Context, request: Request) -> dict[str, Any]:
    """Show whether a bucket tells EventBridge of its objects."""
    bucket = bucket_of(context, request)
    context.objects.bucket(bucket)
    with context.objects.metadata.database.read() as connection:
        on = announced_buckets.is_announced(connection, bucket)
    return {_EVENT_BRIDGE: {}} if on else {}


def announce(context: S3Context, stored: StoredObject, reason: str) -> None:
    """Tell of an object that was stored, if its bucket is set so.

    Args:
        reason: the operation that stored it.
    """
    database = context.objects.metadata.database
    with database.read() as connection:
        if not announced_buckets.is_announced(connection, stored.bucket):
            return
    new = NewObject(
        bucket=stored.bucket,
        key=stored.key,
        size=stored.size,
        etag=stored.etag,
        reason=reason,
        sequencer=stored.identity.mtime_ns,
    )
    event = object_created(
        new,
        event_id=random_id(context.new_id()),
        requester=context.account_id,
        now=context.clock.now(),
    )
    with database.write() as connection:
        events.append(connection, event)
    context.wake()


def forget(context: S3Context, bucket: str) -> None:
    """Forget the setting of a bucket that is gone."""
    with context.objects.metadata.database.write() as connection:
        announced_buckets.announce(connection, bucket, False)
