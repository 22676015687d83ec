"""Temporary credentials, of runs and of roles that were assumed; nothing of them is stored.

The session token says what it is for and is sealed with a MAC; access key id and secret key are
derived from it under the service's root key. So they outlive a restart of the service, end by
themselves, and nobody without the root key can make or change one.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass, field

from glueball.wire.refusals import Refusal, SignatureRefused
from glueball.wire.timestamps import format_basic

_OF_RUN = 1
_OF_ROLE = 2
_HEAD = struct.Struct(">BdH")  # kind, end in epoch seconds, length of the run id
_MAC_SIZE = 32
_LONGEST = 4096  #: characters of a token that are looked at


@dataclass(frozen=True, kw_only=True, slots=True)
class TemporaryCredentials:
    """What a run, or who has assumed a role, signs requests with."""

    access_key: str  #: 20 characters, from ``ASIA``
    secret_key: str = field(repr=False)  #: 40 characters
    session_token: str = field(repr=False)
    expires: float  #: epoch seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """What a genuine token that has not ended says."""

    #: whose credentials they are; of a role, the run that has assumed it, or ""
    run_id: str
    fencing_token: str = field(repr=False, default="")  #: of a run
    assumed_role: str | None = None  #: `<role>/<session>`; None: those of a run
    secret_key: str = field(repr=False)


def issue(
    root_key: bytes, *, run_id: str, fencing_token: str, expires: float
) -> TemporaryCredentials:
    """Make the credentials of one attempt of a run.

    The same arguments give the same credentials.

    Args:
        root_key: the service's secret; at least 16 bytes.
        run_id: whose credentials they are.
        fencing_token: of the attempt.
        expires: epoch seconds after which they are refused.

    Raises:
        ValueError: the root key is too short to be one.
    """
    return _sealed(root_key, _OF_RUN, run_id, fencing_token, expires)


def issue_for_role(
    root_key: bytes, *, assumed_role: str, run_id: str, expires: float
) -> TemporaryCredentials:
    """Make the credentials of a session of a role.

    Args:
        root_key: the service's secret; at least 16 bytes.
        assumed_role: `<role>/<session>`.
        run_id: the run that assumes the role; "" where it is the operator.
        expires: epoch seconds after which they are refused.

    Raises:
        ValueError: the root key is too short to be one.
    """
    return _sealed(root_key, _OF_ROLE, run_id, assumed_role, expires)


def _sealed(
    root_key: bytes, kind: int, run_id: str, text: str, expires: float
) -> TemporaryCredentials:
    if len(root_key) < 16:
        raise ValueError("a root key has at least 16 bytes")
    run = run_id.encode()
    content = _HEAD.pack(kind, expires, len(run)) + run + text.encode()
    return TemporaryCredentials(
        access_key=_access_key(root_key, content),
        secret_key=_secret_key(root_key, content),
        session_token=base64.b64encode(content + _derive(root_key, b"seal", content)).decode(),
        expires=expires,
    )


def open_token(root_key: bytes, access_key: str, session_token: str, now: float) -> Opened:
    """Return what a session token says and the secret key that belongs to it.

    Args:
        root_key: the service's secret.
        access_key: the access key id that came with the token.
        session_token: as the client sent it.
        now: epoch seconds.

    Raises:
        SignatureRefused: `BAD_TOKEN` if the token is not ours or not of this access key,
            `EXPIRED_TOKEN` after its end.
    """
    content = _unsealed(root_key, session_token)
    if not hmac.compare_digest(_access_key(root_key, content).encode(), access_key.encode()):
        raise _bad_token()
    kind, expires, length = _HEAD.unpack_from(content)
    if now > expires:
        raise SignatureRefused(
            Refusal.EXPIRED_TOKEN,
            "The security token included in the request is expired: it ended at "
            f"{format_basic(expires)}.",
        )
    run_id = content[_HEAD.size :][:length].decode()
    text = content[_HEAD.size + length :].decode()
    secret_key = _secret_key(root_key, content)
    if kind == _OF_ROLE:
        return Opened(run_id=run_id, assumed_role=text, secret_key=secret_key)
    return Opened(run_id=run_id, fencing_token=text, secret_key=secret_key)


def ended_token(run_id: str) -> SignatureRefused:
    """Return what a client sees whose run has ended: its credentials have ended with it."""
    return SignatureRefused(
        Refusal.EXPIRED_TOKEN,
        f"The security token included in the request is expired: the run {run_id} has ended.",
    )


def _unsealed(root_key: bytes, session_token: str) -> bytes:
    if len(session_token) > _LONGEST:
        raise _bad_token()
    try:
        sealed = base64.b64decode(session_token, validate=True)
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        raise _bad_token() from None
    content, seal = sealed[:-_MAC_SIZE], sealed[-_MAC_SIZE:]
    # A token of a newer Glueball carries a seal of ours too, so the kind is looked at as well.
    genuine = hmac.compare_digest(seal, _derive(root_key, b"seal", content))
    if not genuine or len(content) < _HEAD.size or content[0] not in (_OF_RUN, _OF_ROLE):
        raise _bad_token()
    return content


def _access_key(root_key: bytes, content: bytes) -> str:
    return "ASIA" + base64.b32encode(_derive(root_key, b"access key", content)[:10]).decode()


def _secret_key(root_key: bytes, content: bytes) -> str:
    return base64.b64encode(_derive(root_key, b"secret key", content)[:30]).decode()


def _derive(root_key: bytes, purpose: bytes, content: bytes) -> bytes:
    """Return 32 bytes that only the root key's owner can compute, apart for each purpose."""
    return hmac.digest(root_key, b"glueball session %b\0%b" % (purpose, content), "sha256")


def _bad_token() -> SignatureRefused:
    return SignatureRefused(
        Refusal.BAD_TOKEN,
        "The security token included in the request is invalid: it was not issued here, or not "
        "for this access key id. Unset AWS_SESSION_TOKEN if it is left over from elsewhere.",
    )
