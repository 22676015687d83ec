"""Contexts for calling operations as functions."""

from __future__ import annotations

import itertools
from functools import partial
from pathlib import Path

from glueball.api.context import Context
from glueball.orchestration.account import Account
from glueball.stores.catalog.schema import catalog_metadata
from glueball.stores.database import Database
from glueball.stores.logs import LogStore
from glueball.stores.object_metadata import ObjectMetadata
from glueball.stores.object_tables import objects_metadata
from glueball.stores.objects import ObjectStore
from glueball.stores.role_tables import roles_metadata
from glueball.wire.call import Call, Caller
from glueball.wire.session_tokens import issue_for_role
from support.clocks import VirtualClock
from support.runs import BASE_TIME

ACCOUNT = "123456789012"


def call(run_id: str | None = None) -> Call:
    """Return a call of the operator, or of a run with its temporary credentials."""
    caller = Caller(
        access_key="AKIAEXAMPLE",
        account_id=ACCOUNT,
        arn=f"arn:aws:iam::{ACCOUNT}:root",
        run_id=run_id,
    )
    return Call(service="glue", operation="Any", request_id="request-1", caller=caller)


def make_context(home: Path, clock: VirtualClock | None = None) -> Context:
    """Return a context over real stores in `home`."""
    clock = clock or VirtualClock(BASE_TIME)
    database = Database(
        home / "glueball.db", extra=(objects_metadata, roles_metadata, catalog_metadata)
    )
    numbers = itertools.count(1)
    return Context(
        call=call(),
        account=Account(
            account_id=ACCOUNT,
            region="us-east-1",
            new_id=lambda: f"{next(numbers):064x}",
        ),
        clock=clock,
        database=database,
        objects=ObjectStore(home / "objects", ObjectMetadata(database)),
        logs=LogStore(home / "logs", clock),
        wake=lambda: None,
        issue_for_role=partial(issue_for_role, b"a root key of tests"),
    )
