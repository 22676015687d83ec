from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from glueball.api.context import Context
from glueball.api.glue import jobs, tags, triggers
from glueball.core.errors import (
    ConcurrentRunsExceeded,
    EntityNotFound,
    IdempotentParameterMismatch,
    InvalidInput,
)
from glueball.core.runs import Run, RunState
from glueball.core.workflows import Workflow
from glueball.stores import runs, workflows
from glueball.stores import triggers as kept
from support.clocks import VirtualClock
from support.contexts import make_context
from support.runs import BASE_TIME, active_runs

_DAILY = "cron(0 0 * * ? *)"
_ARN = "arn:aws:glue:us-east-1:123456789012:trigger/"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(BASE_TIME)


@pytest.fixture
def context(tmp_path: Path, clock: VirtualClock) -> Iterator[Context]:
    context = make_context(tmp_path, clock)
    for name in ("extract", "transform", "load"):
        job(context, name)
    yield context
    context.database.close()


def job(context: Context, name: str, **members: Any) -> None:
    command = {"Name": "glueetl", "ScriptLocation": f"s3://scripts/{name}.py"}
    request: Any = {"Name": name, "Role": "r", "Command": command, **members}
    jobs.create_job(context, request)


def workflow(context: Context, name: str, **document: Any) -> None:
    with context.database.write() as connection:
        added = Workflow(name=name, created=BASE_TIME, modified=BASE_TIME, document=document)
        workflows.insert(connection, added)


def create(context: Context, name: str, kind: str, *starts: str, **members: Any) -> None:
    actions = [{"JobName": one} for one in starts]
    request: Any = {"Name": name, "Type": kind, "Actions": actions, **members}
    assert triggers.create_trigger(context, request) == {"Name": name}


def after(*names: str, state: str = "SUCCEEDED", logical: str = "AND") -> dict[str, Any]:
    conditions = [{"LogicalOperator": "EQUALS", "JobName": name, "State": state} for name in names]
    return {"Logical": logical, "Conditions": conditions}


def get(context: Context, name: str) -> dict[str, Any]:
    found: dict[str, Any] = triggers.get_trigger(context, {"Name": name})["Trigger"]
    return found


def next_due(context: Context, name: str) -> float | None:
    with context.database.read() as connection:
        trigger = kept.get(connection, name)
    assert trigger is not None
    return trigger.next_due


def active(context: Context) -> list[Run]:
    with context.database.read() as connection:
        return active_runs(connection)


def test_a_trigger_comes_back_as_it_was_given(context: Context) -> None:
    action = {
        "JobName": "load",
        "Arguments": {"--day": "yesterday"},
        "Timeout": 30,
        "SecurityConfiguration": "s",
        "NotificationProperty": {"NotifyDelayAfter": 5},
    }
    predicate = after("extract", "transform")
    members: Any = {"Description": "joins", "Predicate": predicate, "StartOnCreation": True}
    request: Any = {"Name": "join", "Type": "CONDITIONAL", "Actions": [action], **members}
    triggers.create_trigger(context, request)
    assert get(context, "join") == {
        "Name": "join",
        "Type": "CONDITIONAL",
        "State": "ACTIVATED",
        "Description": "joins",
        "Actions": [action],
        "Predicate": predicate,
    }


@pytest.mark.parametrize(
    ("kind", "members", "states"),
    [
        # after creation, StartTrigger and StopTrigger; None: refused
        ("SCHEDULED", {"Schedule": _DAILY}, ("CREATED", "ACTIVATED", "DEACTIVATED")),
        ("CONDITIONAL", {"Predicate": after("load")}, ("CREATED", "ACTIVATED", "DEACTIVATED")),
        # "On-demand triggers never enter the ACTIVATED or DEACTIVATED state" (about-triggers.html)
        ("ON_DEMAND", {}, ("CREATED", "CREATED", None)),
        ("EVENT", {"WorkflowName": "w"}, ("CREATED", None, None)),
    ],
)
def test_each_type_has_its_states(
    context: Context, kind: str, members: dict[str, Any], states: tuple[str | None, ...]
) -> None:
    workflow(context, "w")
    create(context, "t", kind, "extract", **members)
    shown: list[str | None] = [get(context, "t")["State"]]
    for operation in (triggers.start_trigger, triggers.stop_trigger):
        try:
            assert operation(context, {"Name": "t"}) == {"Name": "t"}
            shown.append(get(context, "t")["State"])
        except InvalidInput:
            shown.append(None)
    assert tuple(shown) == states


