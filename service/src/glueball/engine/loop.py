"""The one loop: look at the processes, write what follows, let waiting runs start, act.

Everything is decided and committed before anything is done, and every action may be repeated: a
service that dies between the two does the same on its next start.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Protocol, TypeVar

import sqlalchemy as sa

from glueball import failpoints
from glueball.core.capacity import Pool
from glueball.core.clock import Clock, Instant
from glueball.core.delay_notices import notice_due
from glueball.core.errors import GlueballError
from glueball.core.flex import FlexRules, Reserve
from glueball.core.maintenance import restart_due
from glueball.core.runs import TERMINAL, Run, RunState
from glueball.core.secret_names import masked
from glueball.engine.admission import Admission, Remarks
from glueball.engine.bell import Bell
from glueball.engine.outlook import Outlook
from glueball.engine.pace import Pace
from glueball.engine.progress import (
    Change,
    final_detail,
    held_dpu_seconds,
    next_change,
    timeout_due,
)
from glueball.launchers.launch import Launch, Lost, NotStarted, Observation
from glueball.orchestration import event_delivery, schedules
from glueball.orchestration.account import Account
from glueball.orchestration.announcements import announce_delays, delayed
from glueball.orchestration.endings import follow
from glueball.stores import runs
from glueball.stores.database import Database, translate

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")

#: how often the loop looks by itself: rings of the bell may be lost
_LOOK_SECONDS = 1.0
_IDLE_SECONDS = 30.0
#: of a processor that deciding may take while there is always something to decide
_SHARE = 0.2
_BURST_SECONDS = 0.1
#: the same while only requests ask for it: many of them then share one round, whose transaction
#: would hold up those that follow
_SHARE_FOR_REQUESTS = 0.05
_BURST_SECONDS_FOR_REQUESTS = 0.02
_MOST_REST_SECONDS = 0.5
#: how often the engine listens for runs while requests wait
_LISTEN_SECONDS = 0.02
_TROUBLE_SECONDS = 5.0
_FIRINGS_A_TRANSACTION = 200


class Launcher(Protocol):
    """What starts, watches and ends the processes of runs."""

    def start(self, launch: Launch) -> None: ...
    def observe(self, run_id: str) -> Observation: ...
    def stop(self, run_id: str) -> None: ...
    def sweep(self, live_run_ids: set[str]) -> None: ...
    def clean(self, run_id: str) -> None: ...


class Engine:
    """The loop and its thread.

    Args:
        reserve: what to keep for STANDARD; None: what the forecast says.
        flex_rules: how FLEX runs take their turn.
        flex_max_wait_seconds: after which a FLEX run that waits fails; 0: never.
        remarks: what a run's owner should know about where it will run; goes into StateDetail.
        prepare: makes the launch of a run that is STARTING.
        account: whose runs these are.
        catch_up_seconds: how late a scheduled trigger may still fire.
    """

    def __init__(
        self,
        *,
        database: Database,
        launcher: Launcher,
        clock: Clock,
        bell: Bell,
        pool: Pool,
        reserve: Reserve | None = None,
        flex_rules: FlexRules | None = None,
        flex_max_wait_seconds: float = 0.0,
        remarks: Remarks,
        prepare: Callable[[Run], Launch],
        account: Account,
        catch_up_seconds: float,
    ) -> None:
        self._database = database
        self._launcher = launcher
        self._clock = clock
        self._bell = bell
        self._admission = Admission(
            account=account,
            pool=pool,
            outlook=Outlook(reserve),
            remarks=remarks,
            rules=flex_rules or FlexRules(),
            flex_max_wait_seconds=flex_max_wait_seconds,
        )
        self._prepare = prepare
        self._account = account
        self._catch_up_seconds = catch_up_seconds
        #: what the clock showed when schedules were looked at last: an earlier service's may have
        #: been ahead
        self._looked = math.inf
        #: when the timeouts of runs are due, by the steady clock, as far as their processes were
        #: seen
        self._timeouts: dict[str, float] = {}
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()
        self._round = threading.Lock()  # held while a round is under way

    def start(self) -> None:
        """Run the loop in a thread of its own, beginning with what an earlier service left."""
        self._thread = threading.Thread(target=self._loop, name="engine", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the loop; runs go on, and the next service finds them."""
        self._ending.set()
        self._bell.ring()
        if self._thread is not None:
            self._thread.join()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Wait for the end of a round and let no other one begin meanwhile."""
        with self._round:
            yield

    def forget(self) -> None:
        """Begin anew after the store was emptied; call it while the engine is paused."""
        self._admission.forget()

    def step(self, rung: Collection[str] | None = None) -> float:
        """Do one round.

        Args:
            rung: ids of the runs whose processes told of a change; None looks at all runs.

        Returns:
            Seconds until the next round is due at the latest.
        """
        with self._round:
            return self._step(rung)

    def _step(self, rung: Collection[str] | None) -> float:
        instant = Instant.of(self._clock)
        now = instant.wall
        self._fire_schedules(now)
        self._deliver_events(now)
        with self._database.read() as connection:
            held = runs.holding(connection)
            waits = runs.any_waits(connection)
            self._admission.outlook.load(connection, now)
        if not held and not waits:
            return _idle(self._next_due(), self._clock.now())
        seen = {
            run.id: self._guarded(partial(self._look, run))
            for run in held
            if rung is None or run.id in rung or self._may_change_unheard(run, instant)
        }
        self._note_timeouts(held, seen, instant)
        changes = {
            run.id: change
            for run in held
            if (found := seen.get(run.id)) and (change := next_change(run, found, instant))
        }
        late = delayed([run for run in held if run.id not in changes], now)
        if changes or waits or late:
            with self._database.write_behind() as connection:
                announce_delays(connection, late, now)
                for run in held:
                    if run.id in changes:
                        self._change(connection, run, changes[run.id], now)
                self._admission.admit(connection, now)
                held = runs.holding(connection)
        if changes or any(run.id not in seen and run.state is RunState.STARTING for run in held):
            self._database.journal.sync()  # nothing is done that a power cut could undo
        failpoints.reach("engine.decided")
        self._act(held, seen, changes)
        for run_id, change in changes.items():
            if change.to in TERMINAL:
                self._guarded(partial(self._launcher.clean, run_id))
                failpoints.reach("engine.cleaned")
        if self._deliver_events(now):
            return 0.0
        return self._until_next(held, self._next_due())

    def _next_due(self) -> float | None:
        """Return when the next trigger fires or events are to be looked at; None for never."""
        with self._database.read() as connection:
            found = (
                schedules.next_due(connection),
                event_delivery.next_due(connection, self._clock.now()),
            )
        return min((due for due in found if due is not None), default=None)

    def _fire_schedules(self, now: float) -> None:
        """Fire the scheduled triggers and run the crawlers that are due, so many a transaction that
        requests get in between.

        It need not be durable yet: what a firing starts begins after the next decision, and one
        that a power cut undoes is due again.
        """
        if now < self._looked:
            with self._database.write() as connection:
                schedules.rewind(connection, now)
        self._looked = now
        while True:
            with self._database.read() as connection:
                due = schedules.next_due(connection)
            if due is None or due > now:
                return
            with self._database.write_behind() as connection:
                schedules.fire_due(
                    connection,
                    self._account,
                    now,
                    catch_up_seconds=self._catch_up_seconds,
                    most=_FIRINGS_A_TRANSACTION,
                )
            failpoints.reach("engine.fired")

    def _deliver_events(self, now: float) -> bool:
        """Deliver new events, and start what batches of them start; so many in a round.

        It need not be durable yet: what a run does because of it begins after the next decision.

        Returns:
            True when something was started.
        """
        with self._database.read() as connection:
            due = event_delivery.next_due(connection, now)
        if due is None or due > now:
            return False
        with self._database.write_behind() as connection:
            started = event_delivery.proceed(
                connection, self._account, now, most=_FIRINGS_A_TRANSACTION
            )
        failpoints.reach("engine.delivered")
        return started > 0

    def _note_timeouts(
        self, held: Sequence[Run], seen: Mapping[str, Observation | None], now: Instant
    ) -> None:
        known = self._timeouts
        self._timeouts = {}
        for run in held:
            if found := seen.get(run.id):
                due = timeout_due(run, found, now)
                self._timeouts[run.id] = math.inf if due is None else due
            elif run.id in known:
                self._timeouts[run.id] = known[run.id]

    def _may_change_unheard(self, run: Run, now: Instant) -> bool:
        """Tell whether a run may change although its processes told nothing of it."""
        return run.state is not RunState.RUNNING or now.steady >= self._timeouts.get(run.id, 0.0)

    def _until_next(self, held: Sequence[Run], next_due: float | None) -> float:
        now = Instant.of(self._clock)
        left = [
            self._timeouts.get(run.id, math.inf) - now.steady
            for run in held
            if run.state is not RunState.STOPPING
        ]
        walls = [next_due, *map(restart_due, held), *map(notice_due, held)]
        left += [due - now.wall for due in walls if due is not None]
        return max(0.0, min([_LOOK_SECONDS, *left]))

    def _look(self, run: Run) -> Observation:
        """Tell how a run's processes stand.

        One that is to end is told so first: a supervisor that comes late must not begin after
        nothing was seen of it. What a lost supervisor has left is ended.
        """
        if run.state is RunState.STOPPING:
            self._launcher.stop(run.id)
            failpoints.reach("engine.stopped")
        seen = self._launcher.observe(run.id)
        if isinstance(seen, Lost):
            self._launcher.stop(run.id)
            seen = self._launcher.observe(run.id)
        return seen

    def _change(self, connection: sa.Connection, run: Run, change: Change, now: float) -> None:
        changed = runs.change(
            connection,
            run,
            to=change.to,
            now=now,
            ended=change.ended,
            running=change.running if run.running is None else run.running,
            stop_cause=None if change.stop_cause is None else change.stop_cause.value,
            state_detail=final_detail(run, change, now),
            error_message=change.error_message and masked(change.error_message, run.document),
            dpu_seconds=held_dpu_seconds(run, change, now),
            ran_seconds=change.ran_seconds,
        )
        if changed and change.to in TERMINAL:
            follow(connection, self._account, run, change.to, now)

    def _act(
        self,
        held: Sequence[Run],
        seen: Mapping[str, Observation | None],
        changed: Collection[str],
    ) -> None:
        for run in held:
            if run.state is RunState.STOPPING and run.id in changed:
                self._guarded(partial(self._launcher.stop, run.id))
                failpoints.reach("engine.stopped")
            elif run.state is RunState.STARTING and isinstance(
                seen.get(run.id, NotStarted()), NotStarted
            ):
                self._guarded(partial(self._launch, run))
                failpoints.reach("engine.launched")

    def _launch(self, run: Run) -> None:
        try:
            self._launcher.start(self._prepare(run))
        except (GlueballError, OSError) as error:
            _log.warning("run %s cannot start: %s", run.id, masked(str(error), run.document))
            with self._database.write() as connection:
                failed = Change(to=RunState.FAILED, error_message=str(error))
                self._change(connection, run, failed, self._clock.now())

    def _loop(self) -> None:
        self._guarded(self._sweep)
        pace = _pace(_SHARE, _BURST_SECONDS)
        pace_for_requests = _pace(_SHARE_FOR_REQUESTS, _BURST_SECONDS_FOR_REQUESTS)
        rung: frozenset[str] = frozenset()
        looked = ended = time.monotonic()
        while not self._ending.is_set():
            at_all = not rung or ended - looked >= _LOOK_SECONDS  # a ring may have been lost
            looked = ended if at_all else looked
            worked = time.thread_time()
            seconds = self._guarded(partial(self.step, None if at_all else rung))
            worked, before, ended = time.thread_time() - worked, ended, time.monotonic()
            rest = pace.rest_seconds(worked, ended - before)
            patience = pace_for_requests.rest_seconds(worked, ended - before) - rest
            self._ending.wait(rest)
            rung = self._listen(patience, _TROUBLE_SECONDS if seconds is None else seconds)

    def _listen(self, patience: float, seconds: float) -> frozenset[str]:
        """Wait until a run or a request rings.

        Args:
            patience: seconds that requests have to wait if no run rings.
            seconds: until the next round is due in any case.

        Returns:
            Who rang; see `Bell.wait`.
        """
        began = time.monotonic()
        rung = self._bell.wait(seconds)
        while rung == {""} and not self._ending.is_set():
            left = min(patience, seconds) - (time.monotonic() - began)
            if left <= 0:
                break
            self._ending.wait(min(left, _LISTEN_SECONDS))
            rung |= self._bell.wait(0.0)
        return rung

    def _sweep(self) -> None:
        with self._database.read() as connection:
            live = {run.id for run in runs.holding(connection)}
        self._launcher.sweep(live)

    def _guarded(self, work: Callable[[], _Result]) -> _Result | None:
        """Do `work`; trouble (a full disk, say) is logged, and the loop tries again later.

        What is done for each run is guarded by itself: the trouble of one holds up no other.
        """
        try:
            return work()
        except Exception as error:
            known = error if isinstance(error, (GlueballError, OSError)) else translate(error)
            if known is None:
                _log.exception("the engine met a bug; it tries again later")
            else:
                _log.warning("the engine could not work; it tries again later: %s", known)
            return None


def _pace(share: float, burst_seconds: float) -> Pace:
    return Pace(share=share, burst_seconds=burst_seconds, most_rest_seconds=_MOST_REST_SECONDS)


def _idle(next_due: float | None, now: float) -> float:
    """Return how long there is nothing to do while no run is active.

    A schedule is looked for every second: the clock may be set forward meanwhile.
    """
    if next_due is None:
        return _IDLE_SECONDS
    return max(0.0, min(_LOOK_SECONDS, next_due - now))
