"""Chains of triggers that belong to no workflow."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
import sqlalchemy as sa

from glueball.core.predicates import is_met
from glueball.core.runs import Run, RunState
from glueball.core.triggers import Trigger, TriggerState
from glueball.orchestration.account import Account
from glueball.orchestration.chains import fire_now
from glueball.orchestration.endings import follow, notice
from glueball.orchestration.starts import Origin, start_run
from glueball.stores import jobs, runs, triggers
from glueball.stores.orchestration_tables import condition_marks
from glueball.stores.triggers import Mark
from support.runs import BASE_TIME
from support.workflows import (
    active,
    add_job,
    add_started,
    add_triggers,
    add_workflow,
    end,
    make_trigger,
    start,
    states,
    the_run,
)


def trigger(name: str, **changes: Any) -> Trigger:
    return make_trigger(name, **{"workflow": None, **changes})


def keep(connection: sa.Connection, *of_chain: Trigger, without: str = "") -> None:
    """Keep triggers and what they start, but those `without`."""
    add_triggers(connection, *of_chain)
    add_started(connection, *of_chain, without=without)


def fire(connection: sa.Connection, account: Account, name: str, now: float = BASE_TIME) -> str:
    """Fire an on-demand trigger; return the chain that it begins."""
    found = triggers.get(connection, name)
    assert found is not None
    [*started] = fire_now(connection, account, found, now)
    chain_id = started[0].chain_id
    assert chain_id is not None
    return chain_id


def count_marks(connection: sa.Connection) -> int:
    query = sa.select(sa.func.count()).select_from(condition_marks)
    return int(connection.execute(query).scalar_one())


_CHAIN = (
    trigger("begin", starts="extract"),
    trigger("after-extract", after="extract", starts="transform"),
    trigger("after-transform", after="transform", starts="load"),
)
_FORK = trigger("begin", starts="a b")


def test_a_chain_goes_on_step_by_step(connection: sa.Connection, account: Account) -> None:
    keep(connection, *_CHAIN)
    chain = fire(connection, account, "begin")
    assert states(connection, chain) == [("extract", "WAITING")]
    extract = the_run(connection, chain, "extract")
    end(connection, account, extract, now=BASE_TIME + 60)
    transform = the_run(connection, chain, "transform")
    assert (transform.trigger_name, transform.due) == ("after-extract", BASE_TIME + 60)
    assert transform.document["PredecessorRuns"] == [{"JobName": "extract", "RunId": extract.id}]
    end(connection, account, transform, now=BASE_TIME + 120)
    end(connection, account, the_run(connection, chain, "load"), now=BASE_TIME + 180)
    assert states(connection, chain) == [
        ("extract", "SUCCEEDED"),
        ("transform", "SUCCEEDED"),
        ("load", "SUCCEEDED"),
    ]


@pytest.mark.parametrize(
    "ended", [RunState.FAILED, RunState.TIMEOUT, RunState.STOPPED, RunState.EXPIRED]
)
def test_a_chain_breaks_where_it_is_not_met(
    connection: sa.Connection, account: Account, ended: RunState
) -> None:
    keep(connection, *_CHAIN)
    chain = fire(connection, account, "begin")
    run = the_run(connection, chain, "extract")
    end_as(connection, account, run, ended)
    assert states(connection, chain) == [("extract", ended.value)]


def end_as(connection: sa.Connection, account: Account, run: Run, ended: RunState) -> None:
    """Let a waiting run end in any state, by the way that leads there."""
    if ended is RunState.TIMEOUT:
        runs.start(connection, run.id, now=BASE_TIME, dpus=1.0, memory_mb=1, detail=None)
        runs.change(connection, current(connection, run), to=RunState.STOPPING, now=BASE_TIME)
    if ended in (RunState.TIMEOUT, RunState.EXPIRED):
        before = current(connection, run)
        assert runs.change(connection, before, to=ended, now=BASE_TIME)
        follow(connection, account, before, ended, BASE_TIME)
    else:
        end(connection, account, run, ended)


def current(connection: sa.Connection, run: Run) -> Run:
    found = runs.get(connection, run.id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("waits_for", "ended", "fires"),
    [
        (wanted, ended, wanted == ended)
        for wanted, ended in itertools.product(["SUCCEEDED", "FAILED", "STOPPED"], repeat=2)
    ],
)
def test_a_trigger_waits_for_its_state(
    connection: sa.Connection, account: Account, waits_for: str, ended: str, fires: bool
) -> None:
    keep(
        connection,
        trigger("begin", starts="a"),
        trigger("then", after=f"a:{waits_for}", starts="b"),
    )
    chain = fire(connection, account, "begin")
    end(connection, account, the_run(connection, chain, "a"), RunState(ended))
    assert (len(states(connection, chain)) == 2) is fires


@pytest.mark.parametrize("first", ["a", "b"])
def test_and_waits_for_both_whichever_ends_first(
    connection: sa.Connection, account: Account, first: str
) -> None:
    keep(connection, _FORK, trigger("join", after="a b", starts="c"))
    chain = fire(connection, account, "begin")
    second = "b" if first == "a" else "a"
    end(connection, account, the_run(connection, chain, first))
    assert len(states(connection, chain)) == 2
    end(connection, account, the_run(connection, chain, second))
    c = the_run(connection, chain, "c")
    assert [one["JobName"] for one in c.document["PredecessorRuns"]] == ["a", "b"]


def test_and_mixes_no_chains(connection: sa.Connection, account: Account) -> None:
    keep(connection, _FORK, trigger("join", after="a b", starts="c"))
    one = fire(connection, account, "begin")
    other = fire(connection, account, "begin", BASE_TIME + 1)
    end(connection, account, the_run(connection, one, "a"))
    end(connection, account, the_run(connection, other, "b"))
    assert len(states(connection, one)) == len(states(connection, other)) == 2
    end(connection, account, the_run(connection, other, "a"))
    assert states(connection, other)[-1] == ("c", "WAITING")
    assert len(states(connection, one)) == 2


def test_and_is_not_met_by_a_failure(connection: sa.Connection, account: Account) -> None:
    keep(connection, _FORK, trigger("join", after="a b", starts="c"))
    chain = fire(connection, account, "begin")
    end(connection, account, the_run(connection, chain, "a"), RunState.FAILED)
    end(connection, account, the_run(connection, chain, "b"))
    assert states(connection, chain) == [("a", "FAILED"), ("b", "SUCCEEDED")]
    assert count_marks(connection) == 0, "what was seen in a chain that is over is forgotten"


def test_any_fires_for_each_end(connection: sa.Connection, account: Account) -> None:
    keep(connection, _FORK, trigger("any", after="a b", logical="ANY", starts="c"))
    chain = fire(connection, account, "begin")
    end(connection, account, the_run(connection, chain, "a"))
    c = the_run(connection, chain, "c")
    assert [one["JobName"] for one in c.document["PredecessorRuns"]] == ["a"]
    end(connection, account, the_run(connection, chain, "b"))
    assert [name for name, _ in states(connection, chain)] == ["a", "b", "c", "c"]


def test_and_that_has_fired_waits_for_both_again(
    connection: sa.Connection, account: Account
) -> None:
    """A circle outside of a workflow is a loop that somebody asked for: each job really runs."""
    keep(
        connection,
        _FORK,
        trigger("join", after="a b", starts="c"),
        trigger("again", after="c", starts="a b"),
    )
    chain = fire(connection, account, "begin")
    for _ in range(3):
        end(connection, account, the_run(connection, chain, "a"))
        end(connection, account, the_run(connection, chain, "b"))
        end(connection, account, the_run(connection, chain, "c"))
    names = [name for name, _ in states(connection, chain)]
    assert names == ["a", "b", "c"] * 3 + ["a", "b"]


def test_the_last_end_of_a_job_counts(connection: sa.Connection, account: Account) -> None:
    keep(
        connection,
        _FORK,
        trigger("repair", after="a:FAILED", starts="mend"),
        trigger("repeat", after="mend", starts="a"),
        trigger("join", after="a b", starts="c"),
    )
    chain = fire(connection, account, "begin")
    end(connection, account, the_run(connection, chain, "a"), RunState.FAILED)
    end(connection, account, the_run(connection, chain, "b"))
    end(connection, account, the_run(connection, chain, "mend"))
    end(connection, account, the_run(connection, chain, "a"))
    assert states(connection, chain)[-1] == ("c", "WAITING")


def test_a_retry_comes_before_what_waits(connection: sa.Connection, account: Account) -> None:
    keep(
        connection,
        trigger("begin", starts="a"),
        trigger("then", after="a", starts="b"),
        trigger("alarm", after="a:FAILED", starts="c"),
        without="a",
    )
    add_job(connection, "a", MaxRetries=1)
    for last, follower in ((RunState.SUCCEEDED, "b"), (RunState.FAILED, "c")):
        chain = fire(connection, account, "begin")
        end(connection, account, the_run(connection, chain, "a"), RunState.FAILED)
        assert states(connection, chain) == [("a", "FAILED"), ("a", "WAITING")]
        retry = the_run(connection, chain, "a")
        assert (retry.attempt, retry.trigger_name) == (1, "begin")
        end(connection, account, retry, last)
        followed = the_run(connection, chain, follower)
        assert followed.document["PredecessorRuns"] == [{"JobName": "a", "RunId": retry.id}]
        assert len(states(connection, chain)) == 3


def test_what_somebody_starts_by_hand_fires_nothing(
    connection: sa.Connection, account: Account
) -> None:
    """Dependents start "if the job which completes was started by a trigger"; else they do not."""
    keep(connection, *_CHAIN)
    job = jobs.get(connection, "extract")
    assert job is not None
    run = start_run(connection, account, job, {}, Origin(due=BASE_TIME), BASE_TIME)
    end(connection, account, run)
    assert not runs.any_waits(connection)
    assert count_marks(connection) == 0


@pytest.mark.parametrize("state", [TriggerState.CREATED, TriggerState.DEACTIVATED])
def test_a_trigger_that_is_not_active_does_not_fire(
    connection: sa.Connection, account: Account, state: TriggerState
) -> None:
    keep(
        connection,
        trigger("begin", starts="a"),
        trigger("then", after="a", starts="b", state=state),
    )
    chain = fire(connection, account, "begin")
    end(connection, account, the_run(connection, chain, "a"))
    assert states(connection, chain) == [("a", "SUCCEEDED")]
    assert count_marks(connection) == 0


def test_workflows_and_the_world_outside_do_not_hear_each_other(
    connection: sa.Connection, account: Account
) -> None:
    """Each job's own triggers fire: those of the workflow that started it, or those outside
    (blueprint_workflow_restrictions.html)."""
    workflow = add_workflow(connection)
    keep(
        connection,
        trigger("begin-inside", starts="a", workflow="w"),
        trigger("inside", after="a", starts="b", workflow="w"),
        trigger("begin-outside", starts="a"),
        trigger("outside", after="a", starts="c"),
    )
    inner = start(connection, account, workflow)
    outer = fire(connection, account, "begin-outside")
    end(connection, account, the_run(connection, inner, "a"))
    end(connection, account, the_run(connection, outer, "a"))
    assert [name for name, _ in states(connection, inner)] == ["a", "b"]
    assert [name for name, _ in states(connection, outer)] == ["a", "c"]


def test_a_deleted_job_leaves_a_run_in_error(connection: sa.Connection, account: Account) -> None:
    keep(
        connection,
        trigger("begin", starts="a"),
        trigger("then", after="a", starts="gone"),
        trigger("last", after="gone:FAILED", starts="b"),
        without="gone",
    )
    chain = fire(connection, account, "begin")
    end(connection, account, the_run(connection, chain, "a"), now=BASE_TIME + 5)
    gone = the_run(connection, chain, "gone")
    assert (gone.state, gone.trigger_name) == (RunState.ERROR, "then")
    assert (gone.due, gone.completed) == (BASE_TIME + 5, BASE_TIME + 5)
    assert gone.error_message == "Job with name: gone not found."
    # ERROR is not FAILED: no trigger listens for it
    assert states(connection, chain) == [("a", "SUCCEEDED"), ("gone", "ERROR")]


def refuse(connection: sa.Connection, *names: str) -> None:
    """Keep jobs that can be defined and never be started."""
    for name in names:
        add_job(connection, name, Command={"Name": "pythonshell"})  # without a script


def test_a_run_that_fails_at_once_is_followed(connection: sa.Connection, account: Account) -> None:
    keep(
        connection,
        trigger("begin", starts="a"),
        trigger("alarm", after="a:FAILED", starts="b"),
        trigger("alarm-2", after="b:FAILED", starts="c"),
        without="a b",
    )
    refuse(connection, "a", "b")
    chain = fire(connection, account, "begin")
    assert states(connection, chain) == [("a", "FAILED"), ("b", "FAILED"), ("c", "WAITING")]
    c = the_run(connection, chain, "c")
    b = the_run(connection, chain, "b")
    assert c.document["PredecessorRuns"] == [{"JobName": "b", "RunId": b.id}]


def test_jobs_that_fail_at_once_go_round_in_no_circle(
    connection: sa.Connection, account: Account
) -> None:
    keep(
        connection,
        trigger("begin", starts="a"),
        trigger("there", after="a:FAILED", starts="b"),
        trigger("back", after="b:FAILED", starts="a"),
        without="a b",
    )
    refuse(connection, "a", "b")
    chain = fire(connection, account, "begin")
    assert [name for name, _ in states(connection, chain)] == ["a", "b", "a"]
    assert {state for _, state in states(connection, chain)} == {"FAILED"}


def test_a_join_of_runs_that_fail_at_once(connection: sa.Connection, account: Account) -> None:
    keep(
        connection,
        _FORK,
        trigger("both", after="a:FAILED b:FAILED", starts="c"),
        trigger("any", after="a:FAILED b:FAILED", logical="ANY", starts="d"),
        without="a b",
    )
    refuse(connection, "a", "b")
    chain = fire(connection, account, "begin")
    # once each: no job ran between
    assert sorted(states(connection, chain)[2:]) == [("c", "WAITING"), ("d", "WAITING")]


def test_a_thousand_failures_one_after_the_other(
    connection: sa.Connection, account: Account
) -> None:
    length = 1000
    chain_of = [trigger("begin", starts="job-0")]
    for number in range(1, length):
        after = f"job-{number - 1}:FAILED"
        chain_of.append(trigger(f"t-{number}", after=after, starts=f"job-{number}"))
    add_triggers(connection, *chain_of)
    refuse(connection, *(f"job-{number}" for number in range(length)))
    chain = fire(connection, account, "begin")
    assert [name for name, _ in states(connection, chain)] == [
        f"job-{number}" for number in range(length)
    ]


def test_branches_that_fail_at_once_do_not_multiply(
    connection: sa.Connection, account: Account
) -> None:
    layers, width = 12, 4
    names = [[f"job-{layer}-{one}" for one in range(width)] for layer in range(layers)]
    add_triggers(connection, trigger("begin", starts=" ".join(names[0])))
    for before, layer in itertools.pairwise(names):
        for name in layer:
            after = " ".join(f"{one}:FAILED" for one in before)
            add_triggers(connection, trigger(f"t-{name}", after=after, logical="ANY", starts=name))
    refuse(connection, *itertools.chain.from_iterable(names))
    chain = fire(connection, account, "begin")
    assert len(states(connection, chain)) == layers * width, "each trigger has fired once"


def test_the_end_of_a_crawl_is_heard(connection: sa.Connection, account: Account) -> None:
    condition = {"LogicalOperator": "EQUALS", "CrawlerName": "c", "CrawlState": "SUCCEEDED"}
    predicate = {"Conditions": [condition]}
    listens = trigger("then", after="c", starts="a")
    document = {**listens.document, "Predicate": predicate}
    keep(connection, trigger("then", after="c", starts="a", document=document))
    for kind, state in (("JOB", "SUCCEEDED"), ("CRAWLER", "FAILED"), ("CRAWLER", "SUCCEEDED")):
        assert not runs.any_waits(connection)
        mark = Mark(kind=kind, name="c", state=state, run_id="1")
        notice(connection, account, "tc_1", mark, BASE_TIME)
    assert states(connection, "tc_1") == [("a", "WAITING")]
    assert "PredecessorRuns" not in the_run(connection, "tc_1", "a").document


def test_a_crawler_that_is_not_there_is_no_job(connection: sa.Connection, account: Account) -> None:
    """It leaves a run in ERROR, which is not taken for one of a job of the same name."""
    add_triggers(
        connection,
        trigger(
            "begin",
            document={
                "Actions": [{"JobName": "sales"}, {"CrawlerName": "sales"}, {"JobName": "b"}]
            },
        ),
        trigger("join", after="sales b", starts="c"),
    )
    for name in ("sales", "b", "c"):
        add_job(connection, name)
    chain = fire(connection, account, "begin")
    end(connection, account, the_run(connection, chain, "sales"))
    end(connection, account, the_run(connection, chain, "b"))
    assert ("c", "WAITING") in states(connection, chain)
    of_job = runs.page(connection, job_name="sales", before=None, limit=9)
    assert [run.state for _, run in of_job] == [RunState.SUCCEEDED]


def test_what_was_seen_is_kept_as_long_as_the_chain_lives(
    connection: sa.Connection, account: Account
) -> None:
    keep(connection, _FORK, trigger("join", after="a b", starts="c"))
    chain = fire(connection, account, "begin")
    end(connection, account, the_run(connection, chain, "a"))
    assert count_marks(connection) == 1
    end(connection, account, the_run(connection, chain, "b"))
    assert count_marks(connection) == 0
    end(connection, account, the_run(connection, chain, "c"))
    assert count_marks(connection) == 0


@pytest.mark.parametrize("seed", range(25))
def test_chains_go_on_as_a_model_of_them_does(
    connection: sa.Connection, account: Account, seed: int
) -> None:
    """Random triggers over six jobs, two chains at once, ends in random order."""
    chance = random.Random(seed)
    jobs_of = [f"job-{number}" for number in range(6)]
    endings = [RunState.SUCCEEDED, RunState.FAILED, RunState.STOPPED]
    listening = []
    for number in range(8):
        later = chance.randrange(2, 6)
        watches = chance.sample(jobs_of[:later], chance.randrange(1, min(later, 3) + 1))
        after = " ".join(f"{name}:{chance.choice(endings[:2])}" for name in watches)
        logical = chance.choice(["AND", "ANY"])
        listening.append(trigger(f"t{number}", after=after, logical=logical, starts=jobs_of[later]))
    keep(connection, trigger("begin", starts="job-0 job-1"), *listening)
    for name in jobs_of:
        if jobs.get(connection, name) is None:
            add_job(connection, name)
    chains = [fire(connection, account, "begin") for _ in range(2)]
    seen: dict[tuple[str, str], dict[tuple[str, str], str]] = {}
    expected = {chain: ["job-0", "job-1"] for chain in chains}
    while alive := [run for chain in chains for run in active(connection, chain)]:
        run, ended = chance.choice(alive), chance.choice(endings)
        assert run.chain_id is not None
        for one in listening:
            if ("JOB", run.job_name) in one.watched:
                marks = seen.setdefault((run.chain_id, one.name), {})
                marks["JOB", run.job_name] = ended.value
                if is_met(one.document["Predicate"], marks):
                    marks.clear()
                    expected[run.chain_id] += [action["JobName"] for action in one.actions]
        end(connection, account, run, ended)
        for chain in chains:
            found = [name for name, _ in states(connection, chain)]
            assert found == expected[chain], f"seed {seed}"
    assert count_marks(connection) == 0
