from __future__ import annotations

from typing import Any

import pytest

from glueball.api.context import Context
from glueball.api.glue import jobs, runs, triggers, workflow_runs, workflows
from glueball.core.errors import (
    ConcurrentRunsExceeded,
    EntityNotFound,
    IllegalWorkflowState,
    InvalidInput,
    ResourceNumberLimitExceeded,
)
from glueball.core.workflows import MAX_PROPERTIES_BYTES
from glueball.orchestration.workflow_runs import begin_unasked, script_arguments
from glueball.stores import runs as run_store
from glueball.stores import workflows as store
from support.runs import BASE_TIME
from support.workflow_operations import (
    chain,
    create,
    finish,
    job_states,
    nodes,
    shown,
    start,
    statistics,
)
from support.workflows import add_job, add_triggers, end, make_trigger, the_run


def test_a_run_tells_who_started_each_job(context: Context) -> None:
    chain(context, "a", "b")
    run_id = start(context)
    finish(context, run_id, "a")
    found = nodes(shown(context, run_id)["Graph"])
    first, second = (found[name]["JobDetails"]["JobRuns"][0] for name in "ab")
    assert (first["TriggerName"], second["TriggerName"]) == ("t0", "t1")
    assert second["PredecessorRuns"] == [{"JobName": "a", "RunId": first["Id"]}]


def test_a_run_without_a_graph_is_short(context: Context) -> None:
    chain(context, "a")
    run_id = start(context)
    run = workflow_runs.get_workflow_run(context, {"Name": "w", "RunId": run_id})["Run"]
    assert run == {
        "Name": "w",
        "WorkflowRunId": run_id,
        "WorkflowRunProperties": {},
        "StartedOn": BASE_TIME,
        "Status": "RUNNING",
        "Statistics": run["Statistics"],
    }
    assert statistics(run) == {"TotalActions": 1, "WaitingActions": 1}


def test_actions_are_counted_by_how_they_stand(context: Context) -> None:
    chain(context, "a", "b", "c")
    run_id = start(context)
    counted = [statistics(shown(context, run_id))]
    finish(context, run_id, "a")
    counted.append(statistics(shown(context, run_id)))
    with context.database.write() as connection:
        run = the_run(connection, run_id, "b")
        run_store.start(connection, run.id, now=BASE_TIME, dpus=1.0, memory_mb=1, detail=None)
    counted.append(statistics(shown(context, run_id)))
    finish(context, run_id, "b", "FAILED")
    counted.append(statistics(shown(context, run_id)))
    assert counted == [
        {"TotalActions": 3, "WaitingActions": 1},
        {"TotalActions": 3, "SucceededActions": 1, "WaitingActions": 1},
        {"TotalActions": 3, "SucceededActions": 1, "RunningActions": 1},
        {"TotalActions": 3, "SucceededActions": 1, "FailedActions": 1},
    ]


def test_a_job_that_is_gone_is_an_error_in_the_statistics(context: Context) -> None:
    chain(context, "a", "b")
    run_id = start(context)
    jobs.delete_job(context, {"JobName": "b"})
    finish(context, run_id, "a")
    run = shown(context, run_id)
    assert (run["Status"], job_states(run)) == ("COMPLETED", {"a": ["SUCCEEDED"], "b": ["ERROR"]})
    assert statistics(run) == {"TotalActions": 2, "SucceededActions": 1, "ErroredActions": 1}


def test_attempts_are_one_action(context: Context) -> None:
    create(context)
    with context.database.write() as connection:
        add_job(connection, "a", MaxRetries=1)
        add_triggers(connection, make_trigger("t0", starts="a"))
    run_id = start(context)
    finish(context, run_id, "a", "FAILED")
    assert statistics(shown(context, run_id)) == {"TotalActions": 1, "WaitingActions": 1}
    finish(context, run_id, "a")
    run = shown(context, run_id)
    assert job_states(run) == {"a": ["FAILED", "SUCCEEDED"]}
    assert statistics(run) == {"TotalActions": 1, "SucceededActions": 1}


def test_a_crawler_that_is_not_there_is_seen_at_its_node(context: Context) -> None:
    create(context)
    with context.database.write() as connection:
        add_job(connection, "c")
    request: Any = {
        "Name": "t0",
        "Type": "ON_DEMAND",
        "WorkflowName": "w",
        "Actions": [{"CrawlerName": "c"}],
    }
    triggers.create_trigger(context, request)
    run = shown(context, start(context))
    crawl = nodes(run["Graph"])["c"]["CrawlerDetails"]["Crawls"][0]
    assert (crawl["State"], crawl["ErrorMessage"]) == (
        "ERROR",
        "Crawler with name: c not found.",
    )
    assert statistics(run) == {"TotalActions": 1, "ErroredActions": 1}
    assert runs.get_job_runs(context, {"JobName": "c"})["JobRuns"] == []


