"""Secrets at rest: documents are written with their secret texts encrypted.

Each secret text stands in its document as a marker, a nonce and AES-256-GCM's ciphertext
(NIST SP 800-38D), bound to the name that it has there. The key is in the home's credentials file.
Everything else of a document stays readable. Whoever reads a document with the key gets the texts
that were written.
"""

from __future__ import annotations

import base64
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from glueball.core.secret_names import is_secret
from glueball.stores.catalog.schema import connections
from glueball.stores.event_tables import event_targets
from glueball.stores.orchestration_tables import triggers, workflow_runs, workflows
from glueball.stores.tables import jobs, runs, sealing_key

_log = logging.getLogger(__name__)

_MARKER = "glueball-sealed-1:"
_MARKER_BYTES = _MARKER.encode()
_NONCE_BYTES = 12
#: what is read in the place of a text that was encrypted with another key
UNREADABLE = "(lost: encrypted with another key)"
_INFO = "glueball.sealer"
_CHECK = "glueball"

#: every column that may hold secrets
_SEALED = (
    jobs.c.document,
    runs.c.document,
    triggers.c.document,
    workflows.c.document,
    workflow_runs.c.properties,
    workflow_runs.c.triggers,
    event_targets.c.document,
    connections.c.document,
)


class Sealer:
    """Encrypts and decrypts the secret texts of documents.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, name: str, text: str) -> str:
        """Return the text that stands for a secret."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(
            nonce, text.encode("utf-8", "surrogatepass"), name.encode()
        )
        return _MARKER + base64.b64encode(sealed).decode()

    def open(self, name: str, text: str) -> str:
        """Return the secret that a text stands for.

        A text that only looks like one is returned as it is; one of another key is `UNREADABLE`.
        """
        try:
            sealed = base64.b64decode(text[len(_MARKER) :], validate=True)
            nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            opened = self._cipher.decrypt(nonce, content, name.encode())
        except ValueError:
            return text
        except InvalidTag:
            return UNREADABLE
        return opened.decode("utf-8", "surrogatepass")


def attach(connection: sa.Connection, sealer: Sealer | None) -> None:
    """Let the documents of a connection be sealed; None leaves them as they are."""
    connection.info[_INFO] = sealer


def encode(connection: sa.Connection, document: Any) -> bytes:
    """Return a document as JSON, its secret texts encrypted."""
    sealer: Sealer | None = connection.info.get(_INFO)
    return msgspec.json.encode(document if sealer is None else _sealed(sealer, "", document))


def decode(connection: sa.Connection, text: bytes) -> Any:
    """Return the document that `encode` was given."""
    document = msgspec.json.decode(text)
    if _MARKER_BYTES not in text:
        return document
    sealer: Sealer | None = connection.info.get(_INFO)
    return document if sealer is None else _opened(sealer, "", document)


def seal_what_is_there(connection: sa.Connection, sealer: Sealer) -> bool:
    """Encrypt what an earlier Glueball wrote in clear, once for each key.

    Call it in the transaction that opens the file, when all tables are there.

    Returns:
        True when something was encrypted: what was there in clear may still stand in unused parts
        of the file.
    """
    row = connection.execute(sa.select(sealing_key.c.proof)).scalar()
    if row is not None and sealer.open(_CHECK, row) == _CHECK:
        return False
    if row is not None:
        _log.error(
            "The key in the credentials file is not the one that the passwords and secret "
            "arguments in the database were encrypted with: they are lost. Put the old "
            "credentials file back, or enter them again."
        )
        connection.execute(sa.delete(sealing_key))
    tables = set(sa.inspect(connection).get_table_names())
    columns = [column for column in _SEALED if column.table.name in tables]
    changed = [_seal_column(connection, column) for column in columns]
    connection.execute(sa.insert(sealing_key).values(proof=sealer.seal(_CHECK, _CHECK)))
    return any(changed)


def _seal_column(connection: sa.Connection, column: sa.Column[bytes]) -> bool:
    name, table = column.name, column.table.name
    rows = connection.exec_driver_sql(f"SELECT rowid, {name} FROM {table}").fetchall()
    changed = [
        (sealed, rowid)
        for rowid, text in rows
        if _MARKER_BYTES in (sealed := encode(connection, decode(connection, text)))
    ]
    if changed:
        update = f"UPDATE {table} SET {name} = ? WHERE rowid = ?"
        connection.exec_driver_sql(update, changed)
    return bool(changed)


def _sealed(sealer: Sealer, name: str, value: Any) -> Any:
    if isinstance(value, str):
        return sealer.seal(name, value) if is_secret(name, value) else value
    return _mapped(value, name, lambda key, member: _sealed(sealer, key, member))


def _opened(sealer: Sealer, name: str, value: Any) -> Any:
    if isinstance(value, str):
        return sealer.open(name, value) if value.startswith(_MARKER) else value
    return _mapped(value, name, lambda key, member: _opened(sealer, key, member))


def _mapped(value: Any, name: str, change: Callable[[str, Any], Any]) -> Any:
    """Return a value with each member changed; those of a list have the list's name."""
    if isinstance(value, Mapping):
        return {key: change(key, member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [change(name, member) for member in value]
    return value
