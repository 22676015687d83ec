"""Opaque page tokens: where the next page begins, for the operation that gave the token."""

from __future__ import annotations

import base64
import binascii
import re

import msgspec

from glueball.core.errors import InvalidInput

#: what SQLite can number, and somewhat less
_ROW = re.compile(r"[0-9]{1,18}")


class _Token(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    operation: str
    scope: str
    position: str


def encode_token(operation: str, scope: str, position: str) -> str:
    """Make the token of the page that begins behind `position`.

    Args:
        operation: the operation that will take it back.
        scope: what is listed (a job's name, say); a token of another scope is refused.
        position: the last key of the page before.
    """
    token = msgspec.json.encode(_Token(operation, scope, position))
    return base64.urlsafe_b64encode(token).decode()


def decode_token(token: str | None, operation: str, scope: str) -> str | None:
    """Return the position in a token, or None where there is no token.

    Raises:
        InvalidInput: the token is not one that this operation gave for this scope.
    """
    if not token:
        return None
    try:
        decoded = msgspec.json.decode(base64.urlsafe_b64decode(token.encode()), type=_Token)
    except (binascii.Error, UnicodeEncodeError, msgspec.MsgspecError, ValueError) as error:
        raise InvalidInput("The NextToken is not valid.") from error
    if (decoded.operation, decoded.scope) != (operation, scope):
        raise InvalidInput("The NextToken is not valid: it belongs to another request.")
    return decoded.position


def decode_number(token: str | None, operation: str, scope: str) -> int | None:
    """Return the position in a token where positions are numbers of rows.

    Raises:
        InvalidInput: the token is not one that this operation gave for this scope.
    """
    position = decode_token(token, operation, scope)
    if position is None:
        return None
    if not _ROW.fullmatch(position):
        raise InvalidInput("The NextToken is not valid.")
    return int(position)


def encode_names(*names: str) -> str:
    """Return the position behind something that has several names."""
    return msgspec.json.encode(names).decode()


def decode_names(token: str | None, operation: str) -> tuple[str, str]:
    """Return the two names in a token (`encode_names`); empty ones where there is no token.

    Raises:
        InvalidInput: the token is not one that this operation gave.
    """
    position = decode_token(token, operation, "")
    try:
        return msgspec.json.decode(position, type=tuple[str, str]) if position else ("", "")
    except msgspec.MsgspecError as error:
        raise InvalidInput("The NextToken is not valid.") from error
