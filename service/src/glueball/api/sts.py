"""STS: who am I? https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from glueball.wire.call import Call


class Context(Protocol):
    """What these operations use."""

    @property
    def call(self) -> Call: ...


def get_caller_identity(context: Context, _request: Mapping[str, Any]) -> dict[str, Any]:
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