def test_activation_sets_the_clockwork_and_deactivation_stops_it(
    context: Context, clock: VirtualClock
) -> None:
    create(context, "t", "SCHEDULED", "extract", Schedule="rate(1 hour)")
    assert next_due(context, "t") is None
    clock.advance(100)
    triggers.start_trigger(context, {"Name": "t"})
    assert next_due(context, "t") == BASE_TIME + 100 + 3600
    clock.advance(100)
    triggers.start_trigger(context, {"Name": "t"})  # a client that lost the answer asks again
    assert next_due(context, "t") == BASE_TIME + 100 + 3600
    triggers.stop_trigger(context, {"Name": "t"})
    assert next_due(context, "t") is None
    triggers.stop_trigger(context, {"Name": "t"})
    assert get(context, "t")["State"] == "DEACTIVATED"


def test_an_on_demand_trigger_fires_each_time(context: Context, clock: VirtualClock) -> None:
    create(context, "t", "ON_DEMAND", "extract", "load", Description="now")
    triggers.start_trigger(context, {"Name": "t"})
    first = active(context)
    assert [run.job_name for run in first] == ["extract", "load"]
    assert {run.trigger_name for run in first} == {"t"}
    [chain] = {run.chain_id for run in first}
    assert chain is not None and chain.startswith("tc_")
    assert {run.due for run in first} == {BASE_TIME}
    clock.advance(5)
    triggers.start_trigger(context, {"Name": "t"})
    with context.database.read() as connection:
        found = [run for _, run in runs.page(connection, job_name="load", before=None, limit=9)]
    # the job may have one run at a time, so the second says why it is not there
    assert [run.state for run in found] == [RunState.FAILED, RunState.WAITING]
    assert "Concurrent runs exceeded for load" in (found[0].error_message or "")


def test_the_action_wins_over_the_job(context: Context) -> None:
    job(context, "told", DefaultArguments={"--day": "today", "--zone": "UTC"}, Timeout=60)
    action = {
        "JobName": "told",
        "Arguments": {"--day": "yesterday"},
        "Timeout": 7,
        "SecurityConfiguration": "s",
        "NotificationProperty": {"NotifyDelayAfter": 5},
    }
    create(context, "t", "ON_DEMAND", Actions=[action])
    triggers.start_trigger(context, {"Name": "t"})
    [run] = active(context)
    assert run.document["Arguments"] == {"--day": "yesterday", "--zone": "UTC"}
    assert run.timeout_minutes == 7
    assert run.document["SecurityConfiguration"] == "s"
    assert run.document["NotificationProperty"] == {"NotifyDelayAfter": 5}


def test_a_name_is_given_once(context: Context) -> None:
    create(context, "t", "SCHEDULED", "extract", Schedule=_DAILY)
    create(context, "t", "SCHEDULED", "extract", Schedule=_DAILY)  # the answer was lost
    with pytest.raises(
        IdempotentParameterMismatch,
        match="Trigger with name t already submitted with different configuration",
    ):
        create(context, "t", "SCHEDULED", "load", Schedule=_DAILY)
    assert get(context, "t")["Actions"] == [{"JobName": "extract"}]
    jobs.delete_job(context, {"JobName": "extract"})
    create(context, "t", "SCHEDULED", "extract", Schedule=_DAILY)  # and the job is gone meanwhile


