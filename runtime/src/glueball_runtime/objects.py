"""Objects of the service as files: s3://bucket/key is `<root>/<bucket>/<key>`."""

from __future__ import annotations

import re
from pathlib import Path

from glueball_runtime.launch_error import LaunchError

_LOCATION = re.compile(r"s3[an]?://(?P<bucket>[a-z0-9][a-z0-9.\-]{1,62})/(?P<key>.+)", re.DOTALL)


def locate(root: Path, location: str, what: str) -> Path:
    """Return the file of an object.

    Args:
        root: the object root, an absolute path without links.
        location: "s3://bucket/key" (s3a and s3n are the same).
        what: how to name it in an error: "The script".

    Raises:
        LaunchError: it is no S3 location, leads out of its bucket, or does not exist.
    """
    match = _LOCATION.fullmatch(location)
    if match is None or "\0" in location:
        raise LaunchError(
            f"{what} {location!r} is not an S3 location; upload it and write s3://bucket/key.",
            "INVALID_ARGUMENT_ERROR",
        )
    bucket = root / match["bucket"]
    # a part of a key that is empty is a directory of this name in the service's object store
    file = bucket.joinpath(*(part or "%2F" for part in match["key"].split("/")))
    outside = not file.resolve().is_relative_to(bucket) or ".." in match["key"].split("/")
    if outside or not file.is_file():
        raise LaunchError(
            f"{what} {location} does not exist. Upload it there, or correct the location in the"
            " job.",
            "RESOURCE_NOT_FOUND_ERROR",
        )
    return file


def buckets(root: Path) -> list[str]:
    """Return the names of the buckets that exist."""
    if not root.is_dir():
        return []
    return sorted(
        entry.name
        for entry in root.iterdir()
        if not entry.name.startswith(".") and not entry.is_symlink() and entry.is_dir()
    )
