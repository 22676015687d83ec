"""Actions of triggers: what starts when one fires.

https://docs.aws.amazon.com/glue/latest/webapi/API_Action.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from glueball.core.errors import InvalidInput, ResourceNumberLimitExceeded
from glueball.core.jobs import MAX_TIMEOUT_MINUTES, check_arguments

#: AWS's quota "Max jobs per trigger"
MAX_JOBS = 50
#: "Only two crawlers can be activated by a single trigger" (about-triggers.html)
MAX_CRAWLERS = 2


def check_actions(actions: Sequence[Mapping[str, Any]]) -> None:
    """Check the actions of a trigger.

    Args:
        actions: AWS's `Action` shapes.

    Raises:
        InvalidInput: there is none, or one could never be carried out.
        ResourceNumberLimitExceeded: there are more jobs than AWS lets a trigger start.
    """
    if not actions:
        raise InvalidInput(
            "Actions cannot be null or empty: name the jobs that the trigger shall start."
        )
    for action in actions:
        _check_action(action)
    jobs = sum("JobName" in action for action in actions)
    if jobs > MAX_JOBS:
        raise ResourceNumberLimitExceeded(
            f"A trigger can start {MAX_JOBS} jobs, and these are {jobs}. Divide them among several "
            "triggers."
        )
    if len(actions) - jobs > MAX_CRAWLERS:
        raise InvalidInput(
            "Actions cannot contain more than two crawlers. Give one crawler several targets, or "
            "divide them among several triggers."
        )


def started_jobs(actions: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Name the jobs that actions start, in their order."""
    return (action["JobName"] for action in actions if "JobName" in action)


def _check_action(action: Mapping[str, Any]) -> None:
    if "JobName" in action and "CrawlerName" in action:
        raise InvalidInput(
            "Both JobName or CrawlerName cannot be set together in an action. Write an action for "
            "each of them."
        )
    if "JobName" not in action and "CrawlerName" not in action:
        raise InvalidInput("An action names what it starts: set JobName or CrawlerName.")
    timeout = action.get("Timeout", 1)
    if not 1 <= timeout <= MAX_TIMEOUT_MINUTES:
        raise InvalidInput(
            f"Timeout must be between 1 and {MAX_TIMEOUT_MINUTES} minutes; it is {timeout}."
        )
    check_arguments(action.get("Arguments", {}))
