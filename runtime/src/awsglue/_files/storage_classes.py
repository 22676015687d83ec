"""Storage classes of objects, which only S3 itself tells and changes.

The service's object store remembers the class of each object, as S3 does, and stores all alike.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html
"""

from __future__ import annotations

import re

from awsglue._aws import client

STANDARD = "STANDARD"
CLASSES = frozenset(
    {
        *(STANDARD, "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "REDUCED_REDUNDANCY"),
        *("GLACIER", "GLACIER_IR", "DEEP_ARCHIVE"),
    }
)
#: whose objects must be restored before anything is done with them
_ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_LOCATION = re.compile(r"(?P<scheme>s3[an]?)://(?P<bucket>[^/]+)/?(?P<key>.*)", re.DOTALL)


def checked(name: str) -> str:
    """Return the name of a storage class.

    Raises:
        ValueError: there is none of this name.
    """
    if name not in CLASSES:
        raise ValueError(f"{name!r} is no storage class. These are: {', '.join(sorted(CLASSES))}.")
    return name


def classes_below(path: str) -> dict[str, str]:
    """Return the storage classes of the objects at and below an S3 path, by their paths.

    Raises:
        ValueError: the path is not on S3.
    """
    scheme, bucket, key = _place(path)
    prefix = key.rstrip("/")
    pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return {
        f"{scheme}://{bucket}/{one['Key']}": one.get("StorageClass") or STANDARD
        for page in pages
        for one in page.get("Contents") or ()
        if not prefix or one["Key"] == prefix or one["Key"].startswith(f"{prefix}/")
    }


def change(path: str, known: str, wanted: str) -> None:
    """Give an object another class, by a copy onto itself.

    Raises:
        ValueError: it is archived, and must be restored before.
    """
    if known in _ARCHIVED:
        raise ValueError(f"The object is in {known}: restore it first.")
    _, bucket, key = _place(path)
    client("s3").copy_object(
        Bucket=bucket,
        Key=key,
        CopySource={"Bucket": bucket, "Key": key},
        StorageClass=wanted,
        MetadataDirective="COPY",
    )


def _place(path: str) -> tuple[str, str, str]:
    match = _LOCATION.fullmatch(path)
    if match is None:
        raise ValueError(f"{path} is not on S3: only objects there have storage classes.")
    return match["scheme"], match["bucket"], match["key"]
