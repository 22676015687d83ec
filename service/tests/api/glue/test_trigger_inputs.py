"""Any input of the triggers' operations is answered as the model says, or refused with a code."""

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
from glueball.api.glue import jobs, triggers, workflows
from glueball.core.errors import AwsError
from glueball.wire.json_values import conform
from glueball.wire.models import operation_names, service_model
from glueball.wire.validation import problems
from support.contexts import make_context
from wire.shape_values import Unmatched, valid

#: so that most requests mean something that is there
_NAMES = {
    "JobName": ("a", "b", "c", "none"),
    "Name": ("t", "u", "v"),
    "WorkflowName": ("w",),
    "DependentJobName": ("a", "none"),
    "State": ("SUCCEEDED", "FAILED", "RUNNING"),
    "CrawlState": ("SUCCEEDED", "CANCELLED", "RUNNING"),
    "Schedule": ("cron(0 0 * * ? *)", "rate(1 hour)", "rate(1 hours)", ""),
}
_OPERATIONS = [
    (name, vars(triggers)[xform_name(name)])
    for name in operation_names("glue")
    if xform_name(name) in vars(triggers)
]
_ROUNDS = 150


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    context = make_context(tmp_path_factory.mktemp("triggers"))
    command: Any = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/a.py"}
    for name in ("a", "b", "c"):
        jobs.create_job(context, {"Name": name, "Role": "r", "Command": command})
    workflows.create_workflow(context, {"Name": "w"})
    yield context
    context.database.close()


def stock(context: Context, random: Random) -> None:
    """Let the triggers t and u be there, and no other."""
    for name in triggers.list_triggers(context, {})["TriggerNames"]:
        triggers.delete_trigger(context, {"Name": name})
    condition = {"LogicalOperator": "EQUALS", "JobName": "a", "State": "SUCCEEDED"}
    kinds: list[Any] = [
        {"Type": "ON_DEMAND"},
        {"Type": "ON_DEMAND", "WorkflowName": "w"},
        {"Type": "EVENT", "WorkflowName": "w"},
        {"Type": "SCHEDULED", "Schedule": "rate(1 day)"},
        {"Type": "CONDITIONAL", "Predicate": {"Conditions": [condition]}, "StartOnCreation": True},
    ]
    for name, kind in (("t", random.choice(kinds)), ("u", kinds[-1])):
        request: Any = {"Name": name, "Actions": [{"JobName": "b"}], **kind}
        triggers.create_trigger(context, request)


def pointed(value: Any, random: Random) -> Any:
    """Return a request in which some names are those of things that are there."""
    if isinstance(value, list):
        return [pointed(item, random) for item in value][: random.choice([1, 2, 9])]
    if not isinstance(value, dict):
        return value
    changed = {name: pointed(item, random) for name, item in value.items()}
    for name in sorted(changed.keys() & _NAMES.keys()):
        if random.random() < 0.9:
            changed[name] = random.choice(_NAMES[name])
    if random.random() < 0.9:
        return sensible(changed, random)
    return changed


def sensible(part: dict[str, Any], random: Random) -> dict[str, Any]:
    """Return a part of a request without what is refused whatever else it says."""
    if "JobName" in part:
        part.pop("CrawlerName", None)  # an action or a condition names one thing
    if "Actions" in part:
        part["Actions"] = part["Actions"] or [{"JobName": "b"}]
    own = {"SCHEDULED": "Schedule", "CONDITIONAL": "Predicate", "EVENT": "EventBatchingCondition"}
    kind = part.get("Type")
    for member in own.values():
        if member != own.get(str(kind)) and (kind or random.random() < 0.5):
            part.pop(member, None)
    if kind in ("ON_DEMAND", "EVENT"):
        part.pop("StartOnCreation", None)
    if kind != "EVENT" and random.random() < 0.5:
        part.pop("WorkflowName", None)
    part.pop("NextToken", None)
    return part


@pytest.mark.parametrize(("name", "operation"), _OPERATIONS, ids=[name for name, _ in _OPERATIONS])
def test_answers_fit_the_model_and_refusals_have_a_code(
    stocked: Context, name: str, operation: Callable[[Context, Any], dict[str, Any]]
) -> None:
    model = service_model("glue").operation_model(name)
    shape, output = model.input_shape, model.output_shape
    assert isinstance(shape, StructureShape) and isinstance(output, StructureShape)
    # an update may take away what it would start
    codes = {error.name for error in model.error_shapes} | {"ResourceNumberLimitExceededException"}
    random, answered = Random(name), 0
    for _ in range(_ROUNDS):
        stock(stocked, random)
        before = triggers.get_triggers(stocked, {})
        try:
            request = pointed(valid(shape, random), random)
        except Unmatched:
            continue
        if problems("glue", shape, request) is not None:
            continue  # the wire refuses it
        try:
            answer = operation(stocked, request)
        except AwsError as error:
            assert error.code in codes, (request, error.code)
            assert triggers.get_triggers(stocked, {}) == before, (
                "a refused request changed something"
            )
            continue
        answered += 1
        read = json.loads(msgspec.json.encode(answer))
        assert conform(output, read) == read, "members that the model does not know"
        assert problems("glue", output, read) is None, read
    assert answered > 10, answered
