from __future__ import annotations

import pytest

from glueball.api.s3.errors import InvalidRange
from glueball.api.s3.ranges import parse_copy_range, parse_range
from glueball.stores.object_errors import InvalidArgument


@pytest.mark.parametrize(
    ("header", "size", "offset", "length"),
    [
        ("bytes=0-9", 100, 0, 10),
        ("bytes=90-", 100, 90, 10),
        ("bytes=-10", 100, 90, 10),
        ("bytes=-1000", 100, 0, 100),  # more than there is: all of it
        ("bytes=50-1000", 100, 50, 50),  # cut at the end
        ("bytes=99-99", 100, 99, 1),
        ("bytes = 0 - 9", 100, 0, 10),
    ],
)
def test_ranges(header: str, size: int, offset: int, length: int) -> None:
    found = parse_range(header, size)
    assert found is not None
    assert (found.offset, found.length) == (offset, length)
    assert found.content_range(size) == f"bytes {offset}-{offset + length - 1}/{size}"


@pytest.mark.parametrize(
    "header",
    [
        "bytes=0-1,5-6",  # several: S3 gives the whole object
        "bytes=9-0",  # backwards
        "bytes=-",
        "lines=0-1",
        "bytes=a-b",
        "bytes=٠-٩",  # digits, but not ASCII's
        "bytes=" + "9" * 30 + "-",
        "",
    ],
)
def test_what_is_no_range_is_ignored(header: str) -> None:
    assert parse_range(header, 100) is None


@pytest.mark.parametrize(
    ("header", "size"),
    [
        ("bytes=100-", 100),  # behind the end
        ("bytes=100-200", 100),
        ("bytes=-0", 100),
        ("bytes=0-", 0),  # nothing there at all
        ("bytes=-5", 0),
    ],
)
def test_ranges_without_a_byte(header: str, size: int) -> None:
    with pytest.raises(InvalidRange) as raised:
        parse_range(header, size)
    assert raised.value.fields["ActualObjectSize"] == str(size)


def test_ranges_of_copies() -> None:
    found = parse_copy_range("bytes=5-9", 10)
    assert (found.offset, found.length) == (5, 5)
    for header in ("bytes=5-", "bytes=-5", "bytes=9-5", "5-9", "bytes=5-10"):
        with pytest.raises(InvalidArgument):
            parse_copy_range(header, 10)
