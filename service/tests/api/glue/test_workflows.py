from __future__ import annotations

from typing import Any

import pytest

from glueball.api.context import Context
from glueball.api.glue import runs, tags, triggers, workflow_runs, workflows
from glueball.core.errors import (
    AlreadyExists,
    EntityNotFound,
    InvalidInput,
)
from support.runs import BASE_TIME
from support.workflow_operations import (
    chain,
    create,
    finish,
    nodes,
    shown,
    start,
)
from support.workflows import add_job

_ARN = "arn:aws:glue:us-east-1:123456789012:workflow/w"


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


def test_a_graph_keeps_to_the_design_the_run_began_with(context: Context) -> None:
    chain(context, "a", "b")
    run_id = start(context)
    triggers.delete_trigger(context, {"Name": "t1"})
    assert set(nodes(shown(context, run_id)["Graph"])) == {"t0", "a", "t1", "b"}
    workflow = workflows.get_workflow(context, {"Name": "w", "IncludeGraph": True})["Workflow"]
    assert set(nodes(workflow["Graph"])) == {"t0", "a"}


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