def test_run_properties_are_defaults_and_what_is_given(context: Context) -> None:
    chain(context, "a", DefaultRunProperties={"day": "today", "target": "s3://a/"})
    run_id = start(context, RunProperties={"day": "yesterday"})
    name: Any = {"Name": "w", "RunId": run_id}
    put: Any = {**name, "RunProperties": {"rows": "7", "target": "s3://b/"}}
    assert workflow_runs.put_workflow_run_properties(context, put) == {}
    expected = {"day": "yesterday", "target": "s3://b/", "rows": "7"}
    found = workflow_runs.get_workflow_run_properties(context, name)
    assert found == {"RunProperties": expected}
    assert shown(context, run_id)["WorkflowRunProperties"] == expected
    defaults = workflows.get_workflow(context, {"Name": "w"})["Workflow"]["DefaultRunProperties"]
    assert defaults == {"day": "today", "target": "s3://a/"}


def test_run_properties_have_a_limit_and_nothing_is_half_done(context: Context) -> None:
    half = {"a": "x" * (MAX_PROPERTIES_BYTES // 2)}
    more = {"b": "x" * (MAX_PROPERTIES_BYTES // 2)}
    with pytest.raises(ResourceNumberLimitExceeded, match="S3"):
        create(context, DefaultRunProperties=half | more)
    chain(context, "a", DefaultRunProperties=half)
    with pytest.raises(ResourceNumberLimitExceeded):
        start(context, RunProperties=more)
    assert workflow_runs.get_workflow_runs(context, {"Name": "w"})["Runs"] == []
    run_id = start(context)
    put: Any = {"Name": "w", "RunId": run_id, "RunProperties": more}
    with pytest.raises(ResourceNumberLimitExceeded):
        workflow_runs.put_workflow_run_properties(context, put)
    assert shown(context, run_id)["WorkflowRunProperties"] == half


def test_scripts_are_told_where_their_properties_are(context: Context) -> None:
    chain(context, "a")
    run_id = start(context)
    alone = runs.start_job_run(context, {"JobName": "a", "Arguments": {"--x": "y"}})["JobRunId"]
    with context.database.read() as connection:
        run = the_run(connection, run_id, "a")
        by_hand = run_store.get(connection, alone)
        assert by_hand is not None
        assert script_arguments(connection, run) == {
            "--WORKFLOW_NAME": "w",
            "--WORKFLOW_RUN_ID": run_id,
        }
        assert script_arguments(connection, by_hand) == {"--x": "y"}
    assert runs.shown(run)["Arguments"] == {}


def test_runs_come_newest_first_a_page_at_a_time(context: Context) -> None:
    chain(context, "a")
    started = [start(context) for _ in range(5)]
    request: Any = {"Name": "w", "MaxResults": 2}
    seen: list[str] = []
    while True:
        page = workflow_runs.get_workflow_runs(context, request)
        seen += [run["WorkflowRunId"] for run in page["Runs"]]
        if "NextToken" not in page:
            break
        request["NextToken"] = page["NextToken"]
    assert seen == started[::-1]


def test_a_run_belongs_to_its_workflow(context: Context) -> None:
    chain(context, "a")
    create(context, "other")
    run_id = start(context)
    request: Any = {"Name": "other", "RunId": run_id}
    for operation in (
        workflow_runs.get_workflow_run,
        workflow_runs.get_workflow_run_properties,
        workflow_runs.stop_workflow_run,
    ):
        with pytest.raises(EntityNotFound, match=r"of workflow other not found"):
            operation(context, request)


def test_a_workflow_without_a_beginning_cannot_start(context: Context) -> None:
    create(context)
    with pytest.raises(InvalidInput, match="has no starting trigger"):
        start(context)
    with context.database.write() as connection:
        add_job(connection, "b")
        add_triggers(connection, make_trigger("t1", after="a", starts="b"))
    with pytest.raises(InvalidInput, match="has no starting trigger"):
        start(context)
    assert workflow_runs.get_workflow_runs(context, {"Name": "w"})["Runs"] == []


@pytest.mark.parametrize(
    "members",
    [
        {"Type": "ON_DEMAND"},
        {"Type": "SCHEDULED", "Schedule": "cron(0 0 * * ? *)"},
        {"Type": "SCHEDULED", "Schedule": "cron(0 0 * * ? *)", "StartOnCreation": True},
        {"Type": "EVENT"},
    ],
)
def test_a_workflow_starts_by_hand_whatever_begins_it(
    context: Context, members: dict[str, Any]
) -> None:
    create(context)
    with context.database.write() as connection:
        add_job(connection, "a")
    request: Any = {"Name": "t0", "WorkflowName": "w", "Actions": [{"JobName": "a"}], **members}
    triggers.create_trigger(context, request)
    run_id = start(context)
    assert job_states(shown(context, run_id)) == {"a": ["WAITING"]}


def test_a_job_started_from_outside_fires_nothing(context: Context) -> None:
    chain(context, "a", "b")
    by_hand = runs.start_job_run(context, {"JobName": "a"})["JobRunId"]
    with context.database.write() as connection:
        run = run_store.get(connection, by_hand)
        assert run is not None
        end(connection, context.account, run)
    assert runs.get_job_runs(context, {"JobName": "b"})["JobRuns"] == []
    assert workflow_runs.get_workflow_runs(context, {"Name": "w"})["Runs"] == []


def test_so_many_runs_at_once_and_no_more(context: Context) -> None:
    chain(context, "a", MaxConcurrentRuns=1)
    run_id = start(context)
    with pytest.raises(ConcurrentRunsExceeded):
        start(context)
    assert len(workflow_runs.get_workflow_runs(context, {"Name": "w"})["Runs"]) == 1
    finish(context, run_id, "a")
    start(context)


def test_a_job_at_its_limit_fails_in_the_graph(context: Context) -> None:
    create(context)
    with context.database.write() as connection:
        add_job(connection, "a", ExecutionProperty={"MaxConcurrentRuns": 1})
        add_triggers(connection, make_trigger("t0", starts="a"))
    start(context)
    run = shown(context, start(context))
    assert (run["Status"], job_states(run)) == ("COMPLETED", {"a": ["FAILED"]})
    failed = nodes(run["Graph"])["a"]["JobDetails"]["JobRuns"][0]
    assert failed["ErrorMessage"] == "Concurrent runs exceeded for a"


def test_a_run_that_could_not_begin_says_so(context: Context) -> None:
    chain(context, "a", MaxConcurrentRuns=1)
    start(context)
    with context.database.write() as connection:
        workflow = store.get(connection, "w")
        assert workflow is not None
        batch = {"BatchSize": 3, "BatchWindow": 60}
        now = context.clock.now()
        refused = begin_unasked(
            connection, context.account, workflow, now, properties={"k": "v"}, batch=batch
        )
    run = shown(context, refused.id)
    assert (run["Status"], run["ErrorMessage"], run["CompletedOn"]) == (
        "ERROR",
        "Concurrent runs exceeded for workflow: w.",
        BASE_TIME,
    )
    assert run["StartingEventBatchCondition"] == batch
    assert statistics(run) == {"TotalActions": 1}
    request: Any = {"Name": "w", "RunId": refused.id}
    with pytest.raises(IllegalWorkflowState, match="is ERROR"):
        workflow_runs.stop_workflow_run(context, request)


def test_what_is_stopped_stays_stopped(context: Context) -> None:
    chain(context, "a", "b")
    run_id = start(context)
    request: Any = {"Name": "w", "RunId": run_id}
    assert workflow_runs.stop_workflow_run(context, request) == {}
    run = shown(context, run_id)
    assert (run["Status"], run["CompletedOn"]) == ("STOPPED", BASE_TIME)
    assert job_states(run) == {"a": ["STOPPED"], "b": []}
    assert statistics(run) == {"TotalActions": 2, "StoppedActions": 1}
    with pytest.raises(IllegalWorkflowState, match="is STOPPED; only one that is RUNNING"):
        workflow_runs.stop_workflow_run(context, request)


def resume(context: Context, run_id: str, *names: str) -> dict[str, Any]:
    """Resume a run from the nodes called `names`."""
    found = nodes(shown(context, run_id)["Graph"])
    request: Any = {
        "Name": "w",
        "RunId": run_id,
        "NodeIds": [found[name]["UniqueId"] for name in names],
    }
    return workflow_runs.resume_workflow_run(context, request)


def branches(context: Context, **members: Any) -> str:
    """Run AWS's example: J1, then J2 and J3, which fail; J4 behind J2 and J5 behind J3."""
    create(context, **members)
    with context.database.write() as connection:
        for name in ("J1", "J2", "J3", "J4", "J5"):
            add_job(connection, name)
        add_triggers(
            connection,
            make_trigger("T1", starts="J1"),
            make_trigger("T2", after="J1", starts="J2"),
            make_trigger("T3", after="J1", starts="J3"),
            make_trigger("T4", after="J2", starts="J4"),
            make_trigger("T5", after="J3", starts="J5"),
        )
    run_id = start(context, RunProperties={"day": "today"})
    finish(context, run_id, "J1")
    finish(context, run_id, "J2", "FAILED")
    finish(context, run_id, "J3", "FAILED")
    return run_id


def test_a_run_goes_on_where_it_failed(context: Context) -> None:
    first = branches(context)
    put: Any = {"Name": "w", "RunId": first, "RunProperties": {"rows": "7"}}
    workflow_runs.put_workflow_run_properties(context, put)
    answer = resume(context, first, "J2", "J3")
    second = answer["RunId"]
    assert second != first
    ids = {name: node["UniqueId"] for name, node in nodes(shown(context, second)["Graph"]).items()}
    assert answer["NodeIds"] == [ids["J2"], ids["J3"]]
    run = shown(context, second)
    assert (run["Status"], run["PreviousRunId"]) == ("RUNNING", first)
    assert run["WorkflowRunProperties"] == {"day": "today", "rows": "7"}
    finish(context, second, "J2")
    finish(context, second, "J3")
    finish(context, second, "J4")
    finish(context, second, "J5")
    run = shown(context, second)
    assert run["Status"] == "COMPLETED"
    assert job_states(run) == {name: ["SUCCEEDED"] for name in ("J1", "J2", "J3", "J4", "J5")}
    assert statistics(run) == {"TotalActions": 5, "SucceededActions": 5}
    copied = nodes(run["Graph"])["J1"]["JobDetails"]["JobRuns"]
    assert copied == nodes(shown(context, first)["Graph"])["J1"]["JobDetails"]["JobRuns"]
    again = nodes(run["Graph"])["J2"]["JobDetails"]["JobRuns"][0]
    assert (again["TriggerName"], again["PredecessorRuns"]) == (
        "T2",
        [{"JobName": "J1", "RunId": copied[0]["Id"]}],
    )
    assert job_states(shown(context, first))["J2"] == ["FAILED"]


def test_a_node_behind_a_chosen_one_is_not_chosen(context: Context) -> None:
    chain(context, "a", "b")
    first = start(context)
    finish(context, first, "a")
    finish(context, first, "b", "FAILED")
    answer = resume(context, first, "b", "a")
    run = shown(context, answer["RunId"])
    assert answer["NodeIds"] == [nodes(run["Graph"])["a"]["UniqueId"]]
    assert job_states(run) == {"a": ["WAITING"], "b": []}
    assert statistics(run) == {"TotalActions": 2, "WaitingActions": 1}


def test_a_join_knows_what_ran_before(context: Context) -> None:
    create(context)
    with context.database.write() as connection:
        for name in "abc":
            add_job(connection, name)
        add_triggers(
            connection,
            make_trigger("t1", starts="a b"),
            make_trigger("t2", after="a b", starts="c"),
        )
    first = start(context)
    finish(context, first, "a")
    finish(context, first, "b", "FAILED")
    second = resume(context, first, "b")["RunId"]
    finish(context, second, "b", "FAILED")
    third = resume(context, second, "b")["RunId"]  # a resumed run can be resumed
    finish(context, third, "b")
    finish(context, third, "c")
    run = shown(context, third)
    assert (run["Status"], run["PreviousRunId"]) == ("COMPLETED", second)
    assert job_states(run) == {name: ["SUCCEEDED"] for name in "abc"}


def test_a_stopped_run_goes_on_as_well(context: Context) -> None:
    chain(context, "a", "b")
    first = start(context)
    workflow_runs.stop_workflow_run(context, {"Name": "w", "RunId": first})
    second = resume(context, first, "a")["RunId"]
    finish(context, second, "a")
    finish(context, second, "b")
    assert shown(context, second)["Status"] == "COMPLETED"


def test_a_resumed_job_that_cannot_start_ends_the_run(context: Context) -> None:
    chain(context, "a", "b")
    first = start(context)
    finish(context, first, "a", "FAILED")
    jobs.delete_job(context, {"JobName": "a"})
    run = shown(context, resume(context, first, "a")["RunId"])
    assert (run["Status"], job_states(run)) == ("COMPLETED", {"a": ["ERROR"], "b": []})


def test_only_what_was_tried_can_be_resumed(context: Context) -> None:
    first = branches(context, MaxConcurrentRuns=1)
    with pytest.raises(InvalidInput, match="J4 was never started"):
        resume(context, first, "J2", "J4")
    with pytest.raises(InvalidInput, match="T2 is a trigger"):
        resume(context, first, "T2")
    for chosen, message in (([], "at least one node"), (["wnode_1"], "wnode_1 is not a node")):
        request: Any = {"Name": "w", "RunId": first, "NodeIds": chosen}
        with pytest.raises(InvalidInput, match=message):
            workflow_runs.resume_workflow_run(context, request)
    second = resume(context, first, "J2")["RunId"]
    with pytest.raises(ConcurrentRunsExceeded):
        resume(context, first, "J3")
    with pytest.raises(IllegalWorkflowState, match="is RUNNING"):
        resume(context, second, "J2")
    assert len(workflow_runs.get_workflow_runs(context, {"Name": "w"})["Runs"]) == 2
