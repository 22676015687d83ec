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
from glueball.wire.validation import problems
from wire.shape_values import Unmatched, mutated, valid

SERVICES = ("glue", "logs", "glueball-runtime", "glueball-crawl")
TYPES = {service: JsonTypes(service) for service in SERVICES}
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


def fast(decoder: msgspec.json.Decoder[Any], text: bytes) -> Any:
    try:
        return decoder.decode(text)
    except msgspec.ValidationError:
        return None


@pytest.mark.parametrize("service", SERVICES)
def test_valid_requests_pass_both_and_give_the_same(service: str) -> None:
    unmatched = []
    for name, shape in inputs(service):
        random = Random(name)
        decoder = msgspec.json.Decoder(TYPES[service].type_of(shape))
        try:
            value = valid(shape, random)
        except Unmatched:
            unmatched.append(name)
            continue
        text = msgspec.json.encode(value)
        assert fast(decoder, text) == exact(service, shape, json.loads(text)) == value, name
    assert len(unmatched) <= len(inputs(service)) // 20, unmatched


@pytest.mark.parametrize("service", SERVICES)
def test_what_the_fast_one_lets_pass_the_exact_one_does_too(service: str) -> None:
    """And nobody ever raises anything but an AWS error."""
    for name, shape in inputs(service):
        random = Random(name)
        decoder = msgspec.json.Decoder(TYPES[service].type_of(shape))
        try:
            value = json.loads(msgspec.json.encode(valid(shape, random)))
        except Unmatched:
            continue
        for _ in range(MUTATIONS):
            text = json.dumps(mutated(value, random)).encode()
            quick = fast(decoder, text)
            slow = exact(service, shape, json.loads(text))
            assert quick is None or quick == slow, (name, text[:500])


def test_a_shape_may_hold_itself() -> None:
    mapping = JsonTypes("glue").type_of(service_model("glue").shape_for("Mapping"))
    value = {"ToKey": "a", "Children": [{"ToKey": "b", "Children": [{"ToKey": "c"}]}]}
    assert msgspec.json.decode(msgspec.json.encode(value), type=mapping) == value
