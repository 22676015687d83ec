"""Names of resources. https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html"""

from __future__ import annotations

import re
from typing import Protocol

from glueball.core.errors import InvalidInput

#: partition and service, the region, the rest
_REGIONAL = re.compile(r"(arn:[^:]+:[^:]+:)([^:]+)(:.*)", re.DOTALL)


class _Account(Protocol):
    @property
    def account_id(self) -> str: ...
    @property
    def region(self) -> str: ...


def resource_arn(account: _Account, kind: str, name: str) -> str:
    """Return the ARN of a resource of Glue; `kind` is "job", say."""
    return f"arn:aws:glue:{account.region}:{account.account_id}:{kind}/{name}"


def rule_arn(account: _Account, name: str) -> str:
    """Return the ARN of a rule of EventBridge's default bus."""
    return f"arn:aws:events:{account.region}:{account.account_id}:rule/{name}"


def in_region(arn: str, region: str) -> str:
    """Return an ARN with its region replaced; what is no ARN, or names no region, as it is.

    All regions are one namespace: clients see the region that they sign for, and what is kept
    under an ARN is kept under that of the account's own region.
    """
    match = _REGIONAL.fullmatch(arn)
    return f"{match[1]}{region}{match[3]}" if match else arn


def parse_arn(account: _Account, arn: str) -> tuple[str, str]:
    """Return the kind and the name in an ARN of this account, of any region.

    Raises:
        InvalidInput: it is no ARN of Glue in this account.
    """
    own = in_region(arn, account.region)
    kind, slash, name = own.removeprefix(resource_arn(account, "", "")[:-1]).partition("/")
    if not slash or not name or ":" in kind:
        raise InvalidInput(
            f"{arn} is not the ARN of a Glue resource in account {account.account_id}."
        )
    return kind, name
