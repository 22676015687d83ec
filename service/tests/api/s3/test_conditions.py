from __future__ import annotations

from typing import Any

import pytest

from glueball.api.s3.conditions import check_copy_source, check_read, delete_check, write_check
from glueball.api.s3.errors import FeatureNotImplemented, NotModified, PreconditionFailed
from glueball.core.errors import AwsError
from glueball.stores.object_errors import NoSuchKey
from glueball.stores.object_metadata import Attributes, Identity
from glueball.stores.stored_objects import StoredObject

_CHANGED = 1_000.5  # HTTP dates know whole seconds only
_FOUND = StoredObject(
    bucket="b",
    key="k",
    size=1,
    modified=_CHANGED,
    etag="abc",
    attributes=Attributes(),
    identity=Identity(size=1, mtime_ns=1),
)


@pytest.mark.parametrize(
    ("conditions", "error"),
    [
        ({}, None),
        ({"IfMatch": '"abc"'}, None),
        ({"IfMatch": "abc"}, None),  # some clients leave the quotes out
        ({"IfMatch": '"x", "abc"'}, None),
        ({"IfMatch": "*"}, None),
        ({"IfMatch": '"x"'}, PreconditionFailed),
        ({"IfNoneMatch": '"x"'}, None),
        ({"IfNoneMatch": '"abc"'}, NotModified),
        ({"IfNoneMatch": 'W/"abc"'}, NotModified),
        ({"IfNoneMatch": "*"}, NotModified),
        ({"IfModifiedSince": 999.0}, None),
        ({"IfModifiedSince": 1_000.0}, NotModified),  # changed in that very second
        ({"IfUnmodifiedSince": 1_000.0}, None),
        ({"IfUnmodifiedSince": 999.0}, PreconditionFailed),
        # the entity tag outweighs the date, as S3 documents at GetObject
        ({"IfMatch": "abc", "IfUnmodifiedSince": 999.0}, None),
        ({"IfNoneMatch": "abc", "IfModifiedSince": 999.0}, NotModified),
        ({"IfNoneMatch": "x", "IfModifiedSince": 1_001.0}, None),
    ],
)
def test_reading_and_copying(conditions: dict[str, Any], error: type[AwsError] | None) -> None:
    copied = {f"CopySource{name}": value for name, value in conditions.items()}
    if error is None:
        check_read(conditions, _FOUND)
        check_copy_source(copied, _FOUND)
        return
    with pytest.raises(error):
        check_read(conditions, _FOUND)
    with pytest.raises(PreconditionFailed):
        check_copy_source(copied, _FOUND)


@pytest.mark.parametrize(
    ("conditions", "current", "error"),
    [
        ({}, None, None),
        ({}, _FOUND, None),
        ({"IfNoneMatch": "*"}, None, None),
        ({"IfNoneMatch": "*"}, _FOUND, PreconditionFailed),
        ({"IfMatch": '"abc"'}, _FOUND, None),
        ({"IfMatch": '"x"'}, _FOUND, PreconditionFailed),
        ({"IfMatch": '"abc"'}, None, NoSuchKey),
    ],
)
def test_writing(
    conditions: dict[str, Any], current: StoredObject | None, error: type[AwsError] | None
) -> None:
    check = write_check(conditions, "k")
    if error is None:
        check(current)
        return
    with pytest.raises(error):
        check(current)


def test_s3_writes_unless_there_is_anything_at_all_or_not() -> None:
    with pytest.raises(FeatureNotImplemented):
        write_check({"IfNoneMatch": '"abc"'}, "k")


def test_deleting() -> None:
    delete_check(None, "k")(None)
    delete_check('"abc"', "k")(_FOUND)
    delete_check("*", "k")(_FOUND)
    with pytest.raises(PreconditionFailed):
        delete_check('"x"', "k")(_FOUND)
    with pytest.raises(NoSuchKey):  # what is not there has no entity tag
        delete_check("*", "k")(None)


def test_what_is_not_modified_says_which_object_the_client_has() -> None:
    with pytest.raises(NotModified) as raised:
        check_read({"IfNoneMatch": '"abc"'}, _FOUND)
    assert raised.value.headers["ETag"] == '"abc"'
    assert raised.value.headers["Last-Modified"].endswith(" GMT")
