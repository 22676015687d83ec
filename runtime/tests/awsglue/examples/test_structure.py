"""Examples that change the structure of records."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection, ResolveOption
from awsglue.gluetypes import DoubleType
from tests.awsglue.conftest import rows_of, tree_of
from tests.awsglue.examples.test_rows import address_merger


def test_relationalize(tables: DynamicFrameCollection, joined: DynamicFrame) -> None:
    assert list(tables.keys()) == [
        "root",
        "root_pages",
        "root_codes",
        "root_aliases",
        "root_pictures",
        "root_contacts",
    ]
    assert tree_of(joined.select_fields("contacts")) == [
        "|-- contacts: array",
        "|    |-- element: struct",
        "|    |    |-- kind: string",
        "|    |    |-- value: string",
    ]
    root, contacts = tables.select("root").toDF(), tables.select("root_contacts").toDF()
    (key,) = [row["contacts"] for row in root.where("id = 's-1' and part = 'solo'").collect()]
    found = contacts.where(f"id = {key}").orderBy(["id", "index"]).collect()
    assert [row.asDict() for row in found] == [
        {"id": key, "index": 0, "contacts.val.kind": "phone", "contacts.val.value": "11"},
        {"id": key, "index": 1, "contacts.val.kind": "mail", "contacts.val.value": "ida@x.example"},
    ]
    assert {row["pictures"] for row in root.where("id = 's-2'").collect()} == {None}


def test_resolve_choice_casts_or_makes_columns(read: Callable[..., DynamicFrame]) -> None:
    great = 2**40
    stays = read(
        "mixed-stays",
        [{"care": "Knee", "house id": great + 1}, {"care": "Hip", "house id": "100"}],
    )
    assert tree_of(stays) == [
        "|-- care: string",
        "|-- house id: choice",
        "|    |-- long",
        "|    |-- string",
    ]
    assert [tuple(row["house id"].values()) for row in rows_of(stays)] == [
        (None, "100"),
        (great + 1, None),
    ]
    cast = stays.resolveChoice(specs=[("house id", "cast:long")])
    assert tree_of(cast) == ["|-- care: string", "|-- house id: long"]
    assert [row["house id"] for row in rows_of(cast)] == [100, great + 1]
    columns = stays.resolveChoice(choice="make_cols")
    assert tree_of(columns) == [
        "|-- care: string",
        "|-- house id_long: long",
        "|-- house id_string: string",
    ]
    assert rows_of(columns) == [
        {"care": "Hip", "house id_long": None, "house id_string": "100"},
        {"care": "Knee", "house id_long": great + 1, "house id_string": None},
    ]


def test_resolve_choice_inside_of_arrays(read: Callable[..., DynamicFrame]) -> None:
    frame = read("prices", [{"myList": [{"price": 100.0}, {"price": "$100.00"}]}])
    resolved = frame.resolveChoice(specs=[("myList[].price", "cast:double")])
    assert rows_of(resolved) == [{"myList": [{"price": 100.0}, {"price": None}]}]


def test_to_df_resolves_choices_by_options(read: Callable[..., DynamicFrame]) -> None:
    frame = read("deep", [{"a": {"b": {"c": 1.5}}}, {"a": {"b": {"c": "2.5"}}}])
    kept = frame.toDF([ResolveOption("a.b.c", "KeepAsStruct")])
    assert kept.schema.simpleString() == (
        "struct<a:struct<b:struct<c:struct<double:double,string:string>>>>"
    )
    projected = frame.toDF([ResolveOption("a.b.c", "Project", DoubleType())])
    assert sorted(row[0] for row in projected.select("a.b.c").collect()) == [1.5, 2.5]


def test_simplify_and_unnest_of_dynamodb_json(read: Callable[..., DynamicFrame]) -> None:
    outer = {"M": {"inner": {"M": {"label": {"S": "x"}, "count": {"N": "7"}}}}}
    export = read(
        "ddb",
        [
            {
                "Item": {
                    "outer": outer,
                    "words": {"SS": ["a"]},
                    "sums": {"NS": ["1"]},
                    "blobs": {"BS": ["eA=="]},
                    "isExport": {"BOOL": True},
                    "nothing": {"NULL": True},
                    "list": {"L": []},
                }
            }
        ],
    )
    rest = [
        "|-- words: array",
        "|    |-- element: string",
        "|-- sums: array",
        "|    |-- element: string",
        "|-- blobs: array",
        "|    |-- element: string",
        "|-- isExport: boolean",
        "|-- nothing: null",
        "|-- list: array",
        "|    |-- element: null",
    ]
    simple = export.simplify_ddb_json()
    assert tree_of(simple) == [
        "|-- outer: struct",
        "|    |-- inner: struct",
        "|    |    |-- label: string",
        "|    |    |-- count: string",
        *rest,
    ]
    assert simple.getNumPartitions() == export.getNumPartitions()
    unnested = export.unnest_ddb_json()
    assert tree_of(unnested) == [
        "|-- outer.inner.label: string",
        "|-- outer.inner.count: string",
        *rest,
    ]
    assert rows_of(unnested)[0]["outer.inner.count"] == "7"


def test_spigot(singers: DynamicFrame, folder: Path, uri: str) -> None:
    some = singers.select_fields(paths=["surname", "forename", "born"])
    assert some.spigot(path=uri, options={"topk": 2}).count() == 3
    (file,) = folder.glob("part-*")
    assert file.read_text().splitlines() == [
        '{"surname":"Falk","forename":"Ida","born":"1970-02-03"}',
        '{"surname":"Orru","forename":"Elio","born":"1981-12-24"}',
    ]


def test_unbox_a_text_into_a_struct(stays: DynamicFrame) -> None:
    merge_address = address_merger()

    def add_text(record: Any) -> Any:
        record = merge_address(record)
        record["AddressText"] = json.dumps(record["Address"])
        return record

    boxed = stays.map(f=add_text)
    unboxed = boxed.unbox("AddressText", "json")
    inside = [
        "|    |-- Street: string",
        "|    |-- Town: string",
        "|    |-- Region: string",
        "|    |-- Post.Code: string",
        "|    |-- Lines: array",
        "|    |    |-- element: string",
    ]
    assert tree_of(unboxed) == [
        "|-- Care Name: string",
        "|-- House Id: string",
        "|-- Sum Paid: string",
        "|-- Address: struct",
        *inside,
        "|-- AddressText: struct",
        *inside,
    ]
    assert all(row["AddressText"] == row["Address"] for row in rows_of(unboxed))


def test_unnest(stays: DynamicFrame) -> None:
    unnested = stays.map(f=address_merger()).unnest()
    assert tree_of(unnested) == [
        "|-- Care Name: string",
        "|-- House Id: string",
        "|-- Sum Paid: string",
        "|-- Address.Street: string",
        "|-- Address.Town: string",
        "|-- Address.Region: string",
        "|-- Address.Post.Code: string",
        "|-- Address.Lines: array",
        "|    |-- element: string",
    ]
    assert rows_of(unnested)[0]["Address.Post.Code"] == "22100"
