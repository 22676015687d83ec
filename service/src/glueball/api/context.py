"""What an operation may use beside its request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from glueball.core.clock import Clock
from glueball.orchestration.account import Account
from glueball.stores.database import Database
from glueball.stores.logs import LogStore
from glueball.stores.objects import ObjectStore
from glueball.wire.call import Call
from glueball.wire.session_tokens import TemporaryCredentials


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """The parts that operations work with, and the call they answer."""

    call: Call
    account: Account
    clock: Clock
    #: operations write behind: the gateway settles the journal before it answers
    database: Database
    objects: ObjectStore
    logs: LogStore
    #: tells the engine that there is something to decide
    wake: Callable[[], None]
    #: makes the credentials of a session of a role
    issue_for_role: Callable[..., TemporaryCredentials]

    @property
    def account_id(self) -> str:
        return self.account.account_id

    @property
    def region(self) -> str:
        """The region that the call was signed for, the account's own where it named none."""
        return self.call.region or self.account.region

    @property
    def new_id(self) -> Callable[[], str]:
        return self.account.new_id
