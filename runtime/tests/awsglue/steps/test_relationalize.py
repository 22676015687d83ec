from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from awsglue import _jvm, utils
from awsglue._errors import FlattenedNamesError
from awsglue._steps.relationalize import flat_tables, repeatable, witness
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.transforms import Relationalize
from glueball_runtime import bookmarks
from glueball_runtime.bookmarks.session import Bookmarks
from tests.awsglue.conftest import Make, Rows, rows_of, tree_of
from tests.memory_store import MemoryStore


def tables(frames: DynamicFrameCollection) -> dict[str, Rows]:
    """Return the rows of all frames, in the order of their keys."""
    return {name: _sorted(frames[name]) for name in list(frames.keys())}


def _sorted(frame: DynamicFrame) -> Rows:
    rows = [row.asDict(recursive=True) for row in frame.toDF().collect()]
    return sorted(rows, key=lambda row: (str(row.get("id", "")), row.get("index", 0)))


def test_three_levels_of_arrays_become_four_tables(make: Make, uri: str) -> None:
    frame = make(
        "name string, tour struct<year:int,stops:array<struct<town:string,shows:array<struct<"
        "hall:string,prices:array<int>>>>>>",
        ("a", (2001, [("Ulm", [("Hall", [5, 6]), ("Barn", [])]), ("Bern", None)])),
        ("b", (None, [])),
        ("c", None),
    )
    made = frame.coalesce(1).relationalize("root", uri)
    stops, shows, prices = "tour.stops", "tour.stops.val.shows", "tour.stops.val.shows.val.prices"
    assert tables(made) == {
        "root": [
            {"name": "a", "tour.year": 2001, stops: 1},
            {"name": "b", "tour.year": None, stops: 2},  # an empty array has a key without rows
            {"name": "c", "tour.year": None, stops: None},  # no array has none
        ],
        f"root_{stops}": [
            {"id": 1, "index": 0, f"{stops}.val.town": "Ulm", shows: 1},
            {"id": 1, "index": 1, f"{stops}.val.town": "Bern", shows: None},
        ],
        f"root_{shows}": [
            {"id": 1, "index": 0, f"{shows}.val.hall": "Hall", prices: 1},
            {"id": 1, "index": 1, f"{shows}.val.hall": "Barn", prices: 2},
        ],
        f"root_{prices}": [
            {"id": 1, "index": 0, f"{prices}.val": 5},
            {"id": 1, "index": 1, f"{prices}.val": 6},
        ],
    }
    assert tree_of(made[f"root_{shows}"]) == [
        "|-- id: long",
        "|-- index: int",
        f"|-- {shows}.val.hall: string",
        f"|-- {prices}: long",
    ]
    assert [made[name].name for name in made.keys()] == list(made.keys())  # noqa: SIM118


def test_arrays_of_arrays_maps_and_nulls(make: Make, uri: str) -> None:
    frame = make(
        "n void, aa array<array<int>>, m map<int,struct<x:string>>, e array<struct<v:void,w:int>>",
        (None, [[1, 2], [], None], {7: ("y",)}, [(None, 1)]),
    )
    made = frame.relationalize("r", uri)
    assert tables(made) == {
        "r": [{"n": None, "aa": 1, "m": 1, "e": 1}],
        "r_aa": [
            {"id": 1, "index": 0, "aa.val": 1},
            {"id": 1, "index": 1, "aa.val": 2},
            {"id": 1, "index": 2, "aa.val": None},
        ],
        "r_aa.val": [
            {"id": 1, "index": 0, "aa.val.val": 1},
            {"id": 1, "index": 1, "aa.val.val": 2},
        ],
        "r_m": [{"id": 1, "index": 0, "m.val.key": 7, "m.val.value.x": "y"}],
        "r_e": [{"id": 1, "index": 0, "e.val.v": None, "e.val.w": 1}],
    }
    assert tree_of(made["r_e"])[2:] == ["|-- e.val.v: null", "|-- e.val.w: int"]


def test_what_has_no_values(glue: GlueContext, folder: Path, uri: str) -> None:
    (folder / "a.json").write_text('{"a": [{}], "b": [{"e": {}, "x": 1, "l": []}], "n": [null]}')
    frame = glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "json")
    assert tables(frame.relationalize("r", f"{uri}/staging")) == {
        "r": [{"a": 1, "b": 1, "n": 1}],
        "r_a": [{"id": 1, "index": 0}],
        "r_b": [{"id": 1, "index": 0, "b.val.x": 1, "b.val.l": 1}],
        "r_b.val.l": [],
        "r_n": [{"id": 1, "index": 0, "n.val": None}],
    }


