"""STS: who am I, and sessions of roles. https://docs.aws.amazon.com/STS/latest/APIReference/"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from glueball.api.context import Context
from glueball.core.errors import ValidationFailed
from glueball.stores import principals
from glueball.stores.principals import ROLE, NoSuchEntity
from glueball.wire.call import Call

if TYPE_CHECKING:
    from mypy_boto3_sts.type_defs import AssumeRoleRequestTypeDef

_ROLE_ARN = re.compile(r"arn:aws(?:-[a-z]+)*:iam::[0-9]{12}:role/(?:[!-~]*/)?([\w+=,.@-]{1,64})")
#: API_AssumeRole: the default of DurationSeconds
_DEFAULT_SECONDS = 3600
#: the longest that a role may allow; what holds for roles that are no records here
_LONGEST_SECONDS = 12 * 3600


class _Signed(Protocol):
    @property
    def call(self) -> Call: ...


def get_caller_identity(context: _Signed, _request: Mapping[str, Any]) -> dict[str, Any]:
    """Show whose key signed the request.

    `UserId` has AWS's forms: the account for its root, `<id>:<session>` for an assumed role.
    """
    caller = context.call.caller
    user_id = caller.access_key
    if caller.arn.endswith(":root"):
        user_id = caller.account_id
    elif ":assumed-role/" in caller.arn:
        user_id = f"{caller.access_key}:{caller.arn.rpartition('/')[2]}"
    return {"UserId": user_id, "Account": caller.account_id, "Arn": caller.arn}


def assume_role(context: Context, request: AssumeRoleRequestTypeDef) -> dict[str, Any]:
    """Give temporary credentials in the name of a role.

    The role need not be a record here, and its trust policy is not looked at: nothing is authorised
    by roles. What a run does with them is still done by the run.

    Raises:
        ValidationFailed: the ARN is none of a role, or the session is longer than the role allows.
    """
    match = _ROLE_ARN.fullmatch(request["RoleArn"])
    if match is None:
        raise ValidationFailed(f"{request['RoleArn']} is invalid")
    seconds = request.get("DurationSeconds", _DEFAULT_SECONDS)
    if seconds > _longest_seconds(context, match[1]):
        raise ValidationFailed(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    session = f"{match[1]}/{request['RoleSessionName']}"
    issued = context.issue_for_role(
        assumed_role=session,
        run_id=context.call.caller.run_id or "",
        expires=context.clock.now() + seconds,
    )
    return {
        "Credentials": {
            "AccessKeyId": issued.access_key,
            "SecretAccessKey": issued.secret_key,
            "SessionToken": issued.session_token,
            "Expiration": issued.expires,
        },
        "AssumedRoleUser": {
            "AssumedRoleId": f"{issued.access_key}:{request['RoleSessionName']}",
            "Arn": f"arn:aws:sts::{context.account_id}:assumed-role/{session}",
        },
    }


def _longest_seconds(context: Context, role_name: str) -> int:
    try:
        with context.database.read() as connection:
            return principals.get(connection, ROLE, role_name).max_session_seconds
    except NoSuchEntity:
        return _LONGEST_SECONDS
