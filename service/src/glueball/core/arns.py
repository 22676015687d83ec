"""Names of resources. https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html"""

from __future__ import annotations

from typing import Protocol

from glueball.core.errors import InvalidInput


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


def parse_arn(account: _Account, arn: str) -> tuple[str, str]:
    """Return the kind and the name in an ARN of this account.

    Raises:
        InvalidInput: it is no ARN of Glue in this account and region.
    """
    kind, slash, name = arn.removeprefix(resource_arn(account, "", "")[:-1]).partition("/")
    if not slash or not name or ":" in kind:
        raise InvalidInput(
            f"{arn} is not the ARN of a Glue resource in account {account.account_id}, region "
            f"{account.region}."
        )
    return kind, name
