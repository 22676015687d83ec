from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from glueball.api import logs
from glueball.api.context import Context
from glueball.core.errors import AwsError
from glueball.stores.logs import LogResourceNotFound
from support.contexts import make_context
from support.runs import BASE_TIME

if TYPE_CHECKING:
    from mypy_boto3_logs.type_defs import InputLogEventTypeDef

NOW = int(BASE_TIME * 1000)
G = "/aws-glue/jobs/output"
ARN = f"arn:aws:logs:us-east-1:123456789012:log-group:{G}"


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """A context with the group G and its stream `jr_1`."""
    context = make_context(tmp_path)
    context.logs.create_group(G)
    context.logs.create_stream(G, "jr_1")
    return context


def put(context: Context, stream: str, *found: tuple[int, str]) -> dict[str, Any]:
    """Put events so many milliseconds after the start."""
    if stream not in context.logs.stream_names(G):
        context.logs.create_stream(G, stream)
    events: list[InputLogEventTypeDef] = [
        {"timestamp": NOW + time, "message": text} for time, text in found
    ]
    return logs.put_log_events(
        context, {"logGroupName": G, "logStreamName": stream, "logEvents": events}
    )


def texts(answer: dict[str, Any]) -> list[str]:
    return [event["message"] for event in answer["events"]]


def refusal(error: pytest.ExceptionInfo[AwsError]) -> tuple[str, str]:
    return error.value.code, error.value.message


class TestGroups:
    def test_a_group_is_shown_with_its_names_and_settings(self, context: Context) -> None:
        logs.put_retention_policy(context, {"logGroupName": G, "retentionInDays": 14})
        answer = logs.describe_log_groups(context, {})
        assert answer == {
            "logGroups": [
                {
                    "logGroupName": G,
                    "creationTime": NOW,
                    "retentionInDays": 14,
                    "metricFilterCount": 0,
                    "arn": f"{ARN}:*",
                    "logGroupArn": ARN,
                    "storedBytes": context.logs.stored_bytes(G),
                    "logGroupClass": "STANDARD",
                }
            ]
        }
        logs.delete_retention_policy(context, {"logGroupName": G})
        (group,) = logs.describe_log_groups(context, {})["logGroups"]
        assert "retentionInDays" not in group

    def test_groups_are_found_and_paged(self, context: Context) -> None:
        for name in ("a/1", "a/2", "b/1"):
            logs.create_log_group(context, {"logGroupName": name})

        def names(**request: Any) -> list[str]:
            answer = logs.describe_log_groups(context, request)  # type: ignore[arg-type]
            return [group["logGroupName"] for group in answer["logGroups"]]

        assert names(logGroupNamePrefix="a/") == ["a/1", "a/2"]
        assert names(logGroupNamePattern="/1") == ["a/1", "b/1"]
        assert names(logGroupIdentifiers=["b/1", f"{ARN}:*"]) == [G, "b/1"]
        page = logs.describe_log_groups(context, {"limit": 2})
        assert names(limit=2) == [G, "a/1"]
        assert names(limit=2, nextToken=page["nextToken"]) == ["a/2", "b/1"]

    def test_no_promise_is_made_that_is_not_kept(self, context: Context) -> None:
        for member in (
            {"kmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/k"},
            {"deletionProtectionEnabled": True},
            {"logGroupClass": "INFREQUENT_ACCESS"},
        ):
            with pytest.raises(logs.InvalidParameter):
                logs.create_log_group(
                    context,
                    {"logGroupName": "x", **member},  # type: ignore[typeddict-item]
                )

    def test_tags_are_kept(self, context: Context) -> None:
        logs.create_log_group(context, {"logGroupName": "t", "tags": {"a": "1"}})
        arn = ARN.replace(G, "t")
        logs.tag_resource(context, {"resourceArn": f"{arn}:*", "tags": {"b": "2", "a": "3"}})
        assert logs.list_tags_for_resource(context, {"resourceArn": arn}) == {
            "tags": {"a": "3", "b": "2"}
        }
        logs.untag_resource(context, {"resourceArn": arn, "tagKeys": ["a", "no"]})
        assert logs.list_tags_for_resource(context, {"resourceArn": arn}) == {"tags": {"b": "2"}}
        with pytest.raises(logs.TooManyTags):
            many = {str(number): "" for number in range(50)}
            logs.tag_resource(context, {"resourceArn": arn, "tags": many})

    @pytest.mark.parametrize(
        "arn",
        [
            # another account, another kind of thing
            ARN.replace("123456789012", "999999999999"),
            "arn:aws:s3:::bucket",
        ],
    )
    def test_names_of_others_are_not_found(self, context: Context, arn: str) -> None:
        with pytest.raises(LogResourceNotFound):
            logs.list_tags_for_resource(context, {"resourceArn": arn})

    def test_only_known_numbers_of_days(self, context: Context) -> None:
        with pytest.raises(logs.InvalidParameter, match="retentionInDays cannot be 2; possible"):
            logs.put_retention_policy(context, {"logGroupName": G, "retentionInDays": 2})


