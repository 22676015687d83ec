from __future__ import annotations

import itertools
from typing import Any

import pytest

from glueball.core.errors import InvalidInput
from glueball.core.predicates import check_predicate, is_met, satisfying, watched


def job(name: str, state: str = "SUCCEEDED", **more: Any) -> dict[str, Any]:
    return {"LogicalOperator": "EQUALS", "JobName": name, "State": state, **more}


def crawler(name: str, state: str = "SUCCEEDED", **more: Any) -> dict[str, Any]:
    return {"LogicalOperator": "EQUALS", "CrawlerName": name, "CrawlState": state, **more}


def predicate(*conditions: dict[str, Any], logical: str | None = None) -> dict[str, Any]:
    members: dict[str, Any] = {"Conditions": list(conditions)}
    return members if logical is None else {**members, "Logical": logical}


_A, _B = ("JOB", "a"), ("JOB", "b")


@pytest.mark.parametrize(
    ("asked", "ended", "met"),
    [
        (predicate(job("a")), {_A: "SUCCEEDED"}, True),  # one condition needs no Logical
        (predicate(job("a")), {_A: "FAILED"}, False),
        (predicate(job("a")), {}, False),  # it has not ended
        (predicate(job("a")), {_B: "SUCCEEDED"}, False),  # another has
        (predicate(job("a"), job("b"), logical="AND"), {_A: "SUCCEEDED"}, False),
        (predicate(job("a"), job("b"), logical="AND"), {_A: "SUCCEEDED", _B: "FAILED"}, False),
        (predicate(job("a"), job("b"), logical="AND"), {_A: "SUCCEEDED", _B: "SUCCEEDED"}, True),
        (predicate(job("a"), job("b"), logical="ANY"), {_B: "SUCCEEDED"}, True),
        (predicate(job("a"), job("b"), logical="ANY"), {_B: "FAILED"}, False),
        # however it ends
        (predicate(job("a"), job("a", "FAILED"), logical="ANY"), {_A: "FAILED"}, True),
        # a job and a crawler of one name are two
        (predicate(crawler("a")), {_A: "SUCCEEDED"}, False),
        (predicate(crawler("a")), {("CRAWLER", "a"): "SUCCEEDED"}, True),
        (predicate(crawler("a", "CANCELLED")), {("CRAWLER", "a"): "CANCELLED"}, True),
        # a member of the other kind changes nothing
        (predicate(job("a", CrawlState="FAILED")), {_A: "SUCCEEDED"}, True),
        (predicate(crawler("a", State="FAILED")), {("CRAWLER", "a"): "SUCCEEDED"}, True),
        ({}, {_A: "SUCCEEDED"}, False),  # nothing is asked for, so nothing fires
    ],
)
def test_a_predicate_is_met_by_ends(
    asked: dict[str, Any], ended: dict[tuple[str, str], str], met: bool
) -> None:
    assert is_met(asked, ended) is met


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_and_is_all_and_any_is_any(count: int) -> None:
    names = [f"job-{number}" for number in range(count)]
    for ends in itertools.product([None, "SUCCEEDED", "FAILED"], repeat=count):
        ended = {("JOB", name): end for name, end in zip(names, ends, strict=True) if end}
        good = [end == "SUCCEEDED" for end in ends]
        conditions = [job(name) for name in names]
        assert is_met(predicate(*conditions, logical="AND"), ended) is all(good)
        assert is_met(predicate(*conditions, logical="ANY"), ended) is any(good)
        met = satisfying(predicate(*conditions, logical="ANY"), ended)
        assert met == [("JOB", name) for name, one in zip(names, good, strict=True) if one]


def test_what_is_watched_and_what_satisfied() -> None:
    asked = predicate(job("a"), crawler("c"), job("a", "FAILED"), logical="ANY")
    assert list(watched(asked)) == [_A, ("CRAWLER", "c"), _A]
    assert satisfying(asked, {_A: "FAILED", ("CRAWLER", "c"): "SUCCEEDED"}) == [
        ("CRAWLER", "c"),
        _A,
    ]
    assert list(watched({})) == []


_JOB_STATES = r"\[SUCCEEDED, STOPPED, FAILED, TIMEOUT\]"
_CRAWL_STATES = r"\[SUCCEEDED, FAILED, CANCELLED\]"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (predicate(), "Conditions cannot be null or empty"),
        ({"Logical": "ANY"}, "Conditions cannot be null or empty"),
        # the sentences of AWS, and what to do
        (
            predicate(job("a"), job("b")),
            "Logical operator cannot be null or empty when more than one condition is present",
        ),
        (
            predicate({"JobName": "a", "State": "SUCCEEDED"}),
            "^Logical operator cannot be null or empty. Set LogicalOperator to EQUALS",
        ),
        (predicate(job("a", "RUNNING")), f"JobRunState should be any of: {_JOB_STATES}"),
        # an ERROR is no end that a trigger listens for
        (predicate(job("a", "ERROR")), "JobRunState should be any of"),
        (predicate(job("a", "EXPIRED")), "JobRunState should be any of"),
        (predicate(crawler("a", "RUNNING")), f"CrawlerState should be any of: {_CRAWL_STATES}"),
        (predicate(crawler("a", "STOPPED")), "CrawlerState should be any of"),
        # what people write when they have read only of State
        (
            predicate({"LogicalOperator": "EQUALS", "CrawlerName": "c", "State": "SUCCEEDED"}),
            "State cannot be null or empty, choose from one of the following crawler state: "
            f"{_CRAWL_STATES}. The state of a crawler is the member CrawlState",
        ),
        (
            predicate({"LogicalOperator": "EQUALS", "JobName": "a", "CrawlState": "SUCCEEDED"}),
            "choose from one of the following job state",
        ),
        (predicate(job("a", CrawlerName="c")), "cannot be set together in a condition"),
        (predicate({"LogicalOperator": "EQUALS", "State": "FAILED"}), "JobName or CrawlerName"),
        (predicate(job("a"), {}, logical="AND"), "JobName or CrawlerName"),  # the second as well
    ],
)
def test_a_predicate_that_cannot_be_met_is_refused(asked: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        check_predicate(asked)


@pytest.mark.parametrize(
    "asked",
    [
        predicate(job("a")),
        predicate(job("a"), job("b", "TIMEOUT"), logical="AND"),
        predicate(
            *(job("a", state) for state in ("SUCCEEDED", "STOPPED", "FAILED")), logical="ANY"
        ),
        predicate(
            job("a"), *(crawler("c", state) for state in ("FAILED", "CANCELLED")), logical="ANY"
        ),
    ],
)
def test_what_can_be_met_is_taken(asked: dict[str, Any]) -> None:
    check_predicate(asked)
