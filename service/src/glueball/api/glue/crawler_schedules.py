"""Schedules of crawlers.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-scheduler.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.glue.crawlers import existing
from glueball.core import crawlers as rules
from glueball.core.crawlers import Crawler
from glueball.stores import crawlers

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        StartCrawlerScheduleRequestTypeDef,
        StopCrawlerScheduleRequestTypeDef,
        UpdateCrawlerScheduleRequestTypeDef,
    )


def update_crawler_schedule(
    context: Context, request: UpdateCrawlerScheduleRequestTypeDef
) -> dict[str, Any]:
    """Give a crawler a schedule, in force from now on; an empty one takes it away."""
    now, schedule = context.clock.now(), request.get("Schedule")
    return _change(
        context, request["CrawlerName"], lambda one: rules.with_schedule(one, schedule, now)
    )


def start_crawler_schedule(
    context: Context, request: StartCrawlerScheduleRequestTypeDef
) -> dict[str, Any]:
    """Put a crawler's schedule in force.

    Raises:
        NoSchedule: it has none.
        SchedulerRunning: it is in force.
    """
    now = context.clock.now()
    return _change(context, request["CrawlerName"], lambda one: rules.start_schedule(one, now))


def stop_crawler_schedule(
    context: Context, request: StopCrawlerScheduleRequestTypeDef
) -> dict[str, Any]:
    """Let a crawler's schedule rest; a crawl that goes on does so.

    Raises:
        SchedulerNotRunning: it has none in force.
    """
    return _change(context, request["CrawlerName"], rules.stop_schedule)


def _change(context: Context, name: str, change: Callable[[Crawler], Crawler]) -> dict[str, Any]:
    with context.database.write_behind() as connection:
        crawlers.replace(connection, change(existing(connection, name)))
    context.wake()
    return {}
