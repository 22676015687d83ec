"""Who may sign a request, and with what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from glueball.wire.call import Caller

#: the secret that an unknown access key is checked against, so that it takes as long as a known one
NOBODY = "0" * 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Credential:
    """The secret behind an access key id, and whom it speaks for."""

    secret_key: str = field(repr=False)  #: never shown, not even in a traceback
    caller: Caller


#: Finds the credential of (access key id, session token or None). Returns None for a key that is
#: not known; raises `refusals.SignatureRefused` for a token that is forged, foreign or expired.
CredentialLookup = Callable[[str, str | None], Credential | None]