def test_names_that_differ_in_case_only(make: Make, uri: str) -> None:
    frame = make("s struct<a:int,A:int>, l array<struct<b:int,B:int>>", ((1, 2), [(3, 4)]))
    assert tables(frame.relationalize("r", uri)) == {
        "r": [{"s.a": 1, "s.A": 2, "l": 1}],
        "r_l": [{"id": 1, "index": 0, "l.val.b": 3, "l.val.B": 4}],
    }


def test_choices_are_taken_apart_by_what_each_value_is(make: Make, uri: str) -> None:
    values: dict[int, Any] = {1: [1, "x"], 2: {"k": 1}, 3: "text", 4: 2**40}
    mixed = make("n int", *((n,) for n in values)).map(lambda r: {"n": r["n"], "v": values[r["n"]]})
    made = mixed.coalesce(1).relationalize("r", uri)
    assert tree_of(made["r"]) == [
        "|-- n: int",
        "|-- v: choice",
        "|    |-- long",
        "|    |-- string",
        "|-- v_array: long",  # a key among whole numbers could not be told apart
        "|-- v.k: int",
    ]
    assert tree_of(made["r_v"]) == [
        "|-- id: long",
        "|-- index: int",
        "|-- v.val: choice",
        "|    |-- int",
        "|    |-- string",
    ]
    (key,) = [row["v_array"] for row in rows_of(made["r"]) if row["n"] == 1]
    assert tables(made)["r_v"] == [
        {"id": key, "index": 0, "v.val": {"int": 1, "string": None}},
        {"id": key, "index": 1, "v.val": {"int": None, "string": "x"}},
    ]


def test_a_key_stands_beside_texts(make: Make, uri: str) -> None:
    mixed = make("n int", (1,), (2,)).map(lambda r: {"v": [True] if r["n"] == 1 else "none"})
    made = mixed.coalesce(1).relationalize("r", uri)
    assert sorted(rows_of(made["r"]), key=str) == [
        {"v": {"long": 1, "string": None}},
        {"v": {"long": None, "string": "none"}},
    ]


def test_a_frame_without_arrays_is_its_own_table(make: Make, folder: Path, uri: str) -> None:
    made = Relationalize.apply(make("s struct<a:int>", ((1,),)), uri)
    assert tables(made) == {"roottable": [{"s.a": 1}]}
    assert not any(folder.iterdir())  # nothing had to be staged


@pytest.fixture
def random(glue: GlueContext) -> DynamicFrame:
    """Records that are others each time they are computed, in another order."""
    data = glue.spark_session.range(40).selectExpr("id", "rand() AS r")
    data = data.repartition(3).selectExpr("r", "array(r, id) AS l", "array(array(r)) AS ll")
    return DynamicFrame.fromDF(data, glue, "random")


def test_tables_fit_together_though_the_records_cannot_be_computed_twice(
    random: DynamicFrame, folder: Path, uri: str
) -> None:
    made = random.relationalize("r", uri)
    root, lists, outer, inner = (made[name].toDF() for name in ("r", "r_l", "r_ll", "r_ll.val"))
    pairs = root.join(lists.where("`index` = 0"), root["l"] == lists["id"])
    assert pairs.where("r = `l.val`").count() == root.count() == 40
    deep = root.join(outer, root["ll"] == outer["id"]).join(inner, outer["`ll.val`"] == inner["id"])
    assert deep.where("r = `ll.val.val`").count() == 40
    assert root.select("l").distinct().count() == 40  # keys are unique, over all partitions
    assert len(list(folder.iterdir())) == 1  # staged


def test_columnar_files_are_not_staged(
    spark: SparkSession, glue: GlueContext, folder: Path, uri: str
) -> None:
    spark.range(10).selectExpr("id", "array(id, id + 1) AS l").repartition(3).write.parquet(
        f"{uri}/data"
    )
    data = spark.read.parquet(f"{uri}/data").where("id > 2")
    frame = DynamicFrame.fromDF(data, glue, "").resolveChoice(specs=[("id", "cast:int")])
    made = frame.relationalize("r", f"{uri}/staging")
    assert not (folder / "staging").exists()
    assert fitting(made) == 14


