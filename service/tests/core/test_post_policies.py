"""What a policy of a form lets pass."""

from __future__ import annotations

import json
from typing import Any

import pytest

from glueball.core.errors import AccessDenied
from glueball.core.post_policies import (
    FileTooLarge,
    FileTooSmall,
    InvalidPolicyDocument,
    PostPolicy,
    parse_policy,
)

_NOW = 1_700_000_000.0
_FIELDS = {"bucket": "b", "key": "in/a.csv", "policy": "…", "x-amz-signature": "…"}


def _policy(*conditions: Any, expiration: str = "2030-01-01T00:00:00Z") -> PostPolicy:
    return parse_policy(json.dumps({"expiration": expiration, "conditions": conditions}).encode())


@pytest.mark.parametrize(
    ("conditions", "fields"),
    [
        ([{"key": "in/a.csv"}], {}),
        ([["eq", "$key", "in/a.csv"]], {}),
        ([["starts-with", "$key", "in/"]], {}),
        ([["starts-with", "$key", ""]], {}),  # anything
        ([{"Key": "in/a.csv"}, {"BUCKET": "b"}], {}),  # names in any case
        ([{"key": "in/a.csv"}, ["starts-with", "$Acl", "pub"]], {"acl": "public"}),
        ([{"key": "in/a.csv"}], {"x-ignore-me": "1", "awsaccesskeyid": "A", "signature": "s"}),
        ([{"key": "in/a.csv"}, {"success_action_status": 201}], {"success_action_status": "201"}),
    ],
)
def test_forms_that_pass(conditions: list[Any], fields: dict[str, str]) -> None:
    _policy(*conditions).check(_FIELDS | fields, _NOW)


@pytest.mark.parametrize(
    ("conditions", "fields", "says"),
    [
        ([{"key": "other"}], {}, r'Condition failed: \["eq", "\$key", "other"\]'),
        ([["starts-with", "$key", "out/"]], {}, "Condition failed"),
        ([{"key": "in/a.csv"}, {"bucket": "c"}], {}, "Condition failed"),
        ([{"key": "in/a.csv"}, {"acl": "private"}], {}, "Condition failed"),  # it is missing
        ([{"key": "in/a.csv"}], {"x-amz-meta-a": "1"}, "Extra input fields: x-amz-meta-a"),
        ([], {}, "Extra input fields: key"),
    ],
)
def test_forms_that_do_not(conditions: list[Any], fields: dict[str, str], says: str) -> None:
    with pytest.raises(AccessDenied, match=says):
        _policy(*conditions).check(_FIELDS | fields, _NOW)


def test_a_policy_ends() -> None:
    policy = _policy({"key": "in/a.csv"}, expiration="2023-11-14T22:13:20.000Z")
    policy.check(_FIELDS, _NOW - 1)
    with pytest.raises(AccessDenied, match="Policy expired"):
        policy.check(_FIELDS, _NOW)


def test_sizes() -> None:
    policy = _policy(["content-length-range", 10, 100], ["content-length-range", "5", "50"])
    policy.check_smallest(10)
    policy.check_largest(50)
    with pytest.raises(FileTooSmall):
        policy.check_smallest(9)
    with pytest.raises(FileTooLarge):
        policy.check_largest(51)
    _policy().check_largest(10**12)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"{}",
        b'{"expiration": "tomorrow", "conditions": []}',
        b'{"expiration": "2030-01-01T00:00:00Z"}',
        b'{"expiration": 5, "conditions": []}',
        b'{"expiration": "2030-01-01T00:00:00Z", "conditions": [5]}',
        b'{"expiration": "2030-01-01T00:00:00Z", "conditions": [["like", "$key", "a"]]}',
        b'{"expiration": "2030-01-01T00:00:00Z", "conditions": [["eq", "key", "a"]]}',
        b'{"expiration": "2030-01-01T00:00:00Z", "conditions": [{"a": "b", "c": "d"}]}',
        b'{"expiration": "2030-01-01T00:00:00Z", "conditions": [{"a": null}]}',
        b'{"expiration": "2030-01-01T00:00:00Z", "conditions": [["content-length-range", "x", 1]]}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_what_is_no_policy(document: bytes) -> None:
    with pytest.raises(InvalidPolicyDocument):
        parse_policy(document)
