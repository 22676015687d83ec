"""What clients say of their objects in headers, and read again."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from glueball.api.s3.context import Request
from glueball.api.s3.errors import (
    BadRequest,
    FeatureNotImplemented,
    InvalidStorageClass,
    InvalidTag,
    MetadataTooLarge,
)
from glueball.stores.object_errors import InvalidArgument
from glueball.stores.object_metadata import Attributes
from glueball.stores.stored_objects import StoredObject
from glueball.wire.models import service_model
from glueball.wire.payload_errors import InvalidRequest

#: what S3 calls an object whose client said nothing of its kind
DEFAULT_CONTENT_TYPE = "binary/octet-stream"
#: bytes; docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
_MOST_METADATA = 2048
#: docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
_MOST_TAGS, _LONGEST_TAG_KEY, _LONGEST_TAG_VALUE = 10, 128, 256

_UNSUPPORTED = {
    "SSECustomerAlgorithm": "x-amz-server-side-encryption-customer-algorithm",
    "SSECustomerKey": "x-amz-server-side-encryption-customer-key",
    "CopySourceSSECustomerAlgorithm": (
        "x-amz-copy-source-server-side-encryption-customer-algorithm"
    ),
    "WriteOffsetBytes": "x-amz-write-offset-bytes",
}
_LOCKS = ("ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus")

#: header members by the attribute that keeps them
_HEADERS = {
    "content_type": "ContentType",
    "content_encoding": "ContentEncoding",
    "content_language": "ContentLanguage",
    "content_disposition": "ContentDisposition",
    "cache_control": "CacheControl",
    "expires": "Expires",
    "website_redirect": "WebsiteRedirectLocation",
}


def attributes_of(request: Request) -> Attributes:
    """Take an object's attributes from a request that creates it.

    Raises:
        FeatureNotImplemented, InvalidRequest: it asks for keys of its own or for an object lock.
        MetadataTooLarge, InvalidTag, InvalidStorageClass: S3 would not keep them either.
    """
    refuse_unsupported(request)
    metadata = dict(request.get("Metadata") or {})
    size = sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())
    if size > _MOST_METADATA:
        raise MetadataTooLarge(
            "Your metadata headers exceed the maximum allowed metadata size",
            Size=str(size),
            MaxSizeAllowed=str(_MOST_METADATA),
        )
    headers: dict[str, Any] = {name: request.get(member) for name, member in _HEADERS.items()}
    headers["content_encoding"] = _kept_encoding(request.get("ContentEncoding"))
    return Attributes(
        **headers,
        metadata=metadata,
        storage_class=_storage_class(request.get("StorageClass")),
        tags=_parsed_tags(request.get("Tagging")),
    )


def refuse_unsupported(request: Request) -> None:
    """Refuse what the object store would have to ignore, where ignoring it would be a lie.

    Raises:
        FeatureNotImplemented: a key of the client's own, or appending.
        InvalidRequest: an object lock.
    """
    for member, header in _UNSUPPORTED.items():
        if request.get(member) is not None:
            raise FeatureNotImplemented(header)
    if any(request.get(member) is not None for member in _LOCKS):
        raise InvalidRequest("Bucket is missing Object Lock Configuration")


def headers_of(found: StoredObject) -> dict[str, Any]:
    """Return the members that GetObject and HeadObject have in common."""
    attributes = found.attributes
    response: dict[str, Any] = {
        "AcceptRanges": "bytes",
        "LastModified": found.modified,
        "ETag": quoted(found.etag),
        "ContentType": DEFAULT_CONTENT_TYPE,
        "Metadata": dict(attributes.metadata),
    }
    for name, member in _HEADERS.items():
        if (value := getattr(attributes, name)) is not None:
            response[member] = value
    if attributes.storage_class != "STANDARD":  # S3 says nothing of the ordinary one
        response["StorageClass"] = attributes.storage_class
    if attributes.tags:
        response["TagCount"] = len(attributes.tags)
    return response


def checked_tags(
    tags: Iterable[tuple[str, str]], *, most: int = _MOST_TAGS, of: str = "Object"
) -> dict[str, str]:
    """Return tags as a mapping.

    Args:
        tags: keys and values.
        most: how many there may be.
        of: what they are tags of, for the sentence.

    Raises:
        InvalidTag: one is too long, there twice, or has a key that is AWS's own.
        BadRequest: there are too many.
    """
    checked: dict[str, str] = {}
    for key, value in tags:
        if not 1 <= len(key) <= _LONGEST_TAG_KEY:
            raise InvalidTag("The TagKey you have provided is invalid", TagKey=key)
        if key.lower().startswith("aws:"):
            raise InvalidTag("System tags cannot be added/updated by requester", TagKey=key)
        if len(value) > _LONGEST_TAG_VALUE:
            raise InvalidTag("The TagValue you have provided is invalid", TagKey=key)
        if key in checked:
            raise InvalidTag("Cannot provide multiple Tags with the same key", TagKey=key)
        checked[key] = value
    if len(checked) > most:
        raise BadRequest(f"{of} tags cannot be greater than {most}")
    return checked


def with_tags(attributes: Attributes, tags: Mapping[str, str]) -> Attributes:
    """Return attributes with other tags."""
    return replace(attributes, tags=dict(tags))


def quoted(etag: str) -> str:
    """Return an entity tag as HTTP writes it."""
    return f'"{etag}"'


def _storage_class(header: str | None) -> str:
    if header is None:
        return "STANDARD"
    if header not in _storage_classes():
        raise InvalidStorageClass(header)
    return header


@functools.cache
def _storage_classes() -> frozenset[str]:
    return frozenset(service_model("s3").shape_for("StorageClass").metadata["enum"])


def _kept_encoding(header: str | None) -> str | None:
    """Return a content encoding without `aws-chunked`, which was only of the way here."""
    if header is None:
        return None
    names = [name.strip() for name in header.split(",")]
    return ",".join(name for name in names if name and name.lower() != "aws-chunked") or None


def _parsed_tags(header: str | None) -> dict[str, str]:
    try:
        pairs = parse_qsl(header or "", keep_blank_values=True, strict_parsing=bool(header))
    except ValueError as error:
        raise InvalidArgument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query "
            "parameters without tag name duplicates.",
            ArgumentName="x-amz-tagging",
            ArgumentValue=header or "",
        ) from error
    return checked_tags(pairs)