@pytest.mark.parametrize(
    ("kind", "starts", "members", "says"),
    [
        ("ON_DEMAND", "none", {}, "Job with name: none not found"),
        ("CONDITIONAL", "load", {"Predicate": after("none")}, "Job with name: none not found"),
        ("ON_DEMAND", "load", {"WorkflowName": "none"}, "Workflow with name: none not found"),
    ],
)
def test_what_a_trigger_names_must_be_there(
    context: Context, kind: str, starts: str, members: dict[str, Any], says: str
) -> None:
    with pytest.raises(EntityNotFound, match=says):
        create(context, "t", kind, starts, **members)
    assert triggers.list_triggers(context, {}) == {"TriggerNames": []}, "nothing is kept of it"


def test_crawlers_may_be_named_before_they_are_there(context: Context) -> None:
    predicate = {
        "Conditions": [{"LogicalOperator": "EQUALS", "CrawlerName": "c", "CrawlState": "SUCCEEDED"}]
    }
    create(context, "t", "CONDITIONAL", "load", Predicate=predicate)
    create(context, "u", "ON_DEMAND", Actions=[{"CrawlerName": "c"}])


def test_missing_triggers_are_named(context: Context) -> None:
    operations: tuple[Callable[[Context, Any], Any], ...] = (
        triggers.get_trigger,
        triggers.start_trigger,
        triggers.stop_trigger,
        triggers.update_trigger,
    )
    for operation in operations:
        with pytest.raises(EntityNotFound, match="Trigger with name: none not found"):
            operation(context, {"Name": "none", "TriggerUpdate": {"Description": "d"}})
    # "If the trigger is not found, no exception is thrown" (API_DeleteTrigger)
    assert triggers.delete_trigger(context, {"Name": "none"}) == {"Name": "none"}


def test_an_active_trigger_is_updated_and_stays_active(
    context: Context, clock: VirtualClock
) -> None:
    create(context, "t", "SCHEDULED", "extract", Schedule="rate(1 hour)", StartOnCreation=True)
    clock.advance(60)
    update: Any = {"Schedule": "rate(2 hours)", "Actions": [{"JobName": "load"}]}
    answer = triggers.update_trigger(context, {"Name": "t", "TriggerUpdate": update})
    assert answer["Trigger"] == get(context, "t")
    assert answer["Trigger"]["State"] == "ACTIVATED"
    assert answer["Trigger"]["Schedule"] == "rate(2 hours)"
    assert next_due(context, "t") == BASE_TIME + 60 + 7200
    with context.database.read() as connection:
        assert kept.starting(connection, "extract") == []
        assert kept.starting(connection, "load") == ["t"]


def test_a_changed_predicate_watches_something_else(context: Context) -> None:
    create(context, "t", "CONDITIONAL", "load", Predicate=after("extract"), StartOnCreation=True)
    update: Any = {"Predicate": after("transform")}
    triggers.update_trigger(context, {"Name": "t", "TriggerUpdate": update})
    with context.database.read() as connection:
        assert kept.watching(connection, "JOB", "extract") == []
        assert [one.name for one in kept.watching(connection, "JOB", "transform")] == ["t"]


@pytest.mark.parametrize(
    ("update", "error"),
    [
        ({"Actions": [{"JobName": "none"}]}, EntityNotFound),
        ({"Predicate": after("load")}, InvalidInput),  # it starts load
        ({"Schedule": _DAILY}, InvalidInput),
    ],
)
def test_an_update_that_is_refused_changes_nothing(
    context: Context, update: Any, error: type[Exception]
) -> None:
    create(context, "t", "CONDITIONAL", "load", Predicate=after("extract"), StartOnCreation=True)
    before = get(context, "t")
    with pytest.raises(error):
        triggers.update_trigger(context, {"Name": "t", "TriggerUpdate": update})
    assert get(context, "t") == before


def test_a_workflow_has_one_start_and_no_circle(context: Context) -> None:
    workflow(context, "w")
    create(context, "start", "ON_DEMAND", "extract", WorkflowName="w")
    create(
        context, "then", "CONDITIONAL", "transform", WorkflowName="w", Predicate=after("extract")
    )
    with pytest.raises(InvalidInput, match="only one starting trigger"):
        create(context, "again", "SCHEDULED", "load", WorkflowName="w", Schedule=_DAILY)
    with pytest.raises(InvalidInput, match=r"transform -> .*extract|extract -> .*transform"):
        create(
            context,
            "back",
            "CONDITIONAL",
            "extract",
            WorkflowName="w",
            Predicate=after("transform"),
        )
    update: Any = {"Actions": [{"JobName": "load"}]}
    triggers.update_trigger(context, {"Name": "start", "TriggerUpdate": update})
    assert triggers.list_triggers(context, {})["TriggerNames"] == ["start", "then"]


