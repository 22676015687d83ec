"""Events that clients put onto the bus.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.events.buses import LARGEST_EVENT, check_bus, json_object
from glueball.core.errors import AwsError, ValidationFailed
from glueball.core.events import Event, random_id
from glueball.stores import events

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestTypeDef

#: what AWS counts for a time
_TIME_BYTES = 14
_REQUIRED = ("Source", "DetailType", "Detail")


class InvalidArgument(AwsError):
    code = "InvalidArgument"


class MalformedDetail(AwsError):
    code = "MalformedDetail"


class NotAuthorizedForSource(AwsError):
    code = "NotAuthorizedForSourceException"


def put_events(context: Context, request: PutEventsRequestTypeDef) -> dict[str, Any]:
    """Keep up to ten events, which are delivered once this has answered.

    What is wrong with one entry is said of it, and the others are kept.
    """
    entries: Sequence[Mapping[str, Any]] = [{**entry} for entry in request["Entries"]]
    if sum(map(_size, entries)) >= LARGEST_EVENT:
        raise ValidationFailed("Total size of the entries in the request is over the limit.")
    answers: list[dict[str, str]] = []
    failed = 0
    with context.database.write_behind() as connection:
        for entry in entries:
            try:
                event = _event(context, entry)
            except AwsError as error:
                failed += 1
                answers.append({"ErrorCode": error.code, "ErrorMessage": error.message})
            else:
                events.append(connection, event)
                answers.append({"EventId": event.id})
    context.wake()
    return {"FailedEntryCount": failed, "Entries": answers}


def _event(context: Context, entry: Mapping[str, Any]) -> Event:
    """Return the event in an entry.

    Raises:
        AwsError: one of those that EventBridge answers for an entry.
    """
    for name in _REQUIRED:
        if not entry.get(name):
            raise InvalidArgument(
                f"Parameter {name} is not valid. Reason: {name} is a required argument."
            )
    check_bus(context, entry.get("EventBusName"))
    if entry["Source"].startswith("aws."):
        raise NotAuthorizedForSource("Not authorized for the source.")
    detail = json_object(entry["Detail"])
    if detail is None:
        raise MalformedDetail("Detail is malformed.")
    return Event(
        id=random_id(context.new_id()),
        time=entry.get("Time", context.clock.now()),
        source=entry["Source"],
        detail_type=entry["DetailType"],
        resources=tuple(entry.get("Resources", ())),
        detail=detail,
    )


def _size(entry: Mapping[str, Any]) -> int:
    """Count bytes as eb-putevents.html does."""
    texts = [entry.get(name, "") for name in _REQUIRED] + list(entry.get("Resources", ()))
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    return size + (_TIME_BYTES if "Time" in entry else 0)
