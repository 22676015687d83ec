"""Small workflows, and every way in which their jobs can end."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from glueball.core.runs import RunState
from glueball.core.triggers import Trigger
from glueball.orchestration.account import Account
from support.workflows import active, end, make_trigger, undone

_CHAIN = (make_trigger("t1", starts="a"), make_trigger("t2", after="a", starts="b"))

#: name -> triggers of a workflow, in which the first one begins
GRAPHS: dict[str, tuple[Trigger, ...]] = {
    "one job": (make_trigger("t1", starts="a"),),
    "a chain of three": (*_CHAIN, make_trigger("t3", after="b", starts="c")),
    "two jobs join": (
        make_trigger("t1", starts="a b"),
        make_trigger("t2", after="a b", starts="c"),
    ),
    "three jobs join": (
        make_trigger("t1", starts="a b c"),
        make_trigger("t2", after="a b c", starts="d"),
    ),
    "a diamond": (
        make_trigger("t1", starts="a"),
        make_trigger("t2", after="a", starts="b"),
        make_trigger("t3", after="a", starts="c"),
        make_trigger("t4", after="b c", starts="d"),
    ),
    "a join over two levels": (
        *_CHAIN,
        make_trigger("t3", after="a b", starts="c"),
    ),
    "two joins of the same jobs": (
        make_trigger("t1", starts="a b"),
        make_trigger("t2", after="a b", starts="c"),
        make_trigger("t3", after="a b", starts="d"),
    ),
    "good and bad ends part": (
        make_trigger("t1", starts="a"),
        make_trigger("t2", after="a", starts="b"),
        make_trigger("t3", after="a:FAILED", starts="c"),
    ),
    "a join of a success and a failure": (
        make_trigger("t1", starts="a b"),
        make_trigger("t2", after="a b:FAILED", starts="c"),
    ),
    "either state of a job": (
        make_trigger("t1", starts="a"),
        make_trigger("t2", after="a a:FAILED", starts="b", logical="ANY"),
    ),
    "a job that is gone": (
        make_trigger("t1", starts="a gone"),
        make_trigger("t2", after="a", starts="b gone"),
        make_trigger("t3", after="b", starts="c"),
    ),
    "a join behind a join": (
        make_trigger("t1", starts="a b"),
        make_trigger("t2", after="a b", starts="c"),
        make_trigger("t3", after="b c", starts="d"),
    ),
}


def all_ways(
    connection: sa.Connection, account: Account, run_id: str, ended: dict[str, str], depth: int
) -> Iterator[dict[str, str]]:
    """Let each active run end in each way, and go on from there.

    Yields:
        How the jobs have ended so far, each time that another one has.
    """
    yield ended
    assert depth < 6
    for run in active(connection, run_id):
        assert run.job_name not in ended, "a job ran twice"
        for state in (RunState.SUCCEEDED, RunState.FAILED):
            with undone(connection, f"level{depth}"):
                end(connection, account, run, state)
                now_ended = {**ended, run.job_name: state.value}
                yield from all_ways(connection, account, run_id, now_ended, depth + 1)
