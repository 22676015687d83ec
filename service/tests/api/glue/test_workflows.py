from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from glueball.api.context import Context
from glueball.api.glue import jobs, runs, tags, triggers, workflow_runs, workflows
from glueball.core.errors import (
    AlreadyExists,
    ConcurrentRunsExceeded,
    EntityNotFound,
    IllegalWorkflowState,
    InvalidInput,
    ResourceNumberLimitExceeded,
)
from glueball.core.runs import RunState
from glueball.core.workflows import MAX_PROPERTIES_BYTES
from glueball.orchestration.workflow_runs import begin_unasked, script_arguments
from glueball.stores import runs as run_store
from glueball.stores import workflows as store
from support.runs import BASE_TIME
from support.workflows import add_job, add_triggers, end, make_trigger, the_run

_ARN = "arn:aws:glue:us-east-1:123456789012:workflow/w"


def create(context: Context, name: str = "w", **members: Any) -> None:
    request: Any = {"Name": name, **members}
    assert workflows.create_workflow(context, request) == {"Name": name}


def chain(context: Context, *jobs_in_order: str, **members: Any) -> None:
    """Create the workflow "w", in which each job starts the next one."""
    create(context, **members)
    with context.database.write() as connection:
        for number, name in enumerate(jobs_in_order):
            after = jobs_in_order[number - 1] if number else ""
            add_job(connection, name)
            add_triggers(connection, make_trigger(f"t{number}", after=after, starts=name))


def start(context: Context, **members: Any) -> str:
    request: Any = {"Name": "w", **members}
    run_id: str = workflow_runs.start_workflow_run(context, request)["RunId"]
    return run_id


def finish(context: Context, run_id: str, job: str, state: str = "SUCCEEDED") -> None:
    """Let the newest run of a job in a workflow run end."""
    with context.database.write() as connection:
        run = the_run(connection, run_id, job)
        end(connection, context.account, run, RunState(state), context.clock.now())


def shown(context: Context, run_id: str) -> dict[str, Any]:
    request: Any = {"Name": "w", "RunId": run_id, "IncludeGraph": True}
    run: dict[str, Any] = workflow_runs.get_workflow_run(context, request)["Run"]
    return run