class TestStreams:
    def test_a_stream_is_shown(self, context: Context) -> None:
        put(context, "jr_1", (-5, "first"), (0, "last"))
        answer = logs.describe_log_streams(context, {"logGroupIdentifier": ARN})
        assert answer == {
            "logStreams": [
                {
                    "logStreamName": "jr_1",
                    "creationTime": NOW,
                    "firstEventTimestamp": NOW - 5,
                    "lastEventTimestamp": NOW,
                    "lastIngestionTime": NOW,
                    "uploadSequenceToken": f"{NOW:056d}",
                    "arn": f"{ARN}:log-stream:jr_1",
                    "storedBytes": 0,
                }
            ]
        }

    @pytest.mark.parametrize(
        ("request_", "names"),
        [
            ({}, ["jr_1", "jr_2", "x"]),
            ({"descending": True}, ["x", "jr_2", "jr_1"]),
            ({"logStreamNamePrefix": "jr_"}, ["jr_1", "jr_2"]),
            # one that has no events is the oldest
            ({"orderBy": "LastEventTime"}, ["jr_1", "x", "jr_2"]),
            ({"orderBy": "LastEventTime", "descending": True}, ["jr_2", "x", "jr_1"]),
        ],
    )
    def test_streams_are_ordered_and_paged(
        self, context: Context, request_: dict[str, Any], names: list[str]
    ) -> None:
        put(context, "jr_2", (9, "new"))
        put(context, "x", (1, "old"))
        found: list[str] = []
        token: dict[str, str] = {}
        for _ in names:
            answer = logs.describe_log_streams(
                context,
                {"logGroupName": G, "limit": 1, **request_, **token},  # type: ignore[typeddict-item]
            )
            found += [stream["logStreamName"] for stream in answer["logStreams"]]
            token = {"nextToken": answer.get("nextToken", "")}
        assert found == names
        assert token == {"nextToken": ""}

    def test_what_cannot_be_asked(self, context: Context) -> None:
        for request, sentence in (
            ({}, "Either logGroupName or logGroupIdentifier must be given, and not both."),
            (
                {"logGroupName": G, "logGroupIdentifier": G},
                "Either logGroupName or logGroupIdentifier must be given, and not both.",
            ),
            (
                {"logGroupName": G, "orderBy": "LastEventTime", "logStreamNamePrefix": "j"},
                "Cannot order by LastEventTime with a logStreamNamePrefix.",
            ),
        ):
            with pytest.raises(AwsError) as error:
                logs.describe_log_streams(context, request)  # type: ignore[arg-type]
            assert refusal(error) == ("InvalidParameterException", sentence)

    def test_streams_and_groups_are_deleted(self, context: Context) -> None:
        logs.create_log_stream(context, {"logGroupName": G, "logStreamName": "s"})
        logs.delete_log_stream(context, {"logGroupName": G, "logStreamName": "s"})
        logs.delete_log_group(context, {"logGroupName": G})
        with pytest.raises(AwsError) as error:
            logs.describe_log_streams(context, {"logGroupName": G})
        assert refusal(error) == (
            "ResourceNotFoundException",
            "The specified log group does not exist.",
        )


class TestPutLogEvents:
    def test_sequence_tokens_are_given_and_not_looked_at(self, context: Context) -> None:
        token = put(context, "jr_1", (0, "a"))["nextSequenceToken"]
        assert len(token) == 56
        logs.put_log_events(
            context,
            {
                "logGroupName": G,
                "logStreamName": "jr_1",
                "logEvents": [{"timestamp": NOW, "message": "b"}],
                "sequenceToken": "made up",
            },
        )

    def test_events_out_of_range_are_left_out_and_told(self, context: Context) -> None:
        day, hour = 86_400_000, 3_600_000
        answer = put(
            context, "jr_1", (-20 * day, "old"), (-15 * day, "old"), (0, "good"), (3 * hour, "new")
        )
        assert answer["rejectedLogEventsInfo"] == {
            "tooOldLogEventEndIndex": 2,
            "tooNewLogEventStartIndex": 3,
        }
        shown = logs.get_log_events(context, {"logGroupName": G, "logStreamName": "jr_1"})
        assert texts(shown) == ["good"]

    def test_a_batch_without_a_good_event_still_needs_its_stream(self, context: Context) -> None:
        with pytest.raises(LogResourceNotFound, match="The specified log stream does not exist"):
            logs.put_log_events(
                context,
                {
                    "logGroupName": G,
                    "logStreamName": "no",
                    "logEvents": [{"timestamp": 0, "message": "x"}],
                },
            )


