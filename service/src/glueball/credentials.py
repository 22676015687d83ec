"""The home's keys: made on the first start, kept in a file that only the owner reads.

The operator's access key, and the key that the secrets in the database are encrypted with.
"""

from __future__ import annotations

import base64
import configparser
import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from glueball.core.errors import ConfigurationError

FILE_NAME = "credentials"
_PROFILE = "default"
#: a section that AWS's tools take for one more profile, and nobody names
_SECTION = "glueball"
_DATA_KEY = "data_key"


@dataclass(frozen=True, kw_only=True, slots=True)
class RootCredentials:
    """An access key of the account itself."""

    access_key: str
    secret_key: str
    #: 32 bytes, in base64; "" in a file of an older Glueball that no service has opened since
    data_key_text: str = ""

    @property
    def data_key(self) -> bytes:
        """The key of the secrets in the database.

        Raises:
            ConfigurationError: it is not one.
        """
        try:
            key = base64.b64decode(self.data_key_text, validate=True)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise ConfigurationError(
                f"The data_key in the file {FILE_NAME!r} is damaged. Put it back from a backup; "
                "without it the passwords and secret arguments in the database are lost, and the "
                f"next start makes a new one if you delete the section [{_SECTION}]."
            )
        return key

    @property
    def run_key(self) -> bytes:
        """The key from which the temporary credentials of runs are derived."""
        return hashlib.sha256(b"glueball run credentials\0" + self.secret_key.encode()).digest()

    def __repr__(self) -> str:
        return f"RootCredentials(access_key={self.access_key!r})"


def load_or_create(home: Path) -> RootCredentials:
    """Read the key in `home`, or make one.

    The file has the form of an AWS credentials file, so `AWS_SHARED_CREDENTIALS_FILE` may name it.
    """
    path = home / FILE_NAME
    if not path.exists():
        _create(path)
    path.chmod(0o600)
    if not load(home).data_key_text:
        text = path.read_text()
        _replace(path, f"{text.rstrip()}\n\n{_new_data_key()}")
    return load(home)


def load(home: Path) -> RootCredentials:
    """Read the key in `home`.

    Raises:
        ConfigurationError: there is none, or the file is damaged.
    """
    path = home / FILE_NAME
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(path.read_text())
        profile = parser[_PROFILE]
        return RootCredentials(
            access_key=profile["aws_access_key_id"],
            secret_key=profile["aws_secret_access_key"],
            data_key_text=parser.get(_SECTION, _DATA_KEY, fallback=""),
        )
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"There are no credentials in {home}. Start the service first: "
            f"glueball up --home {home}"
        ) from error
    except (configparser.Error, KeyError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{path} is damaged. Delete it, and the next start makes a new key."
        ) from error


def _create(path: Path) -> None:
    access_key = "AKIA" + base64.b32encode(secrets.token_bytes(10)).decode()
    text = (
        f"[{_PROFILE}]\naws_access_key_id = {access_key}\n"
        f"aws_secret_access_key = {secrets.token_urlsafe(30)}\n\n{_new_data_key()}"
    )
    _replace(path, text)


def _new_data_key() -> str:
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    return f"[{_SECTION}]\n{_DATA_KEY} = {key}\n"


def _replace(path: Path, text: str) -> None:
    """Write the file whole or not at all: half of it would only be called damaged."""
    incoming = path.with_name(f".{path.name}.incoming")
    descriptor = os.open(incoming, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        incoming.replace(path)
    except OSError:
        incoming.unlink(missing_ok=True)
        raise
