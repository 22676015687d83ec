"""The operator's access key: made on the first start, kept in a file that only the owner reads."""

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


@dataclass(frozen=True, kw_only=True, slots=True)
class RootCredentials:
    """An access key of the account itself."""

    access_key: str
    secret_key: str

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
            access_key=profile["aws_access_key_id"], secret_key=profile["aws_secret_access_key"]
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
        f"aws_secret_access_key = {secrets.token_urlsafe(30)}\n"
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink()  # half a file would only be called damaged
        raise