def scanned(frame: DataFrame) -> str:
    """Return the columns that a DataFrame reads of its files."""
    plan: Any = frame._jdf.queryExecution().sparkPlan()
    return str(plan.collectLeaves().head().requiredSchema().simpleString())


@pytest.mark.parametrize("name", ["parquet", "orc", "json"])
def test_the_root_table_reads_one_field_of_an_array(
    spark: SparkSession, glue: GlueContext, uri: str, name: str
) -> None:
    rows = "(1, array(named_struct('a', 'x', 'b', 7, 'l', array(1)))), (2, null), (3, array())"
    data = spark.sql(f"select * from values {rows} AS t(id, l)")
    data.coalesce(1).write.format(name).save(f"{uri}/data")
    frame = glue.create_dynamic_frame.from_options("s3", {"paths": [f"{uri}/data"]}, name)
    root, *others = flat_tables(repeatable(frame._records, f"{uri}/staging"), "r")
    assert "array<struct<b:int>>" in scanned(root.flat())
    assert [tuple(row) for row in root.flat().orderBy("id").collect()] == [
        (1, 1),
        (2, None),
        (3, 3),
    ]
    assert [other.name for other in others] == ["r_l", "r_l.val.l"]
    assert "l:array<int>" in scanned(others[0].flat())


def test_files_without_a_field_still_have_their_arrays(
    spark: SparkSession, glue: GlueContext, uri: str
) -> None:
    old = spark.sql("select 1 AS id, array(named_struct('l', array(5))) AS l")
    new = spark.sql("select 2 AS id, array(named_struct('a', 7, 'l', array(6))) AS l")
    for data in (old, new):
        data.coalesce(1).write.mode("append").parquet(f"{uri}/data")
    frame = glue.create_dynamic_frame.from_options("s3", {"paths": [f"{uri}/data"]}, "parquet")
    assert not _jvm.columns_are_everywhere(frame.toDF())
    made = frame.relationalize("r", f"{uri}/staging")
    keys = {row["id"]: row["l"] for row in rows_of(made["r"])}
    values = {row["id"]: row["l.val.a"] for row in rows_of(made["r_l"])}
    assert {number: values[key] for number, key in keys.items()} == {1: None, 2: 7}


def test_names_that_differ_in_case_only_are_staged_and_read(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    (folder / "a.json").write_text('{"l": [{"b": 1, "B": 2, "s": [3]}]}\n{"l": null}')
    frame = glue.create_dynamic_frame.from_options("s3", {"paths": [f"{uri}/a.json"]}, "json")
    made = frame.relationalize("r", f"{uri}/staging")
    assert tables(made) == {
        "r": [{"l": 1}, {"l": None}],
        "r_l": [{"id": 1, "index": 0, "l.val.b": 1, "l.val.B": 2, "l.val.s": 1}],
        "r_l.val.s": [{"id": 1, "index": 0, "l.val.s.val": 3}],
    }


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ("array<struct<a:string,b:int,c:long>>", "x.`b`"),  # a number is less than a text
        ("array<struct<a:string,l:array<int>>>", "x.`a`"),
        ("array<struct<s:struct<`a.b`:int>,l:array<int>>>", "x.`s`.`a.b`"),
        ("array<struct<a:string>>", None),  # it is all that there is
        ("array<struct<v:void,l:array<int>>>", None),  # it is in no file
        ("array<struct<l:array<int>,m:array<int>>>", None),
        ("array<int>", None),
        ("array<array<struct<a:int,b:int>>>", None),
        ("map<string,struct<a:int,b:int>>", None),
    ],
)
def test_what_tells_of_an_array(make: Make, schema: str, found: str | None) -> None:
    assert witness("x", make(f"x {schema}").schema().field_map["x"].dataType) == found


@pytest.mark.parametrize(
    ("known", "complete"),
    [
        ("1", False),  # there is one more
        ("2", True),
        (None, False),  # nobody has looked into them
    ],
)
def test_columns_that_all_files_have(
    spark: SparkSession, uri: str, known: str | None, complete: bool
) -> None:
    spark.range(0, 2, 1, 2).write.parquet(f"{uri}/data")
    options = {_jvm.COMPLETE_FILES: known} if known else {}
    data = spark.read.options(**options).parquet(f"{uri}/data")
    assert _jvm.columns_are_everywhere(data.where("id > 0")) is complete
    assert not _jvm.columns_are_everywhere(data.union(spark.range(1)))


