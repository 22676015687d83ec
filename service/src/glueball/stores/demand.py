"""Past demand, as the forecast looks back at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from glueball.core.crawls import OWN_SCHEDULE, is_own_schedule
from glueball.core.runs import RunState, script_seconds
from glueball.stores.lookups import Lookup
from glueball.stores.orchestration_tables import firings, triggers
from glueball.stores.tables import runs

#: how many rows are looked at beyond the first that is too old: clocks step, so order of arrival is
#: not quite order of time
_TOO_OLD = 1000

_in_chain_of_schedule = (
    sa.exists()
    .where(
        firings.c.chain_id == runs.c.chain_id,
        triggers.c.name == firings.c.trigger_name,
        triggers.c.schedule.is_not(None),
    )
    .correlate(runs)
)
_by_own_schedule = sa.func.coalesce(runs.c.trigger_name, "").startswith(OWN_SCHEDULE)
_PAST = sa.select(
    runs.c.job_name,
    runs.c.execution_class,
    runs.c.state,
    runs.c.dpus,
    runs.c.submitted,
    runs.c.started,
    runs.c.running,
    runs.c.completed,
    runs.c.flex_delay,
    runs.c.ran_seconds,
    sa.or_(_by_own_schedule, _in_chain_of_schedule).label("by_schedule"),
).order_by(runs.c.sequence.desc())
_CHAIN = Lookup(
    sa.select(firings.c.trigger_name)
    .join(triggers, triggers.c.name == firings.c.trigger_name)
    .where(firings.c.chain_id == sa.bindparam("chain"), triggers.c.schedule.is_not(None))
    .limit(1)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PastDemand:
    """A run that has ended; times in epoch seconds."""

    job_name: str
    execution_class: str
    succeeded: bool
    dpus: float
    submitted: float
    started: float | None
    running: float | None
    completed: float
    #: seconds that it waited because FLEX held what it needed
    flex_delay: float | None
    ran_seconds: float | None
    by_schedule: bool  #: as `began_by_schedule` tells it

    @property
    def execution_seconds(self) -> float | None:
        """Seconds that the script ran; None if it never began."""
        return script_seconds(self.ran_seconds, self.running, self.completed)


def ended_since(connection: sa.Connection, since: float) -> Iterator[PastDemand]:
    """Give the runs that were submitted from `since` on (epoch seconds) and have ended, the newest
    first; what is older is hardly read."""
    too_old = 0
    for row in connection.execute(_PAST):
        if row.submitted < since:
            too_old += 1
            if too_old > _TOO_OLD:
                return
        elif row.completed is not None:
            values = dict(row._mapping)
            succeeded = values.pop("state") == RunState.SUCCEEDED.value
            yield PastDemand(succeeded=succeeded, **values)


def began_by_schedule(
    connection: sa.Connection, chain_id: str | None, trigger_name: str | None
) -> bool:
    """Tell whether a schedule told of a run beforehand: that of its crawler, or that of the trigger
    with which its chain began.

    Args:
        chain_id: the run's.
        trigger_name: what started the run.
    """
    if is_own_schedule(trigger_name):
        return True
    return chain_id is not None and _CHAIN.first(connection, chain=chain_id) is not None
