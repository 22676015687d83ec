from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueball.wire import forms
from glueball.wire.errors import MalformedBody
from glueball.wire.models import service_model


def read(operation: str, body: bytes, service: str = "iam") -> dict[str, Any]:
    shape = service_model(service).operation_model(operation).input_shape
    assert shape is not None
    return forms.read_structure(shape, forms.parse(body))


@pytest.mark.parametrize(
    ("operation", "body", "members"),
    [
        ("GetRole", b"Action=GetRole&RoleName=a+b%2Bc", {"RoleName": "a b+c"}),
        ("GetRole", b"RoleName=", {"RoleName": ""}),  # empty is not absent
        ("GetRole", b"", {}),
        ("GetRole", b"Unknown=1&Role.Name=2", {}),
        ("ListRoles", b"MaxItems=5", {"MaxItems": 5}),
        (
            "TagRole",  # in the order of the numbers, with a gap
            b"Tags.member.10.Key=b&Tags.member.2.Key=a&Tags.member.2.Value=v",
            {"Tags": [{"Key": "a", "Value": "v"}, {"Key": "b"}]},
        ),
        ("TagRole", b"Tags=", {"Tags": []}),  # how botocore sends an empty list
        ("TagRole", b"Tags.member.x.Key=b&Tags.member.-1.Key=a", {"Tags": []}),
        ("UntagRole", b"TagKeys.member.1=a&TagKeys.member.2=b", {"TagKeys": ["a", "b"]}),
    ],
)
def test_forms(operation: str, body: bytes, members: dict[str, Any]) -> None:
    assert read(operation, body) == members


@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        ("ListRoles", b"MaxItems=five", "not an integer"),
        ("ListRoles", b"MaxItems=" + b"9" * 100_000, "not an integer"),
        ("GetRole", b"RoleName=%ff", "not a form"),
        ("GetRole", b"RoleName=\xff", "not a form"),
        ("GetRole", b"a=1&" * 30_000, "not a form"),
        ("GetRole", b".".join([b"a"] * 100) + b"=1", "nests too deep"),
    ],
)
def test_what_is_refused(operation: str, body: bytes, message: str) -> None:
    with pytest.raises(MalformedBody, match=message):
        read(operation, body)


def test_attack_10_a_form_of_16_mb_takes_less_than_a_second() -> None:
    for body in (b"a" * 16_000_000, b"a=1&" * 4_000_000, b"a." * 8_000_000 + b"=1"):
        began = time.process_time()
        with suppress(MalformedBody):
            forms.parse(body)
        assert time.process_time() - began < 1


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    with suppress(MalformedBody):
        assert isinstance(read("TagRole", body + b"&Tags.member." + body), dict)
