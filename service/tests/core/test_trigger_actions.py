from __future__ import annotations

from typing import Any

import pytest

from glueball.core.errors import InvalidInput, ResourceNumberLimitExceeded
from glueball.core.trigger_actions import check_actions, started_jobs


def test_actions_start_jobs_and_crawlers() -> None:
    actions: list[dict[str, Any]] = [
        {"JobName": "a", "Timeout": 10080, "Arguments": {"--day": "1"}},
        {"CrawlerName": "c"},
        {"CrawlerName": "d"},
        {"JobName": "b"},
        {"JobName": "a"},  # once more, with other arguments
    ]
    check_actions(actions)
    assert list(started_jobs(actions)) == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("actions", "says"),
    [
        ([], "Actions cannot be null or empty"),
        ([{}], "set JobName or CrawlerName"),
        ([{"Arguments": {}}], "set JobName or CrawlerName"),
        # the sentences of AWS
        (
            [{"JobName": "a", "CrawlerName": "c"}],
            "Both JobName or CrawlerName cannot be set together in an action",
        ),
        ([{"CrawlerName": "c"}] * 3, "Actions cannot contain more than two crawlers"),
        ([{"JobName": "a", "Timeout": 10081}], "between 1 and 10080 minutes"),  # seven days
        ([{"JobName": "a"}, {"JobName": "b", "Timeout": 0}], "between 1 and 10080 minutes"),
        ([{"JobName": "a", "Arguments": {"--a": "x" * 270_000}}], "266240"),
    ],
)
def test_actions_that_cannot_be_carried_out_are_refused(
    actions: list[dict[str, Any]], says: str
) -> None:
    with pytest.raises(InvalidInput, match=says):
        check_actions(actions)


def test_a_trigger_starts_fifty_jobs_and_no_more() -> None:
    jobs = [{"JobName": f"job-{number}"} for number in range(51)]
    check_actions(jobs[:50])
    with pytest.raises(ResourceNumberLimitExceeded, match="50 jobs, and these are 51"):
        check_actions(jobs)
