"""What the disk's errors mean to a client, and how to mend them."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from glueball.core.errors import AccessDenied, AwsError, ServiceUnavailable


@contextmanager
def explained(root: Path) -> Iterator[None]:
    """Turn errors of the disk below a directory into sentences for a client.

    Raises:
        ServiceUnavailable: the disk is full or failing, or the directory was taken away.
        AccessDenied: the service may not touch a file.
    """
    try:
        yield
    except OSError as error:
        check_present(root)
        if meaning := _meaning(error, root):
            raise meaning from error
        raise


def check_present(root: Path) -> None:
    """Raise ServiceUnavailable if the directory has gone."""
    if not root.is_dir():
        raise ServiceUnavailable(
            f"The directory {root} was deleted while the service was running, so no object can be "
            "read or kept. Stop it and start `glueball up` again."
        )


def _meaning(error: OSError, root: Path) -> AwsError | None:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return ServiceUnavailable(
                f"The disk that holds {root} is full, so nothing was stored. Free some space and "
                "try again."
            )
        case errno.EROFS | errno.EIO:
            return ServiceUnavailable(
                f"The disk that holds {root} cannot be written ({error.strerror}), so nothing was "
                "changed. Mend it and try again."
            )
        case errno.EMFILE | errno.ENFILE:
            return ServiceUnavailable(
                "The service has too many files open. Raise its limit (`ulimit -n`), or try again."
            )
        case errno.EACCES | errno.EPERM:
            return AccessDenied(
                f"The service may not touch a file below {root} ({error.strerror}). Check who "
                "owns the files there and their permissions."
            )
        case errno.ENOENT | errno.ENOTDIR | errno.ESTALE:
            return ServiceUnavailable(
                f"Something below {root} was deleted while it was in use, so nothing was changed. "
                "Try again."
            )
    return None
