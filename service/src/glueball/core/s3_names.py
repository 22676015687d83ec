"""What S3 allows a bucket to be called.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
"""

from __future__ import annotations

import re

_ALPHABET = re.compile(r"[a-z0-9.-]+", re.ASCII)
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+", re.ASCII)
_RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def bucket_name_problem(name: str) -> str | None:
    """Say why no bucket can have this name; None where one can.

    The rules also keep a name inside one directory: it is neither `..` nor hidden nor a path.
    """
    if not 3 <= len(name) <= 63:
        return "it must have 3 to 63 characters"
    if not _ALPHABET.fullmatch(name):
        return "it may hold only lower-case letters, digits, dots and hyphens"
    if not (name[0].isalnum() and name[-1].isalnum()):
        return "it must begin and end with a letter or a digit"
    if ".." in name:
        return "two dots may not follow each other"
    if _ADDRESS.fullmatch(name):
        return "it may not look like an IP address"
    if name.startswith(_RESERVED_PREFIXES) or name.endswith(_RESERVED_SUFFIXES):
        return "S3 keeps its prefix or suffix for itself"
    return None