class TestGetLogEvents:
    def ask(self, context: Context, **more: Any) -> dict[str, Any]:
        return logs.get_log_events(
            context,
            {"logGroupName": G, "logStreamName": "jr_1", **more},  # type: ignore[typeddict-item]
        )

    def test_by_default_the_newest_page(self, context: Context) -> None:
        put(context, "jr_1", *((n, f"e{n}") for n in range(6)))
        page = self.ask(context, limit=2)
        assert page["events"] == [
            {"timestamp": NOW + n, "message": f"e{n}", "ingestionTime": NOW} for n in (4, 5)
        ]
        assert texts(self.ask(context, nextToken=page["nextBackwardToken"], limit=3)) == [
            "e1",
            "e2",
            "e3",
        ]

    def test_the_end_gives_the_same_token_back(self, context: Context) -> None:
        put(context, "jr_1", (0, "a"), (1, "b"))
        first = self.ask(context, startFromHead=True)
        assert texts(first) == ["a", "b"]
        assert first["nextForwardToken"].startswith("f/")
        again = self.ask(context, nextToken=first["nextForwardToken"])
        assert again["events"] == []
        assert again["nextForwardToken"] == first["nextForwardToken"]
        back = self.ask(context, nextToken=first["nextBackwardToken"])
        assert back["events"] == []
        assert back["nextBackwardToken"] == first["nextBackwardToken"]
        put(context, "jr_1", (2, "c"))
        assert texts(self.ask(context, nextToken=again["nextForwardToken"])) == ["c"]

    def test_following_a_stream_sees_every_event_once(self, context: Context) -> None:
        put(context, "jr_1", *((n, f"e{n}") for n in range(25)))
        token: dict[str, str] = {}
        seen: list[str] = []
        while True:
            page = self.ask(context, startFromHead=True, limit=4, **token)
            seen += texts(page)
            if {"nextToken": page["nextForwardToken"]} == token:
                break
            token = {"nextToken": page["nextForwardToken"]}
        assert seen == [f"e{n}" for n in range(25)]

    def test_a_range_of_time_leaves_its_end_out(self, context: Context) -> None:
        put(context, "jr_1", *((n, f"e{n}") for n in range(5)))
        assert texts(self.ask(context, startTime=NOW + 1, endTime=NOW + 3)) == ["e1", "e2"]

    def test_a_page_is_a_megabyte_at_most(self, context: Context) -> None:
        for n in range(5):
            put(context, "jr_1", (n, "x" * 250_000))
        assert len(self.ask(context)["events"]) == 4

    @pytest.mark.parametrize(
        "token", ["x", "f/1", f"g/{0:056d}", f"f/{'9' * 56}", f"f/{0:020d}{2**63:036d}/s"]
    )
    def test_tokens_that_are_not_ours(self, context: Context, token: str) -> None:
        with pytest.raises(AwsError) as error:
            self.ask(context, nextToken=token)
        assert refusal(error) == (
            "InvalidParameterException",
            "The specified nextToken is invalid.",
        )

    def test_a_token_behind_the_end_finds_nothing(self, context: Context) -> None:
        put(context, "jr_1", (0, "a"))
        for place in (2**40, 2**62):  # the latter is more than a file system can seek to
            assert self.ask(context, nextToken=f"f/{0:020d}{place:036d}/s")["events"] == []
            assert texts(self.ask(context, nextToken=f"b/{0:020d}{place:036d}/s")) == ["a"]


