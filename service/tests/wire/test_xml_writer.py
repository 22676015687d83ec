from __future__ import annotations

from typing import Any

import pytest
from botocore.model import StructureShape

from glueball.wire.models import service_model
from glueball.wire.xml_writer import element, encoded, escaped, write_members


def written(service: str, shape: str, value: dict[str, Any]) -> str:
    structure = service_model(service).shape_for(shape)
    assert isinstance(structure, StructureShape)
    out: list[str] = []
    write_members(out, structure, value)
    return "".join(out)


@pytest.mark.parametrize(
    ("text", "xml"),
    [
        ("a b", "a b"),
        ("<&>\"'", "&lt;&amp;&gt;&quot;'"),
        ("a\r\n\tb", "a&#xD;\n\tb"),  # a bare carriage return would be read as a line end
        ("a\x01", "a&#x1;"),  # as S3 writes it; who lists such keys asks for encoding-type=url
        ("日本\U0001f600", "日本\U0001f600"),
    ],
)
def test_texts_are_escaped(text: str, xml: str) -> None:
    assert escaped(text) == xml
    assert element("T", text) == f"<T>{xml}</T>"


def test_what_is_no_character_is_written_all_the_same() -> None:
    assert encoded(["a\udcff"]) == b"a?"


@pytest.mark.parametrize(
    ("service", "shape", "value", "xml"),
    [
        (
            "s3",  # a flattened list
            "ListObjectsV2Output",
            {"CommonPrefixes": [{"Prefix": "a/"}, {"Prefix": "b/"}], "KeyCount": 2},
            "<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>"
            "<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes><KeyCount>2</KeyCount>",
        ),
        (
            "s3",  # a list with named members
            "ListBucketsOutput",
            {"Buckets": [{"Name": "b", "CreationDate": 0.0}]},
            "<Buckets><Bucket><Name>b</Name><CreationDate>1970-01-01T00:00:00.000Z</CreationDate>"
            "</Bucket></Buckets>",
        ),
        (
            "s3",  # a member that travels as an attribute
            "Grant",
            {"Grantee": {"Type": "CanonicalUser", "ID": "1"}},
            '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xsi:type="CanonicalUser"><ID>1</ID></Grantee>',
        ),
        (
            "iam",  # a map
            "GetAccountSummaryResponse",
            {"SummaryMap": {"Users": 3}},
            "<SummaryMap><entry><key>Users</key><value>3</value></entry></SummaryMap>",
        ),
        ("iam", "ListRolesResponse", {"Roles": [], "Marker": None}, "<Roles></Roles>"),
    ],
)
def test_shapes(service: str, shape: str, value: dict[str, Any], xml: str) -> None:
    assert written(service, shape, value) == xml