def test_the_start_of_a_workflow_starts_a_run_of_it(context: Context) -> None:
    workflow(context, "w", MaxConcurrentRuns=1, DefaultRunProperties={"a": "1"})
    create(context, "start", "ON_DEMAND", "extract", WorkflowName="w")
    triggers.start_trigger(context, {"Name": "start"})
    [run] = active(context)
    with context.database.read() as connection:
        [begun] = workflows.active(connection)
    assert run.chain_id == begun.id
    assert begun.properties == {"a": "1"}
    with pytest.raises(ConcurrentRunsExceeded, match="w"):
        triggers.start_trigger(context, {"Name": "start"})
    assert len(active(context)) == 1


def test_deleting_forgets_everything_and_may_be_repeated(context: Context) -> None:
    create(context, "t", "CONDITIONAL", "load", Predicate=after("extract"), Tags={"team": "sales"})
    triggers.delete_trigger(context, {"Name": "t"})
    triggers.delete_trigger(context, {"Name": "t"})
    with pytest.raises(EntityNotFound):
        get(context, "t")
    with context.database.read() as connection:
        assert kept.watching(connection, "JOB", "extract") == []
        assert kept.starting(connection, "load") == []
    create(context, "t", "ON_DEMAND", "load")
    assert tags.get_tags(context, {"ResourceArn": f"{_ARN}t"}) == {"Tags": {}}


def test_a_deleted_job_leaves_its_triggers(context: Context) -> None:
    create(context, "t", "ON_DEMAND", "extract")
    jobs.delete_job(context, {"JobName": "extract"})
    triggers.start_trigger(context, {"Name": "t"})
    job(context, "extract")
    with context.database.read() as connection:
        [(_, run)] = runs.page(connection, job_name="extract", before=None, limit=9)
    assert (run.state, run.trigger_name) == (RunState.ERROR, "t")
    assert run.error_message == "Job with name: extract not found."


@pytest.mark.parametrize("asked", [{}, {"DependentJobName": "extract"}])
@pytest.mark.parametrize(
    ("operation", "key"),
    [(triggers.get_triggers, "Triggers"), (triggers.list_triggers, "TriggerNames")],
)
def test_pages_hold_every_trigger_once(
    context: Context, operation: Callable[[Context, Any], Any], key: str, asked: dict[str, str]
) -> None:
    names = [f"trigger-{number:03}" for number in range(25)]
    for name in reversed(names):
        create(context, name, "ON_DEMAND", "extract")
    seen: list[str] = []
    request: Any = {"MaxResults": 10, **asked}
    while True:
        page = operation(context, request)
        seen += [one if isinstance(one, str) else one["Name"] for one in page[key]]
        if "NextToken" not in page:
            break
        request = {"MaxResults": 10, "NextToken": page["NextToken"], **asked}
    assert seen == names


def test_tokens_belong_to_their_request(context: Context) -> None:
    for name in ("a", "b"):
        create(context, name, "ON_DEMAND", "extract")
    token = triggers.list_triggers(context, {"MaxResults": 1})["NextToken"]
    requests: list[Any] = [{"NextToken": token, "DependentJobName": "extract"}, {"NextToken": "x"}]
    for request in requests:
        with pytest.raises(InvalidInput, match="NextToken"):
            triggers.list_triggers(context, request)
    with pytest.raises(InvalidInput, match="NextToken"):
        triggers.get_triggers(context, {"NextToken": token})


