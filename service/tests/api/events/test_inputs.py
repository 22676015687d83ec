"""Any input of these operations is answered as the model says, or refused with a code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from types import ModuleType
from typing import Any

import msgspec
import pytest
from botocore import xform_name
from botocore.model import StructureShape

from glueball.api import cloudtrail
from glueball.api.context import Context
from glueball.api.events import entries, rules, tags, targets
from glueball.core.errors import AwsError
from glueball.wire.json_values import conform
from glueball.wire.models import operation_names, service_model
from glueball.wire.validation import problems
from support.contexts import make_context
from wire.shape_values import Unmatched, valid

_MODULES: dict[str, tuple[ModuleType, ...]] = {
    "events": (entries, rules, tags, targets),
    "cloudtrail": (cloudtrail,),
}
_EVENT = {
    "id": "1",
    "account": "1",
    "source": "my.app",
    "time": "2024-01-01T00:00:00Z",
    "region": "r",
    "resources": [],
    "detail-type": "t",
    "detail": {"n": 5},
}
#: what members are made of, so that most requests mean something
_VALUES: dict[str, tuple[Any, ...]] = {
    "Name": ("r", "r", "other"),
    "Rule": ("r", "r", "other"),
    "EventBusName": ("default", "default", "orders"),
    "EventPattern": ('{"source": ["my.app"]}', '{"detail": {"n": [{"numeric": [">", 1]}]}}', "{}"),
    "ScheduleExpression": ("rate(5 minutes)", "cron(0 0 * * ? *)", "rate(5)"),
    "Event": (json.dumps(_EVENT), json.dumps(_EVENT), "[]"),
    "Detail": ('{"n": 5}', '{"n": 5}', "n"),
    "Source": ("my.app", "my.app", "aws.s3"),
    "Arn": ("arn:aws:glue:us-east-1:123456789012:workflow/w", "arn:aws:sns:us-east-1:1:t"),
    "ResourceARN": ("arn:aws:events:us-east-1:123456789012:rule/r", "arn:x"),
    "NextToken": ("x",),
}
#: beside those of the model: what every service may answer
_COMMON = {"ValidationException"}
_ROUNDS = 60


def all_operations() -> Iterator[tuple[str, str, Callable[[Context, Any], dict[str, Any]]]]:
    """Yield the services, names and functions of the operations."""
    for service, modules in _MODULES.items():
        for name in operation_names(service):
            for module in modules:
                if xform_name(name) in vars(module):
                    yield service, name, vars(module)[xform_name(name)]


def pointed(value: Any, random: Random) -> Any:
    """Return a request whose members mean something."""
    if isinstance(value, list):
        return [pointed(item, random) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: random.choice(_VALUES[name]) if name in _VALUES else pointed(item, random)
        for name, item in value.items()
        if name != "NextToken" or random.random() < 0.1
    }


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    context = make_context(tmp_path_factory.mktemp("events"))
    yield context
    context.database.close()


@pytest.mark.parametrize(
    ("service", "name", "operation"),
    list(all_operations()),
    ids=lambda value: getattr(value, "__name__", value),
)
def test_answers_fit_the_model_and_refusals_have_a_code(
    context: Context,
    service: str,
    name: str,
    operation: Callable[[Context, Any], dict[str, Any]],
) -> None:
    model = service_model(service).operation_model(name)
    shape, output = model.input_shape, model.output_shape
    assert isinstance(shape, StructureShape)
    codes = {error.name for error in model.error_shapes} | _COMMON
    random, answered = Random(name), 0
    for _ in range(_ROUNDS):
        rules.put_rule(context, {"Name": "r", "EventPattern": '{"source": ["my.app"]}'})
        try:
            request = pointed(valid(shape, random), random)
        except Unmatched:
            continue
        assert problems(service, shape, request) is None, request
        try:
            answer = operation(context, request)
        except AwsError as error:
            assert error.code in codes, (request, error.code)
            continue
        answered += 1
        read = json.loads(msgspec.json.encode(answer))
        if output is None:
            assert read == {}
            continue
        assert isinstance(output, StructureShape)
        assert conform(output, read) == read, "members that the model does not know"
        if read != {
            "Targets": []
        }:  # the model wants one at least, and AWS answers this all the same
            assert problems(service, output, read) is None, read
    assert answered, "no request of all these was answered"
