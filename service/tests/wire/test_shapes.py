"""The fast decoder and the exact one agree, for every operation of the JSON services."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import msgspec
import pytest
from botocore.model import StructureShape

from glueball.core.errors import AwsError
from glueball.wire.json_values import conform
from glueball.wire.models import operation_names, service_model
from glueball.wire.shapes import JsonTypes
from glueball.wire.text_checks import TextChecks
from glueball.wire.validation import problems
from wire.shape_values import Unmatched, mutated, valid

SERVICES = ("glue", "logs", "glueball-runtime", "glueball-crawl")
TYPES = {service: JsonTypes(service) for service in SERVICES}
CHECKS = {service: TextChecks(service) for service in SERVICES}
ALL_CHECKS = {service: TextChecks(service, classes=True) for service in SERVICES}
MUTATIONS = 12


def inputs(service: str) -> list[tuple[str, StructureShape]]:
    models = [service_model(service).operation_model(name) for name in operation_names(service)]
    return [(model.name, model.input_shape) for model in models if model.input_shape is not None]


def exact(service: str, shape: StructureShape, value: Any) -> Any:
    """Return what the exact decoder makes of a value; None where it refuses."""
    try:
        request = conform(shape, value)
    except AwsError:
        return None
    return None if problems(service, shape, request) else request


def fast(service: str, shape: StructureShape, text: bytes) -> Any:
    """Return what the fast decoder makes of a text, with the checks that it leaves to others."""
    decoder = msgspec.json.Decoder(TYPES[service].type_of(shape))
    try:
        request = decoder.decode(text)
    except msgspec.ValidationError:
        return None
    assert CHECKS[service].fit(shape, request) is ALL_CHECKS[service].fit(shape, request)
    return request if CHECKS[service].fit(shape, request) else None


@pytest.mark.parametrize("service", SERVICES)
def test_valid_requests_pass_both_and_give_the_same(service: str) -> None:
    unmatched = []
    for name, shape in inputs(service):
        random = Random(name)
        try:
            value = valid(shape, random)
        except Unmatched:
            unmatched.append(name)
            continue
        text = msgspec.json.encode(value)
        assert fast(service, shape, text) == exact(service, shape, json.loads(text)) == value, name
    assert len(unmatched) <= len(inputs(service)) // 20, unmatched


@pytest.mark.parametrize("service", SERVICES)
def test_what_the_fast_one_lets_pass_the_exact_one_does_too(service: str) -> None:
    """And nobody ever raises anything but an AWS error."""
    for name, shape in inputs(service):
        random = Random(name)
        try:
            value = json.loads(msgspec.json.encode(valid(shape, random)))
        except Unmatched:
            continue
        for _ in range(MUTATIONS):
            text = json.dumps(mutated(value, random)).encode()
            quick = fast(service, shape, text)
            slow = exact(service, shape, json.loads(text))
            assert quick is None or quick == slow, (name, text[:500])


def test_a_shape_may_hold_itself() -> None:
    mapping = JsonTypes("glue").type_of(service_model("glue").shape_for("Mapping"))
    value = {"ToKey": "a", "Children": [{"ToKey": "b", "Children": [{"ToKey": "c"}]}]}
    assert msgspec.json.decode(msgspec.json.encode(value), type=mapping) == value


@pytest.mark.parametrize(
    ("service", "operation", "request_members", "fits"),
    [
        pytest.param("glue", "StartCrawler", {"Name": "a"}, True, id="no pattern but of a class"),
        pytest.param(
            "glue", "TagResource", {"ResourceArn": "x", "TagsToAdd": {}}, False, id="a member"
        ),
        pytest.param(
            "glue",
            "TagResource",
            {"ResourceArn": "arn:aws:glue:us-east-1:1:job/x", "TagsToAdd": {"a": "b"}},
            True,
            id="a member that fits",
        ),
        pytest.param(
            "events",
            "PutTargets",
            {"Targets": [{"HttpParameters": {"HeaderParameters": {"a": " " * 60 + "\x01"}}}]},
            False,
            id="the value of a map in a structure in a list",
        ),
        pytest.param(
            "events",
            "PutTargets",
            {"Targets": [{"HttpParameters": {"HeaderParameters": {"a": "b c"}}}, {}]},
            True,
            id="a value of a map that fits",
        ),
    ],
)
def test_texts_are_checked_where_they_are(
    service: str, operation: str, request_members: dict[str, Any], fits: bool
) -> None:
    shape = service_model(service).operation_model(operation).input_shape
    assert shape is not None
    assert TextChecks(service).fit(shape, request_members) is fits
