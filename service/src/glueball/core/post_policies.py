"""Policies of form uploads: what a form must hold, until when, and how large its file may be.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from glueball.core.errors import AccessDenied, AwsError

_RANGE = "content-length-range"
_OPERATORS = ("eq", "starts-with")
#: fields that sign the form, so no condition can speak of them
_UNSIGNED = frozenset(("awsaccesskeyid", "file", "policy", "signature", "x-amz-signature"))
#: fields that S3 ignores
_IGNORED = "x-ignore-"


class InvalidPolicyDocument(AwsError):
    code = "InvalidPolicyDocument"


class FileTooLarge(AwsError):
    code = "EntityTooLarge"


class FileTooSmall(AwsError):
    code = "EntityTooSmall"


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """What a field must be."""

    operator: str  #: "eq" or "starts-with"
    field: str  #: in lower case
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PostPolicy:
    """The policy of a form."""

    expires: float  #: epoch seconds
    conditions: tuple[Condition, ...]
    smallest: int = 0  #: bytes of the file
    largest: int | None = None  #: None: any number

    def check(self, fields: Mapping[str, str], now: float) -> None:
        """Check the fields of a form.

        Args:
            fields: by name in lower case; `bucket` among them.
            now: epoch seconds.

        Raises:
            AccessDenied: the policy is over, a condition does not hold, or there is a field that
                no condition speaks of.
        """
        if now >= self.expires:
            raise AccessDenied("Invalid according to Policy: Policy expired.")
        for condition in self.conditions:
            if not _holds(condition, fields.get(condition.field, "")):
                sentence = json.dumps([condition.operator, f"${condition.field}", condition.value])
                raise AccessDenied(
                    f"Invalid according to Policy: Policy Condition failed: {sentence}"
                )
        spoken_of = _UNSIGNED | {"bucket"} | {condition.field for condition in self.conditions}
        extra = [name for name in fields.keys() - spoken_of if not name.startswith(_IGNORED)]
        if extra:
            raise AccessDenied(
                f"Invalid according to Policy: Extra input fields: {', '.join(sorted(extra))}"
            )

    def check_largest(self, size: int) -> None:
        """Check the size of a file as far as it has come.

        Raises:
            FileTooLarge: it has too many bytes already.
        """
        if self.largest is not None and size > self.largest:
            raise FileTooLarge(
                "Your proposed upload exceeds the maximum allowed size",
                MaxSizeAllowed=str(self.largest),
            )

    def check_smallest(self, size: int) -> None:
        """Check the size of a whole file.

        Raises:
            FileTooSmall: it has too few bytes.
        """
        if size < self.smallest:
            raise FileTooSmall(
                "Your proposed upload is smaller than the minimum allowed size",
                ProposedSize=str(size),
                MinSizeAllowed=str(self.smallest),
            )


def parse_policy(document: bytes) -> PostPolicy:
    """Read a policy.

    Args:
        document: JSON, decoded from base64.

    Raises:
        InvalidPolicyDocument: it is no policy.
    """
    try:
        policy = json.loads(document)
        expires = datetime.fromisoformat(policy["expiration"])
        conditions = [*map(_parsed, policy["conditions"])]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidPolicyDocument(
            "Invalid Policy: Invalid JSON or a condition is not one."
        ) from (error)
    sizes = [each for each in conditions if isinstance(each, tuple)]
    return PostPolicy(
        expires=expires.replace(tzinfo=expires.tzinfo or UTC).timestamp(),
        conditions=tuple(each for each in conditions if isinstance(each, Condition)),
        smallest=max((low for low, _ in sizes), default=0),
        largest=min((high for _, high in sizes), default=None),
    )


def _parsed(condition: Any) -> Condition | tuple[int, int]:
    if isinstance(condition, dict):
        ((field, value),) = condition.items()
        return Condition(operator="eq", field=field.lower(), value=_text(value))
    operator, first, second = condition
    if operator.lower() == _RANGE:
        return int(first), int(second)
    if operator.lower() not in _OPERATORS or not first.startswith("$"):
        raise ValueError(operator)
    return Condition(operator=operator.lower(), field=first[1:].lower(), value=_text(second))


def _text(value: Any) -> str:
    if not isinstance(value, str | int):
        raise TypeError(value)
    return str(value)


def _holds(condition: Condition, value: str) -> bool:
    if condition.operator == "starts-with":
        return value.startswith(condition.value)
    return value == condition.value
