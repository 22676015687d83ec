"""Predicates of conditional triggers: which ends of jobs and crawlers let them fire.

https://docs.aws.amazon.com/glue/latest/webapi/API_Predicate.html and API_Condition.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from glueball.core.errors import InvalidInput

#: of what is watched: JOB or CRAWLER, and its name
Watched = tuple[str, str]

#: "the only job states that a trigger can listen for" (API_Condition)
JOB_STATES = ("SUCCEEDED", "STOPPED", "FAILED", "TIMEOUT")
CRAWL_STATES = ("SUCCEEDED", "FAILED", "CANCELLED")


def check_predicate(predicate: Mapping[str, Any]) -> None:
    """Check that a predicate can be met.

    Args:
        predicate: AWS's `Predicate`, of the types that its shape asks for.

    Raises:
        InvalidInput: it has no condition, or one that no end of a job or crawler meets.
    """
    conditions = predicate.get("Conditions") or []
    if not conditions:
        raise InvalidInput(
            "Conditions cannot be null or empty: a predicate names at least one job or crawler "
            "whose end it waits for."
        )
    if len(conditions) > 1 and not predicate.get("Logical"):
        raise InvalidInput(
            "Logical operator cannot be null or empty when more than one condition is present. "
            "Set Predicate.Logical to AND or ANY."
        )
    for condition in conditions:
        _check_condition(condition)


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


def _check_condition(condition: Mapping[str, Any]) -> None:
    if "JobName" in condition and "CrawlerName" in condition:
        raise InvalidInput(
            "Both JobName or CrawlerName cannot be set together in a condition. Write a condition "
            "for each of them."
        )
    if "JobName" not in condition and "CrawlerName" not in condition:
        raise InvalidInput("A condition names what it waits for: set JobName or CrawlerName.")
    if not condition.get("LogicalOperator"):
        raise InvalidInput(
            "Logical operator cannot be null or empty. Set LogicalOperator to EQUALS in each "
            "condition."
        )
    if "CrawlerName" in condition:
        _check_state(condition, "crawler", "CrawlState", "CrawlerState", CRAWL_STATES)
    else:
        _check_state(condition, "job", "State", "JobRunState", JOB_STATES)


def _check_state(
    condition: Mapping[str, Any], kind: str, member: str, told: str, states: tuple[str, ...]
) -> None:
    """Check the state that a condition asks for.

    Args:
        kind: of what it watches: job or crawler.
        member: where the state of this kind stands.
        told: what AWS calls that member in its errors.
        states: what may stand there.
    """
    allowed = f"[{', '.join(states)}]"
    if member not in condition:
        raise InvalidInput(
            f"State cannot be null or empty, choose from one of the following {kind} state: "
            f"{allowed}. The state of a {kind} is the member {member}."
        )
    if condition[member] not in states:
        raise InvalidInput(f"{told} should be any of: {allowed}; it is {condition[member]}.")


def _watched(condition: Mapping[str, Any]) -> Watched:
    if "CrawlerName" in condition:
        return "CRAWLER", condition["CrawlerName"]
    return "JOB", condition["JobName"]


def _holds(condition: Mapping[str, Any], states: Mapping[Watched, str]) -> bool:
    member = "CrawlState" if "CrawlerName" in condition else "State"
    wanted: str = condition[member]
    return states.get(_watched(condition)) == wanted
