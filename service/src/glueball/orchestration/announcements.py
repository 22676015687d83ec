"""What is announced of runs: written into the outbox in the transaction of what happened."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from glueball.core.crawl_events import crawl_ended
from glueball.core.crawls import crawler_of
from glueball.core.delay_notices import delay_minutes, notice_due
from glueball.core.events import Event, delay, state_change
from glueball.core.runs import Run
from glueball.stores import crawlers, events, runs


def announce_end(connection: sa.Connection, run_id: str, now: float) -> None:
    """Announce the state that a run has ended in. To do so twice announces it once.

    Args:
        now: epoch seconds.
    """
    run = runs.get(connection, run_id)
    event = None if run is None else _end(connection, run, now)
    if event is not None:
        events.append(connection, event)


def _end(connection: sa.Connection, run: Run, now: float) -> Event | None:
    if crawler_of(run) is None:
        return state_change(run, now)
    return crawl_ended(run, crawlers.reports(connection, [run.id]).get(run.id), now)


def delayed(started: Iterable[Run], now: float) -> list[Run]:
    """Return those runs of which it is to be announced that they last too long."""
    return [run for run in started if (due := notice_due(run)) is not None and due <= now]


def announce_delays(connection: sa.Connection, late: Iterable[Run], now: float) -> None:
    """Announce of runs that they last longer than their NotifyDelayAfter.

    Args:
        late: what `delayed` returned.
    """
    for run in late:
        events.append(connection, delay(run, delay_minutes(run) or 0, now))
        runs.set_notified(connection, run.id, now)
