"""Connections to databases and other sources.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-connections.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.glue.catalogs import check_catalog, error_detail
from glueball.api.paging import decode_token, encode_token
from glueball.core.arns import resource_arn
from glueball.core.errors import AlreadyExists, EntityNotFound, InvalidInput
from glueball.core.unsafe_connections import danger_in_address, danger_in_url
from glueball.stores import tags
from glueball.stores.catalog import connections
from glueball.stores.catalog.connections import CatalogConnection

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        BatchDeleteConnectionRequestTypeDef,
        CreateConnectionRequestTypeDef,
        DeleteConnectionRequestTypeDef,
        GetConnectionRequestTypeDef,
        GetConnectionsRequestTypeDef,
        UpdateConnectionRequestTypeDef,
    )
    from sqlalchemy import Connection

_PAGE = 100
#: properties that name where a connection leads to
_ADDRESSES = ("URL", "HOST", "SERVERS", "ENDPOINT")
#: of AuthenticationConfiguration: what AWS moves into a secret of Secrets Manager
_CREDENTIALS = ("BasicAuthenticationCredentials", "CustomAuthenticationCredentials")
_OAUTH_CREDENTIALS = ("OAuth2Credentials", "AuthorizationCodeProperties")
#: ask for a trial that is not made here; a connection is kept without
_TRIALS = ("ValidateCredentials", "ValidateForComputeEnvironments")


def create_connection(context: Context, request: CreateConnectionRequestTypeDef) -> dict[str, Any]:
    """Keep a connection. It is not tried.

    Raises:
        AlreadyExists: the name is taken.
        InvalidInput: it would do more than reach a database; see `core.unsafe_connections`.
    """
    check_catalog(context, request)
    made = _defined(context, request["ConnectionInput"], created=None)
    with context.database.write_behind() as connection:
        if connections.get(connection, made.name) is not None:
            raise AlreadyExists("Connection already exists.")
        connections.insert(connection, made)
        tags.add(connection, _arn(context, made.name), request.get("Tags", {}))
    return {"CreateConnectionStatus": "READY"}


def get_connection(context: Context, request: GetConnectionRequestTypeDef) -> dict[str, Any]:
    """Show a connection, with its password unless told otherwise."""
    check_catalog(context, request)
    with context.database.read() as connection:
        found = _existing(connection, request["Name"])
    return {"Connection": _shown(found, hide=bool(request.get("HidePassword")))}


def get_connections(context: Context, request: GetConnectionsRequestTypeDef) -> dict[str, Any]:
    """Show the connections that a filter chooses, in order of name, a page at a time."""
    check_catalog(context, request)
    size = request.get("MaxResults", _PAGE)
    after = decode_token(request.get("NextToken"), "GetConnections", "") or ""
    with context.database.read() as connection:
        found = connections.behind(connection, after)
    wanted = request.get("Filter", {})
    chosen = [one for one in found if _is_chosen(one, wanted)]
    hide = bool(request.get("HidePassword"))
    answer: dict[str, Any] = {
        "ConnectionList": [_shown(one, hide=hide) for one in chosen[:size]],
    }
    if len(chosen) > size:
        answer["NextToken"] = encode_token("GetConnections", "", chosen[size - 1].name)
    return answer


def update_connection(context: Context, request: UpdateConnectionRequestTypeDef) -> dict[str, Any]:
    """Replace a connection's definition.

    Raises:
        InvalidInput: the definition has another name, or would do more than reach a database.
    """
    check_catalog(context, request)
    name = request["Name"]
    with context.database.write_behind() as connection:
        current = _existing(connection, name)
        changed = _defined(context, request["ConnectionInput"], created=current.created)
        if changed.name != name:
            raise InvalidInput(f"Connection {name} cannot be renamed to {changed.name}.")
        connections.replace(connection, changed)
    return {}


def delete_connection(context: Context, request: DeleteConnectionRequestTypeDef) -> dict[str, Any]:
    """Delete a connection."""
    check_catalog(context, request)
    with context.database.write_behind() as connection:
        _delete(context, connection, request["ConnectionName"])
    return {}


def batch_delete_connection(
    context: Context, request: BatchDeleteConnectionRequestTypeDef
) -> dict[str, Any]:
    """Delete connections, and say of which names there are none."""
    check_catalog(context, request)
    succeeded: list[str] = []
    errors: dict[str, Any] = {}
    with context.database.write_behind() as connection:
        for name in request["ConnectionNameList"]:
            try:
                _delete(context, connection, name)
                succeeded.append(name)
            except EntityNotFound as error:
                errors[name] = error_detail(error)
    return {"Succeeded": succeeded, "Errors": errors}


def _defined(context: Context, given: Any, *, created: float | None) -> CatalogConnection:
    document = {**given}
    name = document.pop("Name")
    for trial in _TRIALS:
        document.pop(trial, None)
    _refuse_credentials(document.get("AuthenticationConfiguration", {}))
    if not context.account.allow_unsafe_connections:
        _refuse_danger(document.get("ConnectionProperties", {}))
    now = context.clock.now()
    return CatalogConnection(
        name=name,
        created=now if created is None else created,
        updated=now,
        updated_by=context.call.caller.arn,
        document=document,
    )


def _refuse_credentials(authentication: Mapping[str, Any]) -> None:
    """Refuse what nothing could read again: AWS shows only the secret that it makes of them."""
    given = {*authentication, *authentication.get("OAuth2Properties", {})}
    for name in (*_CREDENTIALS, *_OAUTH_CREDENTIALS):
        if name in given:
            raise InvalidInput(
                f"{name} is not supported: there is no Secrets Manager here. Give USERNAME and "
                "PASSWORD in ConnectionProperties."
            )


def _refuse_danger(properties: Mapping[str, str]) -> None:
    for name, text in properties.items():
        if not name.endswith(_ADDRESSES):
            continue
        check = danger_in_url if text.strip().lower().startswith("jdbc:") else danger_in_address
        if danger := check(text):
            raise InvalidInput(
                f"{name} {danger}. If that is what you want, set allow_unsafe_connections in the "
                "service's configuration."
            )


def _existing(connection: Connection, name: str) -> CatalogConnection:
    found = connections.get(connection, name)
    if found is None:
        raise EntityNotFound(f"Connection {name} not found.")
    return found


def _delete(context: Context, connection: Connection, name: str) -> None:
    if not connections.delete(connection, name):
        raise EntityNotFound(f"Connection {name} not found.")
    tags.clear(connection, _arn(context, name))


def _arn(context: Context, name: str) -> str:
    return resource_arn(context.account, "connection", name)


def _is_chosen(one: CatalogConnection, wanted: Mapping[str, Any]) -> bool:
    criteria = set(wanted.get("MatchCriteria", ()))
    kind = wanted.get("ConnectionType", one.document["ConnectionType"])
    return (
        criteria <= set(one.document.get("MatchCriteria", ()))
        and kind == one.document["ConnectionType"]
        and wanted.get("ConnectionSchemaVersion", 1) == 1
    )


def _shown(one: CatalogConnection, *, hide: bool) -> dict[str, Any]:
    """Return AWS's `Connection` shape."""
    properties = one.document["ConnectionProperties"]
    if hide:
        properties = {key: text for key, text in properties.items() if "PASSWORD" not in key}
    return {
        "Name": one.name,
        **one.document,
        "ConnectionProperties": properties,
        "CreationTime": one.created,
        "LastUpdatedTime": one.updated,
        "LastUpdatedBy": one.updated_by,
        "Status": "READY",
        "ConnectionSchemaVersion": 1,
    }
