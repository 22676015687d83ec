"""Any input of the workflows' operations is answered as the model says, or refused with a code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import msgspec
import pytest
from botocore import xform_name
from botocore.model import StructureShape

from glueball.api.context import Context
from glueball.api.glue import workflow_runs, workflows
from glueball.core.errors import AwsError
from glueball.core.runs import RunState
from glueball.stores import workflows as store
from glueball.wire.json_values import conform
from glueball.wire.models import operation_names, service_model
from glueball.wire.validation import problems
from support.contexts import make_context
from support.workflows import active, add_job, add_triggers, end, make_trigger
from wire.shape_values import Unmatched, valid

_OPERATIONS = [
    (name, vars(module)[xform_name(name)])
    for name in operation_names("glue")
    for module in (workflows, workflow_runs)
    if xform_name(name) in vars(module)
]
_ROUNDS = 30


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    context = make_context(tmp_path_factory.mktemp("workflows"))
    with context.database.write_behind() as connection:
        for name in ("a", "b"):
            add_job(connection, name)
    yield context
    context.database.close()


def stock(context: Context, random: Random) -> dict[str, list[str]]:
    """Let the workflow "w" be there, with a run that ended and one that did not.

    Returns:
        What requests may name.
    """
    with context.database.read() as connection:
        running = store.active(connection)
    for run in running:
        stop: Any = {"Name": run.workflow_name, "RunId": run.id}
        workflow_runs.stop_workflow_run(context, stop)
    for name in workflows.list_workflows(context, {})["Workflows"]:
        workflows.delete_workflow(context, {"Name": name})
    workflows.create_workflow(context, {"Name": "w", "MaxConcurrentRuns": 2})
    number = context.new_id()[-12:]
    with context.database.write_behind() as connection:
        of_workflow = (
            make_trigger(f"{number} 1", starts="a gone"),
            make_trigger(f"{number} 2", after="a", starts="b"),
        )
        add_triggers(connection, *of_workflow)
    run_ids = []
    for left in range(2):
        run_id = workflow_runs.start_workflow_run(context, {"Name": "w"})["RunId"]
        run_ids.append(run_id)
        if not left:
            _finish(context, run_id, random.choice([RunState.SUCCEEDED, RunState.FAILED]))
    request: Any = {"Name": "w", "IncludeGraph": True}
    graph = workflows.get_workflow(context, request)["Workflow"]["Graph"]
    return {
        "Name": ["w", "w", "w", "none"],
        "RunId": [*run_ids, *run_ids, "wr_none"],
        "NodeIds": [node["UniqueId"] for node in graph["Nodes"]],
    }


def _finish(context: Context, run_id: str, state: RunState) -> None:
    with context.database.write_behind() as connection:
        while left := active(connection, run_id):
            end(connection, context.account, left[0], state)


def pointed(request: dict[str, Any], random: Random, there: dict[str, list[str]]) -> dict[str, Any]:
    """Return a request that names things which are there."""
    changed = {**request}
    for name in [name for name in there if name in changed]:
        if name == "NodeIds":
            changed[name] = random.sample(there[name], random.randint(0, 2))
        elif random.random() < 0.9:
            changed[name] = random.choice(there[name])
    changed.pop("NextToken", None)
    return changed


def test_all_thirteen_are_there() -> None:
    assert len(_OPERATIONS) == 13


@pytest.mark.parametrize(
    ("name", "operation"), _OPERATIONS, ids=lambda value: getattr(value, "__name__", value)
)
def test_answers_fit_the_model_and_refusals_have_a_code(
    stocked: Context, name: str, operation: Callable[[Context, Any], dict[str, Any]]
) -> None:
    model = service_model("glue").operation_model(name)
    shape = model.input_shape
    shape, output = model.input_shape, model.output_shape
    assert isinstance(shape, StructureShape) and isinstance(output, StructureShape)
    codes = {error.name for error in model.error_shapes}
    random, answered = Random(name), 0
    for _ in range(_ROUNDS):
        there = stock(stocked, random)
        try:
            request = pointed(valid(shape, random), random, there)
        except Unmatched:
            continue
        assert problems("glue", shape, request) is None, request
        try:
            answer = operation(stocked, request)
        except AwsError as error:
            assert error.code in codes, (request, error.code)
            continue
        answered += 1
        read = json.loads(msgspec.json.encode(answer))
        assert conform(output, read) == read, "members that the model does not know"
        # the model wants one of each kind at least, AWS answers with empty lists
        found = {member: value for member, value in read.items() if value != []}
        assert problems("glue", output, found) is None, read
    assert answered, "no request of all these was answered"


@pytest.mark.parametrize("operation", [workflows.list_workflows, workflow_runs.get_workflow_runs])
def test_tokens_of_others_are_refused(
    stocked: Context, operation: Callable[[Context, Any], dict[str, Any]]
) -> None:
    stock(stocked, Random(1))
    for token in ("nonsense", "AAAA", "é"):
        with pytest.raises(AwsError, match="NextToken is not valid"):
            operation(stocked, {"Name": "w", "NextToken": token})


def test_workflows_that_are_deleted_leave_no_runs(stocked: Context) -> None:
    stock(stocked, Random(2))
    workflows.delete_workflow(stocked, {"Name": "w"})
    with stocked.database.read() as connection:
        assert store.active(connection) == []