def fitting(made: DynamicFrameCollection) -> int:
    """Return how many elements of `l` are their record's `id` plus their index."""
    root = made["r"].toDF().selectExpr("id AS number", "l AS key")
    lists = made["r_l"].toDF()
    pairs = root.join(lists, root["key"] == lists["id"])
    return pairs.where("`l.val` = number + `index`").count()


@pytest.mark.parametrize(
    ("query", "repeats"),
    [
        ("select 1 AS a, array(1) AS l", True),
        ("select id, array(id) AS l from range(3) where id > 1", True),
        ("select rand() AS r", False),
        ("select id from range(3) order by id", False),  # ties come in any order
        ("select id from range(3) limit 2", False),
        ("select distinct id from range(3)", False),
    ],
)
def test_what_can_be_computed_twice_alike(spark: SparkSession, query: str, repeats: bool) -> None:
    assert _jvm.repeats_itself(spark.sql(query)) is repeats


def test_partitions_are_settled_though_cores_change(
    spark: SparkSession, glue: GlueContext, uri: str
) -> None:
    spark.range(1000).selectExpr("id", "array(id) AS l").coalesce(1).write.parquet(f"{uri}/data")
    frame = DynamicFrame.fromDF(spark.read.parquet(f"{uri}/data"), glue, "")
    before = spark.conf.get("spark.sql.files.maxPartitionBytes")
    made = frame.relationalize("r", f"{uri}/staging")
    try:
        spark.conf.set("spark.sql.files.maxPartitionBytes", "2000")
        assert fitting(made) == 1000
        assert made["r"].getNumPartitions() == made["r_l"].getNumPartitions() == 1
    finally:
        spark.conf.set("spark.sql.files.maxPartitionBytes", str(before))
    assert spark.conf.get("spark.sql.leafNodeDefaultParallelism", None) is None


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    yield MemoryStore()
    bookmarks.deactivate()


def test_keys_go_on_in_the_next_run(make: Make, uri: str, store: MemoryStore) -> None:
    frame = make("l array<int>", ([1],), ([2],)).coalesce(1)

    def run(transformation_ctx: str) -> list[int]:
        bookmarks.activate(Bookmarks(store, store.read()))
        made = frame.relationalize("r", uri, transformation_ctx=transformation_ctx)
        keys = [row["l"] for row in rows_of(made["r"])]
        assert sorted(row["id"] for row in rows_of(made["r_l"])) == sorted(keys)
        active = bookmarks.active()
        assert active is not None
        active.commit()
        return keys

    first, second = run("flat"), run("flat")
    assert first == [1, 2]
    assert not set(first) & set(second)
    assert run("other") == [1, 2]  # another counter
    assert run("") == [1, 2]  # without a name there is none


def test_two_columns_of_one_name_are_refused(make: Make, uri: str) -> None:
    with pytest.raises(FlattenedNamesError, match=r"named 'l\.val\.s\.a'"):
        make("l array<struct<s:struct<a:int>,`s.a`:int>>").relationalize("r", uri)


def test_two_tables_of_one_name_are_refused(make: Make, uri: str) -> None:
    with pytest.raises(FlattenedNamesError, match=r"named 'r_a\.val\.b'.* several tables"):
        make("a array<struct<b:array<int>>>, `a.val` struct<b:array<int>>").relationalize("r", uri)


def test_the_staging_path_falls_back_to_the_temporary_directory(
    random: DynamicFrame, folder: Path, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: dict[str, Any] = {}
    monkeypatch.setattr(utils, "_global_args", known)
    monkeypatch.setattr("awsglue._steps.relationalize._global_args", known)
    with pytest.raises(KeyError, match="TempDir"):
        Relationalize.apply(random)
    utils.getResolvedOptions(["script"], [])
    with pytest.raises(RuntimeError, match="Unable to set staging_path using args"):
        Relationalize.apply(random)
    utils.getResolvedOptions(["script", "--TempDir", f"{uri}/temp"], [])
    assert Relationalize.apply(frame=random, name="x")["x"].count() == 40
    assert (folder / "temp").is_dir()
