"""Finding AWS's own `awsglue`, which must not be installed beside ours.

The distribution AWSGlueDataplanePython (https://pypi.org/project/AWSGlueDataplanePython/) brings a
package of the same name, which does nothing without AWS's Java library. In one directory the two
overwrite each other's files; in two, the first one found wins.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

DISTRIBUTION = "AWSGlueDataplanePython"
_ENDINGS = (".dist-info", ".egg-info")


class AwsPackageFound(ImportError):
    """AWS's own library is installed where Glueball's is looked for.

    Args:
        version: of AWS's distribution.
        directory: where it is.
    """

    def __init__(self, version: str, directory: str) -> None:
        super().__init__(
            f"{DISTRIBUTION} {version} is installed in {directory}. It is AWS's own package "
            "awsglue, which needs AWS's Java library and takes the place of Glueball's. Remove it: "
            f"pip uninstall {DISTRIBUTION}; then bring back what it has overwritten: "
            "pip install --force-reinstall --no-deps glueball-runtime"
        )
        self.version = version


def refuse(directories: Iterable[str | os.PathLike[str]]) -> None:
    """Raise if AWS's distribution is in one of the directories. Reads their listings, no more.

    Raises:
        AwsPackageFound: it is.
    """
    for directory in directories:
        if version := _version(directory):
            raise AwsPackageFound(version, os.fspath(directory))


def _version(directory: str | os.PathLike[str]) -> str | None:
    try:
        names = os.listdir(directory or os.curdir)
    except OSError:  # a zip, or nothing at all, on the path
        return None
    for name in names:
        distribution, _, rest = name.partition("-")
        if distribution.lower() == DISTRIBUTION.lower() and rest.endswith(_ENDINGS):
            return rest.removesuffix(".dist-info").removesuffix(".egg-info")
    return None
