from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from glueball.api.context import Context
from glueball.api.iam import roles
from glueball.api.sts import assume_role, get_caller_identity
from glueball.core.errors import ValidationFailed
from glueball.wire.call import Call, Caller
from glueball.wire.session_tokens import open_token
from support.contexts import call, make_context
from support.runs import BASE_TIME

ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Asked:
    call: Call


@pytest.mark.parametrize(
    ("arn", "user_id"),
    [
        # the operator's own key
        (f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT),
        (f"arn:aws:iam::{ACCOUNT}:user/ana", "AKIAEXAMPLE"),
        # a script with the credentials of its run
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/glueball-job/jr_1", "AKIAEXAMPLE:jr_1"),
    ],
)
def test_the_caller_is_who_signed(arn: str, user_id: str) -> None:
    caller = Caller(access_key="AKIAEXAMPLE", account_id=ACCOUNT, arn=arn)
    call = Call(service="sts", operation="GetCallerIdentity", request_id="r", caller=caller)
    assert get_caller_identity(Asked(call), {}) == {
        "UserId": user_id,
        "Account": ACCOUNT,
        "Arn": arn,
    }


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return make_context(tmp_path)


def assume(context: Context, role: str = "etl", **more: Any) -> dict[str, Any]:
    arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    request: Any = {"RoleArn": arn, "RoleSessionName": "nightly", **more}
    return assume_role(context, request)


@pytest.mark.parametrize("run_id", [None, "jr_1"])
def test_a_session_of_a_role_has_its_name_and_its_end(context: Context, run_id: str | None) -> None:
    context = replace(context, call=call(run_id))
    answer = assume(context, "jobs/etl", DurationSeconds=900)
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/etl/nightly"
    assert answer["AssumedRoleUser"]["Arn"] == arn
    assert answer["AssumedRoleUser"]["AssumedRoleId"].endswith(":nightly")
    credentials = answer["Credentials"]
    assert credentials["Expiration"] == BASE_TIME + 900
    opened = open_token(
        b"a root key of tests",
        credentials["AccessKeyId"],
        credentials["SessionToken"],
        BASE_TIME,
    )
    # what a run does in the name of a role is still done by the run
    assert (opened.assumed_role, opened.run_id) == ("etl/nightly", run_id or "")


@pytest.mark.parametrize(
    ("role", "seconds", "says"),
    [
        ("etl", 3601, "exceeds the MaxSessionDuration set for this role"),
        ("none", 43201, "exceeds the MaxSessionDuration set for this role"),
        ("", 900, "is invalid"),
        ("a b", 900, "is invalid"),
    ],
)
def test_sessions_that_cannot_be(context: Context, role: str, seconds: int, says: str) -> None:
    roles.create_role(context, {"RoleName": "etl", "AssumeRolePolicyDocument": "{}"})
    with pytest.raises(ValidationFailed, match=says):
        assume(context, role, DurationSeconds=seconds)
