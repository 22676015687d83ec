"""CloudWatch Logs: groups, streams, events.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/. Times are milliseconds since
the epoch.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from glueball.core.arns import in_region
from glueball.core.clock import Clock
from glueball.core.errors import AwsError
from glueball.core.log_batches import Event, Sorted, sort_out
from glueball.core.log_patterns import compile_pattern
from glueball.stores.log_files import Group
from glueball.stores.log_streams import LogEvent, Position
from glueball.stores.logs import (
    LogResourceNotFound,
    LogStore,
    Stream,
    Window,
    order_of,
)

if TYPE_CHECKING:
    from mypy_boto3_logs.type_defs import (
        CreateLogGroupRequestTypeDef,
        CreateLogStreamRequestTypeDef,
        DeleteLogGroupRequestTypeDef,
        DeleteLogStreamRequestTypeDef,
        DeleteRetentionPolicyRequestTypeDef,
        DescribeLogGroupsRequestTypeDef,
        DescribeLogStreamsRequestTypeDef,
        FilterLogEventsRequestTypeDef,
        GetLogEventsRequestTypeDef,
        ListTagsForResourceRequestTypeDef,
        PutLogEventsRequestTypeDef,
        PutRetentionPolicyRequestTypeDef,
        TagResourceRequestTypeDef,
        UntagResourceRequestTypeDef,
    )

#: the numbers of days that PutRetentionPolicy takes
_RETENTIONS = [
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
]
_MAX_TAGS = 50
_LIST_PAGE = 50
_EVENTS_PAGE = 10_000
_PAGE_BYTES = 1_048_576
#: events that one FilterLogEvents looks at; what is left comes with the next token
_SCANNED_EVENTS = 100_000
_NO_END = 2**62
_EVENT_TOKEN = re.compile(r"([fb])/(\d{20})(\d{36})(?:/s)?")


class InvalidParameter(AwsError):
    code = "InvalidParameterException"


class TooManyTags(AwsError):
    code = "TooManyTagsException"


class Context(Protocol):
    """What these operations use."""

    @property
    def account_id(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def logs(self) -> LogStore: ...


def create_log_group(context: Context, request: CreateLogGroupRequestTypeDef) -> dict[str, Any]:
    """Make an empty group.

    What would promise more than Glueball keeps (encryption by a key, protection from deletion,
    another class of storage) is refused rather than ignored.
    """
    if request.get("kmsKeyId"):
        raise InvalidParameter("kmsKeyId is not supported: logs are kept as plain files.")
    if request.get("deletionProtectionEnabled"):
        raise InvalidParameter("deletionProtectionEnabled is not supported.")
    if request.get("logGroupClass", "STANDARD") != "STANDARD":
        raise InvalidParameter("The only logGroupClass there is, is STANDARD.")
    context.logs.create_group(request["logGroupName"], request.get("tags"))
    return {}


def delete_log_group(context: Context, request: DeleteLogGroupRequestTypeDef) -> dict[str, Any]:
    """Remove a group with all its streams."""
    context.logs.delete_group(request["logGroupName"])
    return {}


def describe_log_groups(
    context: Context, request: DescribeLogGroupsRequestTypeDef
) -> dict[str, Any]:
    """List groups in order of name."""
    prefix = request.get("logGroupNamePrefix")
    pattern = request.get("logGroupNamePattern")
    identifiers = request.get("logGroupIdentifiers")
    if len([one for one in (prefix, pattern, identifiers) if one]) > 1:
        raise InvalidParameter(
            "logGroupNamePrefix, logGroupNamePattern and logGroupIdentifiers are mutually "
            "exclusive parameters."
        )
    wanted = {_name_in(context, identifier) for identifier in identifiers or ()}
    groups = [
        group
        for group in context.logs.groups()
        if group.name.startswith(prefix or "")
        and (pattern or "") in group.name
        and (not wanted or group.name in wanted)
    ]
    after = _key_in(request.get("nextToken"), (str,))
    if after:
        groups = [group for group in groups if group.name > after[0]]
    limit = request.get("limit", _LIST_PAGE)
    answer: dict[str, Any] = {"logGroups": [_shown_group(context, one) for one in groups[:limit]]}
    if len(groups) > limit:
        answer["nextToken"] = _token(groups[limit - 1].name)
    return answer


def put_retention_policy(
    context: Context, request: PutRetentionPolicyRequestTypeDef
) -> dict[str, Any]:
    """Set for how many days a group shows its events."""
    days = request["retentionInDays"]
    if days not in _RETENTIONS:
        raise InvalidParameter(
            f"retentionInDays cannot be {days}; possible values are "
            f"{', '.join(map(str, _RETENTIONS))}."
        )
    group = context.logs.group(request["logGroupName"])
    context.logs.change_group(group.name, retention=days, tags=group.tags)
    return {}


def delete_retention_policy(
    context: Context, request: DeleteRetentionPolicyRequestTypeDef
) -> dict[str, Any]:
    """Let a group show its events for ever."""
    group = context.logs.group(request["logGroupName"])
    context.logs.change_group(group.name, retention=None, tags=group.tags)
    return {}


def tag_resource(context: Context, request: TagResourceRequestTypeDef) -> dict[str, Any]:
    """Set tags of a group."""
    group = context.logs.group(_name_in(context, request["resourceArn"]))
    tags = {**group.tags, **request["tags"]}
    if len(tags) > _MAX_TAGS:
        raise TooManyTags(f"A resource can have {_MAX_TAGS} tags; this one would have {len(tags)}.")
    context.logs.change_group(group.name, retention=group.retention, tags=tags)
    return {}


def untag_resource(context: Context, request: UntagResourceRequestTypeDef) -> dict[str, Any]:
    """Take tags of a group away."""
    group = context.logs.group(_name_in(context, request["resourceArn"]))
    gone = set(request["tagKeys"])
    tags = {key: value for key, value in group.tags.items() if key not in gone}
    context.logs.change_group(group.name, retention=group.retention, tags=tags)
    return {}


def list_tags_for_resource(
    context: Context, request: ListTagsForResourceRequestTypeDef
) -> dict[str, Any]:
    """Show the tags of a group."""
    return {"tags": dict(context.logs.group(_name_in(context, request["resourceArn"])).tags)}


def create_log_stream(context: Context, request: CreateLogStreamRequestTypeDef) -> dict[str, Any]:
    """Make an empty stream."""
    context.logs.create_stream(request["logGroupName"], request["logStreamName"])
    return {}


def delete_log_stream(context: Context, request: DeleteLogStreamRequestTypeDef) -> dict[str, Any]:
    """Remove a stream."""
    context.logs.delete_stream(request["logGroupName"], request["logStreamName"])
    return {}


def describe_log_streams(
    context: Context, request: DescribeLogStreamsRequestTypeDef
) -> dict[str, Any]:
    """List the streams of a group by name or by the time of their newest event."""
    group = _group_of(context, request)
    prefix = request.get("logStreamNamePrefix", "")
    names = [name for name in context.logs.stream_names(group) if name.startswith(prefix)]
    limit = request.get("limit", _LIST_PAGE)
    descending = request.get("descending", False)
    token = request.get("nextToken")
    if request.get("orderBy", "LogStreamName") == "LogStreamName":
        keys = _page_of([(name,) for name in names], _key_in(token, (str,)), limit, descending)
        streams = [context.logs.stream(group, name) for (name,) in keys[:limit]]
    elif prefix:
        raise InvalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.")
    else:
        found = {name: context.logs.stream(group, name) for name in names}
        times = [(stream.last_event or 0, name) for name, stream in found.items()]
        keys = _page_of(times, _key_in(token, (int, str)), limit, descending)
        streams = [found[name] for _, name in keys[:limit]]
    arn = _group_arn(context, group)
    answer: dict[str, Any] = {"logStreams": [_shown_stream(arn, stream) for stream in streams]}
    if len(keys) > limit:
        answer["nextToken"] = _token(*keys[limit - 1])
    return answer


def put_log_events(context: Context, request: PutLogEventsRequestTypeDef) -> dict[str, Any]:
    """Add events; sequence tokens are given as ever and no longer looked at."""
    group, stream = request["logGroupName"], request["logStreamName"]
    now = int(context.clock.now() * 1000)
    found = sort_out(
        [Event(timestamp=one["timestamp"], message=one["message"]) for one in request["logEvents"]],
        now=now,
        retention_days=context.logs.group(group).retention,
    )
    context.logs.append(group, stream, found.accepted)
    answer: dict[str, Any] = {"nextSequenceToken": f"{now:056d}"}
    rejected = _rejected(found)
    if rejected:
        answer["rejectedLogEventsInfo"] = rejected
    return answer


def get_log_events(context: Context, request: GetLogEventsRequestTypeDef) -> dict[str, Any]:
    """Show one page of a stream, by default the newest.

    A token names a place and a direction. Where nothing lies in that direction, the same token
    comes back; a client that follows a running job asks with it again.
    """
    group = _group_of(context, request)
    token = request.get("nextToken")
    forward = request.get("startFromHead", False)
    position = None
    if token:
        forward, position = _place_in(token)
    window = Window(
        since=request.get("startTime", 0),
        until=request.get("endTime"),
        limit=request.get("limit", _EVENTS_PAGE),
        max_bytes=_PAGE_BYTES,
    )
    page = context.logs.read(
        group, request["logStreamName"], window, position=position, forward=forward
    )
    return {
        "events": [_shown_event(event) for event in page.events],
        "nextForwardToken": _event_token("f", page.after),
        "nextBackwardToken": _event_token("b", page.before),
    }


def filter_log_events(context: Context, request: FilterLogEventsRequestTypeDef) -> dict[str, Any]:
    """Search streams of a group, interleaved by time.

    A page may be empty and still have a next token, as with AWS: a search looks at so many events
    a page, not for so many hits. A page that has events always has one: who follows a stream (as
    Airflow's hooks do) asks with it again and gets what came later, and each event once. Where
    nothing came, the page is empty and the last one.
    """
    group = _group_of(context, request)
    matches = compile_pattern(request.get("filterPattern", ""))
    search = _search_of(request)
    limit = request.get("limit", _EVENTS_PAGE)
    found = context.logs.merged(
        group,
        _searched_streams(context, group, request),
        since=search.since,
        until=search.until,
        newest_first=search.newest_first,
    )
    events: list[dict[str, Any]] = []
    size, last, more = 0, search.behind, False
    for scanned, one in enumerate(filter(search.is_ahead, found)):
        if scanned == _SCANNED_EVENTS or len(events) == limit or size > _PAGE_BYTES:
            more = True
            break
        last = order_of(one)
        name, event = one
        if matches(event.message):
            size += Event(timestamp=event.timestamp, message=event.message).size
            events.append({"logStreamName": name, **_shown_event(event), "eventId": _id_of(one)})
    answer: dict[str, Any] = {"events": events, "searchedLogStreams": []}
    if last is not None and (more or events):
        answer["nextToken"] = _token(search.newest_first, *last)
    return answer


@dataclass(frozen=True, kw_only=True, slots=True)
class _Search:
    """Where a search stands."""

    since: int
    until: int
    newest_first: bool
    behind: tuple[int, str, int] | None  #: the last event that was looked at

    def is_ahead(self, found: tuple[str, LogEvent]) -> bool:
        if self.behind is None:
            return True
        if self.newest_first:
            return order_of(found) < self.behind
        return order_of(found) > self.behind


def _search_of(request: FilterLogEventsRequestTypeDef) -> _Search:
    since, until = request.get("startTime", 0), request.get("endTime", _NO_END)
    key = _key_in(request.get("nextToken"), (bool, int, str, int))
    if not key:
        newest_first = not request.get("startFromHead", True)
        return _Search(since=since, until=until, newest_first=newest_first, behind=None)
    newest_first, timestamp, name, start = key
    return _Search(
        since=since if newest_first else max(since, timestamp),
        until=min(until, timestamp) if newest_first else until,
        newest_first=newest_first,
        behind=(timestamp, name, start),
    )


def _searched_streams(
    context: Context, group: str, request: FilterLogEventsRequestTypeDef
) -> Sequence[str]:
    names, prefix = request.get("logStreamNames"), request.get("logStreamNamePrefix")
    if names and prefix:
        raise InvalidParameter("Only one of logStreamNames and logStreamNamePrefix can be given.")
    if names:
        for name in names:
            context.logs.stream_path(group, name, create=False)
        return list(dict.fromkeys(names))
    return [name for name in context.logs.stream_names(group) if name.startswith(prefix or "")]


def _group_of(
    context: Context,
    request: DescribeLogStreamsRequestTypeDef
    | GetLogEventsRequestTypeDef
    | FilterLogEventsRequestTypeDef,
) -> str:
    name, identifier = request.get("logGroupName"), request.get("logGroupIdentifier")
    if bool(name) == bool(identifier):
        raise InvalidParameter(
            "Either logGroupName or logGroupIdentifier must be given, and not both."
        )
    return name or _name_in(context, identifier or "")


def _name_in(context: Context, identifier: str) -> str:
    """Return the group's name in a name or an ARN."""
    if not identifier.startswith("arn:"):
        return identifier
    name = in_region(identifier, context.region).removeprefix(_group_arn(context, ""))
    if name.startswith("arn:"):
        raise LogResourceNotFound(f"The resource {identifier} is not a log group of this account.")
    return name.removesuffix(":*")


def _group_arn(context: Context, name: str) -> str:
    return f"arn:aws:logs:{context.region}:{context.account_id}:log-group:{name}"


def _shown_group(context: Context, group: Group) -> dict[str, Any]:
    arn = _group_arn(context, group.name)
    shown = {
        "logGroupName": group.name,
        "creationTime": group.created,
        "metricFilterCount": 0,
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "storedBytes": context.logs.stored_bytes(group.name),
        "logGroupClass": "STANDARD",
    }
    if group.retention is not None:
        shown["retentionInDays"] = group.retention
    return shown


def _shown_stream(group_arn: str, stream: Stream) -> dict[str, Any]:
    shown = {
        "logStreamName": stream.name,
        "creationTime": stream.created,
        "firstEventTimestamp": stream.first_event,
        "lastEventTimestamp": stream.last_event,
        "lastIngestionTime": stream.last_ingestion,
        "uploadSequenceToken": f"{stream.last_ingestion or stream.created:056d}",
        "arn": f"{group_arn}:log-stream:{stream.name}",
        "storedBytes": 0,  # "no longer supported for log streams and always reported as zero"
    }
    return {member: value for member, value in shown.items() if value is not None}


def _shown_event(event: LogEvent) -> dict[str, Any]:
    return {
        "timestamp": event.timestamp,
        "message": event.message,
        "ingestionTime": event.ingested,
    }


def _rejected(found: Sorted) -> dict[str, int]:
    shown = {
        "tooNewLogEventStartIndex": found.first_too_new,
        "tooOldLogEventEndIndex": found.too_old or None,
        "expiredLogEventEndIndex": found.expired or None,
    }
    return {member: value for member, value in shown.items() if value is not None}


def _id_of(found: tuple[str, LogEvent]) -> str:
    """Name an event by its place, in 56 digits as AWS does."""
    name, event = found
    return f"{event.timestamp:014d}{zlib.crc32(name.encode()):010d}{event.start:032d}"


def _event_token(direction: str, position: Position) -> str:
    return f"{direction}/{position.timestamp:020d}{position.offset:036d}/s"


def _place_in(token: str) -> tuple[bool, Position]:
    """Return the direction (True is forward) and the place that a token of ours names."""
    found = _EVENT_TOKEN.fullmatch(token)
    if found is None or max(int(found[2]), int(found[3])) > _NO_END:
        raise InvalidParameter("The specified nextToken is invalid.")
    return found[1] == "f", Position(int(found[2]), int(found[3]))


def _page_of(
    keys: list[tuple[Any, ...]], after: tuple[Any, ...] | None, limit: int, descending: bool
) -> list[tuple[Any, ...]]:
    """Return up to `limit` keys, and one more where there is one."""
    if after is not None:
        keys = [key for key in keys if (key < after if descending else key > after)]
    return sorted(keys, reverse=descending)[: limit + 1]


def _token(*key: str | int) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _key_in(token: str | None, types: tuple[type, ...]) -> tuple[Any, ...] | None:
    """Return what `_token` was given; None where there is no token."""
    if not token:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error, RecursionError):
        key = None
    if not isinstance(key, list) or [type(one) for one in key] != list(types):
        raise InvalidParameter("The specified nextToken is invalid.")
    return tuple(key)
