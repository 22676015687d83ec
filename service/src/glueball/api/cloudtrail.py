"""CloudTrail, as far as it tells jobs which events started their workflow.

A run property has the events' ids only; what the events were, scripts look up here by the event
name NotifyEvent. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from glueball.api.context import Context
from glueball.api.paging import decode_number, encode_token
from glueball.core.arns import resource_arn
from glueball.core.errors import AwsError, InvalidInput
from glueball.core.events import envelope, instant
from glueball.stores import notifications
from glueball.stores.notifications import Notification

_PAGE = 50
_OPERATION = "LookupEvents"
_NAME = "NotifyEvent"
_SOURCE = "glue.amazonaws.com"
#: "up to 90 days"; earlier ones are forgotten long before
_EARLIEST = 0.0


class InvalidLookupAttributes(AwsError):
    code = "InvalidLookupAttributesException"


class InvalidTimeRange(AwsError):
    code = "InvalidTimeRangeException"


class InvalidNextToken(AwsError):
    code = "InvalidNextTokenException"


def lookup_events(context: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """List notifications of workflows, newest first, a page at a time.

    Raises:
        InvalidLookupAttributes: more than one attribute is asked for.
        InvalidTimeRange: the time ends before it begins.
    """
    attributes = request.get("LookupAttributes") or ()
    if len(attributes) > 1:
        raise InvalidLookupAttributes("You can only specify one lookup attribute.")
    start, end = request.get("StartTime", _EARLIEST), request.get("EndTime", context.clock.now())
    if start > end:
        raise InvalidTimeRange("The start time is after the end time.")
    size = request.get("MaxResults", _PAGE)
    with context.database.read() as connection:
        found = notifications.page(
            connection, start=start, end=end, before=_place(request.get("NextToken")), limit=size
        )
    shown = [_shown(context, one) for one in found]
    answer: dict[str, Any] = {"Events": [one for one in shown if _fits(one, attributes)]}
    if len(found) == size:
        answer["NextToken"] = encode_token(_OPERATION, "", str(found[-1].sequence))
    return answer


def _place(token: str | None) -> int | None:
    try:
        return decode_number(token, _OPERATION, "")
    except InvalidInput as error:
        raise InvalidNextToken(error.message) from error


def _fits(shown: Mapping[str, Any], attributes: Any) -> bool:
    """Tell whether an event has the value asked for; of resources one must have it."""
    for attribute in attributes:
        key, wanted = attribute["AttributeKey"], attribute["AttributeValue"]
        values = [shown.get(key)] + [resource.get(key) for resource in shown["Resources"]]
        if wanted not in values:
            return False
    return True


def _shown(context: Context, told: Notification) -> dict[str, Any]:
    """Return CloudTrail's `Event` shape."""
    record_id = f"{told.sequence:08x}-{told.event.id[9:]}"
    body = json.dumps(envelope(told.event, context.account))
    record = {
        "eventVersion": "1.08",
        "userIdentity": {"type": "AWSService", "invokedBy": "events.amazonaws.com"},
        "eventTime": instant(told.time),
        "eventSource": _SOURCE,
        "eventName": _NAME,
        "awsRegion": context.region,
        "requestParameters": {
            "workflowArn": resource_arn(context, "workflow", told.workflow_name),
            "eventPayload": {"eventId": told.event.id, "eventBody": body},
        },
        "responseElements": None,
        "eventID": record_id,
        "readOnly": False,
        "recipientAccountId": context.account_id,
    }
    return {
        "EventId": record_id,
        "EventName": _NAME,
        "ReadOnly": "false",
        "EventTime": told.time,
        "EventSource": _SOURCE,
        "Resources": [{"ResourceType": "AWS::Glue::Workflow", "ResourceName": told.workflow_name}],
        "CloudTrailEvent": json.dumps(record),
    }
