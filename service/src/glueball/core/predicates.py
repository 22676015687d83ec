"""Predicates of conditional triggers: which ends of jobs and crawlers let them fire.

https://docs.aws.amazon.com/glue/latest/webapi/API_Predicate.html and API_Condition.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

#: of what is watched: JOB or CRAWLER, and its name
Watched = tuple[str, str]


def watched(predicate: Mapping[str, Any]) -> Iterator[Watched]:
    """Name everything that the conditions of a predicate speak of."""
    for condition in predicate.get("Conditions", ()):
        yield _watched(condition)


def is_met(predicate: Mapping[str, Any], states: Mapping[Watched, str]) -> bool:
    """Tell whether a predicate is met.

    Args:
        predicate: AWS's `Predicate`; `Logical` is AND unless it says ANY.
        states: how what it watches has ended last; nothing for what has not.
    """
    results = [_holds(condition, states) for condition in predicate.get("Conditions", ())]
    return any(results) if predicate.get("Logical") == "ANY" else bool(results) and all(results)


def satisfying(predicate: Mapping[str, Any], states: Mapping[Watched, str]) -> list[Watched]:
    """Name what has ended as a condition asks, each once, in order of the conditions."""
    found = [
        _watched(condition)
        for condition in predicate.get("Conditions", ())
        if _holds(condition, states)
    ]
    return list(dict.fromkeys(found))


def _watched(condition: Mapping[str, Any]) -> Watched:
    if "CrawlerName" in condition:
        return "CRAWLER", condition["CrawlerName"]
    return "JOB", condition["JobName"]


def _holds(condition: Mapping[str, Any], states: Mapping[Watched, str]) -> bool:
    wanted = condition.get("CrawlState") or condition.get("State")
    return states.get(_watched(condition)) == wanted