def nodes(graph: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {node["Name"]: node for node in graph["Nodes"]}


def job_states(run: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the states of the runs that each job of a graph shows."""
    return {
        name: [one["JobRunState"] for one in node["JobDetails"].get("JobRuns", [])]
        for name, node in nodes(run["Graph"]).items()
        if node["Type"] == "JOB"
    }


def statistics(run: Mapping[str, Any]) -> dict[str, int]:
    return {name: count for name, count in run["Statistics"].items() if count}


def test_a_workflow_comes_back_as_it_was_made(context: Context) -> None:
    create(context, Description="nightly", DefaultRunProperties={"a": "b"}, MaxConcurrentRuns=2)
    assert workflows.get_workflow(context, {"Name": "w"})["Workflow"] == {
        "Name": "w",
        "CreatedOn": BASE_TIME,
        "LastModifiedOn": BASE_TIME,
        "Description": "nightly",
        "DefaultRunProperties": {"a": "b"},
        "MaxConcurrentRuns": 2,
    }


def test_a_name_is_given_once(context: Context) -> None:
    create(context)
    with pytest.raises(AlreadyExists):
        create(context)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_no_run_can_meet_is_refused(context: Context, limit: int) -> None:
    with pytest.raises(InvalidInput, match="1 or more"):
        create(context, MaxConcurrentRuns=limit)
    create(context)
    with pytest.raises(InvalidInput, match="1 or more"):
        workflows.update_workflow(context, {"Name": "w", "MaxConcurrentRuns": limit})


def test_missing_workflows_are_named(context: Context) -> None:
    with pytest.raises(EntityNotFound, match="Workflow with name: none not found"):
        workflows.get_workflow(context, {"Name": "none"})
    with pytest.raises(EntityNotFound):
        workflows.update_workflow(context, {"Name": "none"})
    with pytest.raises(EntityNotFound):
        workflow_runs.start_workflow_run(context, {"Name": "none"})
    create(context)
    found = workflows.batch_get_workflows(context, {"Names": ["none", "w", "none", "w"]})
    assert [one["Name"] for one in found["Workflows"]] == ["w"]
    assert found["MissingWorkflows"] == ["none"]


def test_update_changes_what_is_given(context: Context) -> None:
    create(context, Description="old", DefaultRunProperties={"a": "b"})
    workflows.update_workflow(context, {"Name": "w", "Description": "new", "MaxConcurrentRuns": 1})
    found = workflows.get_workflow(context, {"Name": "w"})["Workflow"]
    assert (found["Description"], found["MaxConcurrentRuns"]) == ("new", 1)
    assert found["DefaultRunProperties"] == {"a": "b"}


def test_pages_hold_every_workflow_once(context: Context) -> None:
    names = [f"w-{number:02}" for number in range(30)]
    for name in reversed(names):
        create(context, name)
    first = workflows.list_workflows(context, {})
    assert len(first["Workflows"]) == 25
    second = workflows.list_workflows(context, {"NextToken": first["NextToken"]})
    assert first["Workflows"] + second["Workflows"] == names
    assert "NextToken" not in second


def test_workflows_have_tags(context: Context) -> None:
    create(context, Tags={"team": "sales"})
    tags.tag_resource(context, {"ResourceArn": _ARN, "TagsToAdd": {"stage": "test"}})
    assert tags.get_tags(context, {"ResourceArn": _ARN})["Tags"] == {
        "team": "sales",
        "stage": "test",
    }
    workflows.delete_workflow(context, {"Name": "w"})
    create(context)
    assert tags.get_tags(context, {"ResourceArn": _ARN})["Tags"] == {}


def test_the_graph_of_a_workflow_and_of_its_run_have_the_same_nodes(context: Context) -> None:
    chain(context, "a", "b")
    run_id = start(context)
    finish(context, run_id, "a")
    workflow = workflows.get_workflow(context, {"Name": "w", "IncludeGraph": True})["Workflow"]
    design, running = workflow["Graph"], shown(context, run_id)["Graph"]
    assert workflow["LastRun"]["Graph"] == running
    ids = {name: node["UniqueId"] for name, node in nodes(design).items()}
    assert ids == {name: node["UniqueId"] for name, node in nodes(running).items()}
    assert (
        design["Edges"]
        == running["Edges"]
        == [
            {"SourceId": ids[source], "DestinationId": ids[destination]}
            for source, destination in [("t0", "a"), ("a", "t1"), ("t1", "b")]
        ]
    )
    assert nodes(design)["a"]["JobDetails"] == {}
    assert [run["JobRunState"] for run in nodes(running)["a"]["JobDetails"]["JobRuns"]] == [
        "SUCCEEDED"
    ]
    assert nodes(design)["t1"]["TriggerDetails"]["Trigger"]["Type"] == "CONDITIONAL"


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


def test_a_graph_keeps_to_the_design_the_run_began_with(context: Context) -> None:
    chain(context, "a", "b")
    run_id = start(context)
    triggers.delete_trigger(context, {"Name": "t1"})
    assert set(nodes(shown(context, run_id)["Graph"])) == {"t0", "a", "t1", "b"}
    workflow = workflows.get_workflow(context, {"Name": "w", "IncludeGraph": True})["Workflow"]
    assert set(nodes(workflow["Graph"])) == {"t0", "a"}


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


_START_B = {"Actions": [{"JobName": "b"}]}


def after(*jobs_before: str) -> dict[str, Any]:
    """Return the members of a trigger that waits for jobs."""
    conditions = [
        {"LogicalOperator": "EQUALS", "JobName": name, "State": "SUCCEEDED"} for name in jobs_before
    ]
    return {"Type": "CONDITIONAL", "Predicate": {"Logical": "AND", "Conditions": conditions}}


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"Type": "ON_DEMAND", **_START_B}, "only one starting trigger"),
        ({**after("b"), "Actions": [{"JobName": "a"}]}, "circle: .*job a"),
        ({**after("a"), "Actions": [{"JobName": "a"}]}, "Job cannot be a Predicate and Action"),
        ({**after(*(f"j{number}" for number in range(96))), **_START_B}, "would be 101"),
    ],
)
def test_a_trigger_that_does_not_fit_is_refused_and_nothing_changes(
    context: Context, members: dict[str, Any], message: str
) -> None:
    chain(context, "a", "b")
    with context.database.write() as connection:
        for number in range(96):
            add_job(connection, f"j{number}")
    request: Any = {"Name": "new", "WorkflowName": "w", **members}
    with pytest.raises(InvalidInput, match=message):
        triggers.create_trigger(context, request)
    assert triggers.list_triggers(context, {})["TriggerNames"] == ["t0", "t1"]
    run_id = start(context)
    finish(context, run_id, "a")
    finish(context, run_id, "b")
    assert shown(context, run_id)["Status"] == "COMPLETED"


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


def test_a_deleted_workflow_leaves_triggers_that_start_nothing(context: Context) -> None:
    chain(context, "a", "b")
    triggers.delete_trigger(context, {"Name": "t0"})
    scheduled: Any = {
        "Name": "t0",
        "WorkflowName": "w",
        "Type": "SCHEDULED",
        "Schedule": "cron(0 0 * * ? *)",
        "StartOnCreation": True,
        "Actions": [{"JobName": "a"}],
    }
    triggers.create_trigger(context, scheduled)
    run_id = start(context)
    assert workflows.delete_workflow(context, {"Name": "w"}) == {"Name": "w"}
    assert workflows.delete_workflow(context, {"Name": "w"}) == {"Name": "w"}  # no error (AWS)
    found = {
        one["Name"]: (one["State"], one.get("WorkflowName"))
        for one in triggers.get_triggers(context, {})["Triggers"]
    }
    assert found == {"t0": ("DEACTIVATED", None), "t1": ("DEACTIVATED", None)}
    finish(context, run_id, "a")  # goes on to its end, and nothing follows
    assert runs.get_job_runs(context, {"JobName": "b"})["JobRuns"] == []
    create(context)
    assert workflow_runs.get_workflow_runs(context, {"Name": "w"})["Runs"] == []


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
