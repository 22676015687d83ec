from __future__ import annotations

import time
from typing import Any

import pytest

from glueball.wire.models import service_model
from glueball.wire.xml_reader import MalformedXml, read_structure

S3 = service_model("s3")
NAMESPACE = b'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
PARTS = 10_000


def read(shape: str, body: bytes) -> dict[str, Any]:
    structure: Any = S3.shape_for(shape)
    return read_structure(structure, body)


@pytest.mark.parametrize(
    ("shape", "body", "members"),
    [
        (
            "Delete",
            b"<Delete " + NAMESPACE + b"><Object><Key>a</Key></Object><Object><Key> b&amp; </Key>"
            b"<VersionId>1</VersionId></Object><Quiet>true</Quiet></Delete>",
            {"Objects": [{"Key": "a"}, {"Key": " b& ", "VersionId": "1"}], "Quiet": True},
        ),
        (
            "CompletedMultipartUpload",  # without a namespace, with a declaration and comments
            b'<?xml version="1.0"?><!-- x --><CompleteMultipartUpload><Part><ETag>"e"</ETag>'
            b"<PartNumber>1</PartNumber></Part></CompleteMultipartUpload>",
            {"Parts": [{"ETag": '"e"', "PartNumber": 1}]},
        ),
        (
            "CreateBucketConfiguration",
            b"<X><Unknown><a/></Unknown></X>",
            {},
        ),
        (
            "Tagging",
            b"<Tagging><TagSet><Tag><Key>k</Key><Value/></Tag></TagSet></Tagging>",
            {"TagSet": [{"Key": "k", "Value": ""}]},
        ),
        (
            "Grant",  # a member that travels as an attribute
            b'<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            b'xsi:type="CanonicalUser"><ID>1</ID></Grantee></Grant>',
            {"Grantee": {"ID": "1", "Type": "CanonicalUser"}},
        ),
    ],
)
def test_documents(shape: str, body: bytes, members: dict[str, Any]) -> None:
    assert read(shape, body) == members


@pytest.mark.parametrize(
    "body",
    [
        b"<Delete>",
        b"no xml",
        b"<Delete/><Delete/>",
        b"<Delete/>",  # its objects are required
        b"<Delete><Object/></Delete>",  # so is each key
        b"<Delete><Object><Key>a</Key></Object><Quiet>maybe</Quiet></Delete>",
        b"<Delete><Object><Key>&#0;</Key></Object></Delete>",
        b"<Delete><Object><Key>\xff</Key></Object></Delete>",
        b'<?xml version="1.0" encoding="klingon"?><Delete/>',
        b"<a>" * 1000 + b"</a>" * 1000,
    ],
)
def test_what_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedXml):
        read("Delete", body)


LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (number, b"&l%d;" % (number - 1) * 10) for number in range(1, 10)
)


@pytest.mark.parametrize(
    "doctype",
    [
        b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE d [<!ENTITY % e SYSTEM "http://127.0.0.1:1/x">%e;]>',
        b'<!DOCTYPE d SYSTEM "http://127.0.0.1:1/x">',
        b'<!DOCTYPE d [<!ENTITY l0 "lol">' + LAUGHS + b"]>",
    ],
    ids=["external entity", "parameter entity", "external type", "billion laughs"],
)
def test_attack_21_document_types_are_refused(doctype: bytes) -> None:
    with pytest.raises(MalformedXml):
        read("Delete", doctype + b"<d><Object><Key>&e;&l9;</Key></Object></d>")


def test_attack_10_the_largest_documents_take_less_than_a_second() -> None:
    for body in (b"<a>" * 1_300_000, b"<a>" + b"<b/>" * 1_000_000 + b"</a>"):
        began = time.process_time()
        with pytest.raises(MalformedXml):
            read("Delete", body)
        assert time.process_time() - began < 1


def test_the_most_parts_are_read() -> None:
    part = b"<Part><ETag>e</ETag><PartNumber>1</PartNumber><ChecksumCRC32>x</ChecksumCRC32></Part>"
    body = b"<CompleteMultipartUpload>" + part * PARTS + b"</CompleteMultipartUpload>"
    assert len(read("CompletedMultipartUpload", body)["Parts"]) == PARTS
