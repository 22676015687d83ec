"""Examples that choose, rename and move fields."""

from __future__ import annotations

from collections.abc import Callable

from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.transforms import DropFields, FlatMap, SelectFromCollection
from tests.awsglue.conftest import rows_of, tree_of
from tests.awsglue.examples.conftest import SINGER


def test_apply_mapping_renames_and_casts(singers: DynamicFrame) -> None:
    assert tree_of(singers) == SINGER
    mapped = singers.apply_mapping(
        [
            ("surname", "String", "last_name", "String"),
            ("title", "String", "first_name", "String"),
            ("born", "String", "birthday", "Date"),
        ]
    )
    assert tree_of(mapped) == [
        "|-- last_name: string",
        "|-- first_name: string",
        "|-- birthday: date",
    ]
    days = [str(row["birthday"]) for row in rows_of(mapped)]
    assert days == ["1970-02-03", "1981-12-24", "None"]  # what is no date is null


def test_drop_fields_reaches_into_structs_and_arrays(read: Callable[..., DynamicFrame]) -> None:
    friends = read(
        "friends",
        [
            {"name": "Ada", "years": 31, "home": {"land": "FI", "shire": "Lappi"}, "pals": []},
            {
                "name": "Bo",
                "years": 44,
                "home": {"land": "SE", "shire": "Skane"},
                "pals": [{"name": "Cy", "years": 4}],
            },
            {
                "name": "Di",
                "years": 19,
                "home": {"land": "NO"},
                "pals": [{"name": "Ed"}, {"name": "Flo", "years": 18}],
            },
            {"name": "Gus", "years": 25, "home": {"land": "DK", "shire": "Fyn"}},
            {"name": "Hal", "years": 70, "pals": [{"name": "Ivy", "years": 71}]},
        ],
    )
    assert tree_of(friends) == [
        "|-- name: string",
        "|-- years: int",
        "|-- home: struct",
        "|    |-- land: string",
        "|    |-- shire: string",
        "|-- pals: array",
        "|    |-- element: struct",
        "|    |    |-- name: string",
        "|    |    |-- years: int",
    ]
    fewer = friends.drop_fields(paths=["years", "home.shire", "pals.years"])
    assert tree_of(fewer) == [
        "|-- name: string",
        "|-- home: struct",
        "|    |-- land: string",
        "|-- pals: array",
        "|    |-- element: struct",
        "|    |    |-- name: string",
    ]
    assert rows_of(fewer)[2] == {
        "name": "Di",
        "home": {"land": "NO"},
        "pals": [{"name": "Ed"}, {"name": "Flo"}],
    }


def test_rename_field_in_a_chain(choirs: DynamicFrame) -> None:
    renamed = choirs.rename_field("id", "choir_key").rename_field("title", "choir_title")
    names = [field.name for field in renamed.schema()]
    assert names == ["codes", "aliases", "choir_key", "rank", "choir_title", "seats", "type"]
    assert rows_of(renamed.select_fields(["choir_key", "choir_title"])) == [
        {"choir_key": "c-1", "choir_title": "Cathedral Choir"},
        {"choir_key": "c-2", "choir_title": "Opera Choir"},
    ]


def test_rename_field_of_a_name_with_dots(choirs: DynamicFrame) -> None:
    dotted = choirs.rename_field("rank", "`this.old.name`")
    assert dotted.rename_field("`this.old.name`", "newName").schema().hasField("newName")


def test_select_fields(singers: DynamicFrame) -> None:
    names = singers.select_fields(paths=["surname", "forename"])
    assert tree_of(names) == ["|-- surname: string", "|-- forename: string"]
    assert rows_of(names) == [
        {"surname": "Falk", "forename": "Ida"},
        {"surname": "Orru", "forename": "Elio"},
        {"surname": "Vass", "forename": "Pal"},
    ]


def test_split_fields(tables: DynamicFrameCollection) -> None:
    whole = tables.select("root_contacts")
    assert tree_of(whole) == [
        "|-- id: long",
        "|-- index: int",
        "|-- contacts.val.kind: string",
        "|-- contacts.val.value: string",
    ]
    parts = whole.split_fields(["id", "index"], "left", "right")
    assert tree_of(parts.select("left")) == ["|-- id: long", "|-- index: int"]
    assert tree_of(parts.select("right")) == [
        "|-- contacts.val.kind: string",
        "|-- contacts.val.value: string",
    ]


def test_a_transform_for_each_frame_of_a_collection(tables: DynamicFrameCollection) -> None:
    fewer = FlatMap.apply(dfc=tables, BaseTransform=DropFields, frame_name="frame", paths=["index"])
    one = SelectFromCollection.apply(dfc=fewer, key="root_pictures")
    assert tree_of(one) == ["|-- id: long", "|-- pictures.val.address: string"]