class TestFilterLogEvents:
    @pytest.fixture
    def searched(self, context: Context) -> Context:
        put(context, "jr_1", (0, "INFO start"), (4, "ERROR a"), (8, "INFO end"))
        put(context, "jr_2", (2, "INFO start"), (4, "ERROR b retry"), (9, "INFO end"))
        put(context, "other", (3, "ERROR c"))
        return context

    def ask(self, context: Context, **more: Any) -> dict[str, Any]:
        return logs.filter_log_events(
            context,
            {"logGroupName": G, **more},  # type: ignore[typeddict-item]
        )

    @pytest.mark.parametrize(
        ("request_", "found"),
        [
            ({"filterPattern": "ERROR"}, ["ERROR c", "ERROR a", "ERROR b retry"]),
            ({"filterPattern": "ERROR -retry"}, ["ERROR c", "ERROR a"]),
            (
                {"logStreamNames": ["jr_2", "jr_2"]},
                ["INFO start", "ERROR b retry", "INFO end"],
            ),
            (
                {"logStreamNamePrefix": "jr_", "filterPattern": "ERROR"},
                ["ERROR a", "ERROR b retry"],
            ),
            # both ends are in it
            ({"startTime": NOW + 3, "endTime": NOW + 4}, ["ERROR c", "ERROR a", "ERROR b retry"]),
            ({"startFromHead": False, "limit": 2}, ["INFO end", "INFO end"]),
            (
                {"startFromHead": False, "filterPattern": "ERROR"},
                ["ERROR b retry", "ERROR a", "ERROR c"],
            ),
            ({"filterPattern": "nowhere"}, []),
        ],
    )
    def test_what_is_found(
        self, searched: Context, request_: dict[str, Any], found: list[str]
    ) -> None:
        answer = self.ask(searched, **request_)
        assert texts(answer) == found
        assert answer["searchedLogStreams"] == []

    def test_an_event_says_where_it_is_from(self, searched: Context) -> None:
        (event,) = self.ask(searched, filterPattern="c")["events"]
        assert len(event.pop("eventId")) == 56
        assert event == {
            "logStreamName": "other",
            "timestamp": NOW + 3,
            "message": "ERROR c",
            "ingestionTime": NOW,
        }
        ids = [event["eventId"] for event in self.ask(searched)["events"]]
        assert len(set(ids)) == 7

    @pytest.mark.parametrize("scanned", [1, 3, 100_000])
    @pytest.mark.parametrize("head", [True, False])
    def test_pages_miss_nothing_and_repeat_nothing(
        self, searched: Context, head: bool, scanned: int
    ) -> None:
        whole = self.ask(searched, startFromHead=head)["events"]
        seen: list[dict[str, Any]] = []
        token: dict[str, str] = {}
        with patch.object(logs, "_SCANNED_EVENTS", scanned):
            while True:
                page = self.ask(searched, startFromHead=head, limit=2, **token)
                seen += page["events"]
                if "nextToken" not in page:
                    assert page["events"] == []
                    break
                token = {"nextToken": page["nextToken"]}
        assert seen == whole

    @pytest.mark.parametrize(
        ("more", "pages"),
        [
            # every page with events has a token, the empty one behind them has none
            ({}, [["INFO start", "ERROR a", "INFO end"], []]),
            ({"limit": 2}, [["INFO start", "ERROR a"], ["INFO end"], []]),
            ({"filterPattern": "ERROR"}, [["ERROR a"], []]),
            ({"filterPattern": "nowhere"}, [[]]),
        ],
    )
    def test_who_follows_a_stream_gets_each_event_once(
        self, searched: Context, more: dict[str, Any], pages: list[list[str]]
    ) -> None:
        read: list[list[str]] = []
        token: dict[str, str] = {}
        while not read or token:
            page = self.ask(searched, logStreamNames=["jr_1"], **more, **token)
            read.append(texts(page))
            token = {"nextToken": page["nextToken"]} if "nextToken" in page else {}
        assert read == pages

    def test_the_token_of_the_last_event_gives_what_came_later(self, context: Context) -> None:
        put(context, "jr_1", (0, "a"), (1, "b"))
        stream = {"logStreamNames": ["jr_1"]}
        token = self.ask(context, **stream)["nextToken"]
        assert self.ask(context, **stream, nextToken=token)["events"] == []
        put(context, "jr_1", (1, "c"), (2, "d"))
        page = self.ask(context, **stream, nextToken=token)
        assert texts(page) == ["c", "d"]
        assert "nextToken" not in self.ask(context, **stream, nextToken=page["nextToken"])

    def test_a_long_search_pauses_with_a_token(self, searched: Context) -> None:
        with patch.object(logs, "_SCANNED_EVENTS", 2):
            page = self.ask(searched, filterPattern="end")
            assert page["events"] == []
            assert page["nextToken"]

    def test_what_cannot_be_asked(self, searched: Context) -> None:
        for request, code in (
            ({"logStreamNames": ["no"]}, "ResourceNotFoundException"),
            (
                {"logStreamNames": ["jr_1"], "logStreamNamePrefix": "jr"},
                "InvalidParameterException",
            ),
            ({"filterPattern": "[a, b]"}, "InvalidParameterException"),
            ({"nextToken": "x"}, "InvalidParameterException"),
            ({"nextToken": "WzEsMl0="}, "InvalidParameterException"),
            ({"logGroupIdentifier": G}, "InvalidParameterException"),
        ):
            with pytest.raises(AwsError) as error:
                self.ask(searched, **request)
            assert error.value.code == code
        with pytest.raises(LogResourceNotFound, match="log group does not exist"):
            logs.filter_log_events(searched, {"logGroupName": "no"})
