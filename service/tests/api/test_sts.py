from __future__ import annotations

from dataclasses import dataclass

import pytest

from glueball.api.sts import get_caller_identity
from glueball.wire.call import Call, Caller

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
