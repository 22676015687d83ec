"""Payloads that are too large to be values: they travel as files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True, kw_only=True, slots=True)
class SpooledBody:
    """A request payload, read within limits and verified, waiting in a temporary file.

    The operation may rename `path` to its final place; what is left there afterwards is removed.
    """

    path: Path
    size: int  #: bytes
    md5: str  #: hex digest of the payload
    sha256: str  #: hex digest of the payload
    #: base64 digests by S3 algorithm name (CRC32, CRC32C, SHA1, SHA256, CRC64NVME) that the
    #: client sent, by header or trailer, and that were found right
    checksums: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class FileRange:
    """A response payload: `length` bytes of the file at `path` from `offset`."""

    path: Path
    offset: int
    length: int
    #: the same file, open already, for the case that another takes its name before it is sent;
    #: whoever sends it closes it. None: `path` is opened
    file: BinaryIO | None = field(default=None, compare=False)