def test_triggers_of_a_job_are_those_that_start_it(context: Context) -> None:
    create(context, "a", "ON_DEMAND", "extract", "load", "extract")
    create(context, "b", "CONDITIONAL", "transform", Predicate=after("extract"))
    create(context, "c", "ON_DEMAND", "load")

    def names(job_name: str) -> list[str]:
        answer = triggers.list_triggers(context, {"DependentJobName": job_name})
        listed: list[str] = answer["TriggerNames"]
        shown = triggers.get_triggers(context, {"DependentJobName": job_name})["Triggers"]
        assert [one["Name"] for one in shown] == listed
        return listed

    assert names("extract") == ["a"]
    assert names("load") == ["a", "c"]
    assert names("transform") == ["b"]
    # "if there is no such trigger, all triggers are returned" (API_GetTriggers)
    assert names("none") == ["a", "b", "c"]


def test_tags_select_triggers(context: Context) -> None:
    create(context, "c", "ON_DEMAND", "extract", Tags={"team": "sales", "env": "prod"})
    create(context, "a", "ON_DEMAND", "load", Tags={"team": "sales"})
    create(context, "b", "ON_DEMAND", "load")
    sales: Any = {"Tags": {"team": "sales"}}
    assert triggers.list_triggers(context, sales) == {"TriggerNames": ["a", "c"]}
    both: Any = {"Tags": {"team": "sales", "env": "prod"}}
    assert triggers.list_triggers(context, both) == {"TriggerNames": ["c"]}
    loads: Any = {**sales, "DependentJobName": "load"}
    assert triggers.list_triggers(context, loads) == {"TriggerNames": ["a"]}
    page: Any = {**sales, "MaxResults": 1}
    first = triggers.list_triggers(context, page)
    assert first["TriggerNames"] == ["a"]
    rest: Any = {**sales, "NextToken": first["NextToken"]}
    assert triggers.list_triggers(context, rest) == {"TriggerNames": ["c"]}


def test_triggers_have_tags_of_their_own(context: Context) -> None:
    create(context, "t", "ON_DEMAND", "extract", Tags={"team": "sales"})
    tags.tag_resource(context, {"ResourceArn": f"{_ARN}t", "TagsToAdd": {"env": "prod"}})
    found = tags.get_tags(context, {"ResourceArn": f"{_ARN}t"})
    assert found == {"Tags": {"env": "prod", "team": "sales"}}
    with pytest.raises(EntityNotFound):
        tags.get_tags(context, {"ResourceArn": f"{_ARN}none"})


def test_batch_get_names_what_is_missing(context: Context) -> None:
    create(context, "a", "ON_DEMAND", "extract")
    answer = triggers.batch_get_triggers(context, {"TriggerNames": ["b", "a", "a"]})
    assert [one["Name"] for one in answer["Triggers"]] == ["a", "a"]
    assert answer["TriggersNotFound"] == ["b"]


def test_batch_get_takes_as_many_names_as_a_request_holds(context: Context) -> None:
    create(context, "trigger-2500", "ON_DEMAND", "extract")
    names = [f"trigger-{number}" for number in range(100_000)]
    answer = triggers.batch_get_triggers(context, {"TriggerNames": names})
    assert [one["Name"] for one in answer["Triggers"]] == ["trigger-2500"]
    assert len(answer["TriggersNotFound"]) == 99_999


def test_the_deadline_of_a_job_is_checked_when_it_is_set(context: Context) -> None:
    arn = "arn:aws:glue:us-east-1:123456789012:job/"
    with pytest.raises(InvalidInput, match=r"HH:MM from 00:00 to 23:59; it is '25:00'"):
        job(context, "late", Tags={"glueball:deadline": "25:00"})
    with pytest.raises(EntityNotFound):
        jobs.get_job(context, {"JobName": "late"})
    bad: Any = {"ResourceArn": f"{arn}load", "TagsToAdd": {"glueball:deadline": "6"}}
    with pytest.raises(InvalidInput, match="HH:MM"):
        tags.tag_resource(context, bad)
    assert tags.get_tags(context, {"ResourceArn": f"{arn}load"}) == {"Tags": {}}
    good: Any = {"ResourceArn": f"{arn}load", "TagsToAdd": {"glueball:deadline": "06:00"}}
    tags.tag_resource(context, good)
