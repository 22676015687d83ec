"""What S3 checks of bucket settings beside its schema, and what it adds to them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from glueball.api.s3.attributes import checked_tags
from glueball.api.s3.errors import MalformedPolicy, MalformedXml
from glueball.stores.object_errors import InvalidArgument

#: docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html
_MOST_TAGS = 50
#: docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html
_MOST_RULES = 1000
#: bytes; docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
_LARGEST_POLICY = 20 * 1024
PUBLIC_ACCESS = (
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
)
#: a member beside the rules of a lifecycle, and what it is by default
SMALLEST = "TransitionDefaultMinimumObjectSize"
DEFAULT_SMALLEST = "all_storage_classes_128K"


def tagging(record: Mapping[str, Any]) -> dict[str, Any]:
    """Check a bucket's tags.

    Raises:
        InvalidTag, BadRequest: see `checked_tags`.
    """
    pairs = [(tag["Key"], tag["Value"]) for tag in record.get("TagSet") or ()]
    tags = checked_tags(pairs, most=_MOST_TAGS, of="Bucket")
    return {"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]}


def state(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Check that a state is named.

    Raises:
        MalformedXml: it is not.
    """
    if not record.get("Status"):
        raise MalformedXml
    return record


def encryption(record: Mapping[str, Any]) -> dict[str, Any]:
    """Add what S3 adds: whether a bucket key is used.

    Raises:
        MalformedXml: there is no rule.
    """
    rules = record.get("Rules") or ()
    if not rules:
        raise MalformedXml
    return {"Rules": [{"BucketKeyEnabled": False, **rule} for rule in rules]}


def public_access_block(record: Mapping[str, Any]) -> dict[str, bool]:
    """Add the switches that were left out: they are off."""
    return {name: bool(record.get(name)) for name in PUBLIC_ACCESS}


def policy(record: Any) -> str:
    """Check that a policy is one.

    Raises:
        MalformedPolicy: it is no JSON object with statements, or too large.
    """
    text = record if isinstance(record, str) else ""
    try:
        document = msgspec.json.decode(text)
    except msgspec.DecodeError:
        document = None
    if not text.startswith("{") or not isinstance(document, dict):
        raise MalformedPolicy("Policies must be valid JSON and the first byte must be '{'")
    if not document.get("Statement"):
        raise MalformedPolicy("Missing required field Statement")
    if len(text.encode()) > _LARGEST_POLICY:
        raise MalformedPolicy(f"Policies may have at most {_LARGEST_POLICY} bytes")
    return text


def lifecycle(record: Mapping[str, Any]) -> dict[str, Any]:
    """Give each rule an id, as S3 does.

    Raises:
        MalformedXml: there is no rule, or there are too many.
        InvalidArgument: two rules have one id.
    """
    rules = record.get("Rules") or ()
    if not 1 <= len(rules) <= _MOST_RULES:
        raise MalformedXml
    named = [{**rule, "ID": rule.get("ID") or secrets.token_urlsafe(36)} for rule in rules]
    if len({rule["ID"] for rule in named}) < len(named):
        raise InvalidArgument("Rule ID must be unique. Found same ID for more than one rule")
    return {**record, "Rules": named}
