"""Databases: a real PostgreSQL server, its real driver, real bookmarks."""

from __future__ import annotations

import contextlib
import io
import logging
import struct
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions

from awsglue._errors import (
    ConnectionOptionError,
    DatabaseAccessError,
    DatabaseError,
    DatabaseUnreachableError,
    MissingJarError,
    NotAvailableError,
    PathNotFoundError,
    UnwritableFieldError,
)
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from glueball_runtime import bookmarks
from glueball_runtime.bookmarks import Bookmarks, KeyMark
from glueball_runtime.bookmarks.session import ReadRange
from glueball_runtime.failure_categories import category_of
from tests.awsglue.conftest import Make, rows_of
from tests.memory_store import MemoryStore
from tests.postgresql import PASSWORD, PostgreSql


@pytest.fixture(scope="module")
def server(postgresql: PostgreSql) -> PostgreSql:
    postgresql.run(
        """CREATE TABLE orders (
             id integer PRIMARY KEY, customer text, amount numeric(10,2), at timestamp,
             tags text[])""",
        """INSERT INTO orders
             SELECT n, 'c' || n % 5, n * 1.25, timestamp '2026-01-01' + n * interval '1 hour',
                    ARRAY['a', 'b']
             FROM generate_series(1, 100) n""",
    )
    return postgresql


class Read:
    """Reads a table of the server."""

    def __init__(self, glue: GlueContext, server: PostgreSql) -> None:
        self._glue = glue
        self._server = server

    def __call__(self, table: str = "orders", ctx: str = "", **options: Any) -> DynamicFrame:
        return self._glue.create_dynamic_frame.from_options(
            "postgresql",
            {**self._server.options, "dbtable": table, **options},
            transformation_ctx=ctx,
        )


@pytest.fixture
def read(glue: GlueContext, server: PostgreSql) -> Read:
    return Read(glue, server)


def ids(frame: DynamicFrame, column: str = "id") -> list[Any]:
    """Return the values of a column, in order."""
    return sorted(row[column] for row in frame.toDF().select(column).collect())


# Reading


def test_a_table_has_the_types_of_the_database(read: Read) -> None:
    frame = read()
    frame.printSchema()
    names = {field.name: field.dataType.typeName() for field in frame.schema()}
    assert names == {
        "id": "int",
        "customer": "string",
        "amount": "decimal",
        "at": "timestamp",
        "tags": "array",
    }
    [row] = frame.toDF().where("id = 3").collect()
    assert (row.customer, row.amount, row.tags) == ("c3", Decimal("3.75"), ["a", "b"])
    assert frame.getNumPartitions() == 1


@pytest.mark.parametrize(
    ("options", "count", "parts"),
    [
        pytest.param({"dbtable": "public.orders"}, 100, 1, id="a schema and a table"),
        pytest.param({"dbtable": "(select id from orders) as o"}, 100, 1, id="a query as a table"),
        pytest.param({"query": "select id from orders where id > 90;"}, 10, 1, id="a query"),
        pytest.param({"sampleQuery": "select id from orders where id <= 5"}, 5, 1, id="a sample"),
        pytest.param(
            {"sampleQuery": "select id from orders", "hashfield": "id"},
            100,
            1,
            id="a sample is read in one part unless told otherwise",
        ),
        pytest.param(
            {
                "sampleQuery": "select id from orders where id <= 50 AND",
                "enablePartitioningForSampleQuery": "true",
                "hashfield": "id",
                "hashpartitions": "3",
            },
            50,
            3,
            id="a sample in parts, which on AWS ends in AND",
        ),
        pytest.param(
            {
                "sampleQuery": "select id from orders Where ",
                "enablePartitioningForSampleQuery": True,
                "hashexpression": "id",
            },
            100,
            7,
            id="or in WHERE",
        ),
        pytest.param({"hashfield": "CUSTOMER"}, 100, 7, id="7 parts of a text, in any case"),
        pytest.param({"hashfield": "at", "hashpartitions": 4}, 100, 4, id="parts of a time"),
        pytest.param({"hashfield": "tags", "hashpartitions": 2}, 100, 2, id="parts of arrays"),
        pytest.param({"hashexpression": "-id", "hashpartitions": "3"}, 100, 3, id="negative"),
        pytest.param({"hashexpression": "amount", "hashpartitions": "3"}, 100, 3, id="fractions"),
        pytest.param(
            {"hashexpression": "nullif(id, 7)", "hashpartitions": "3"}, 100, 3, id="null is a part"
        ),
        pytest.param({"hashexpression": "id", "hashpartitions": 1}, 100, 1, id="one part"),
        pytest.param(
            {"partitionColumn": "id", "lowerBound": 1, "upperBound": 100, "numPartitions": 4},
            100,
            4,
            id="Spark's own bounds",
        ),
    ],
)
def test_every_row_is_read_once(
    read: Read, options: dict[str, Any], count: int, parts: int
) -> None:
    frame = read(**options)
    rows = ids(frame)
    assert rows == sorted(set(rows))
    assert (len(rows), frame.getNumPartitions()) == (count, parts)


def test_parts_share_the_rows(read: Read) -> None:
    data = read(hashfield="id", hashpartitions="4").toDF()
    sizes = data.groupBy(functions.spark_partition_id()).count().collect()
    assert len(sizes) == 4
    assert all(10 < row["count"] < 45 for row in sizes)


def test_a_data_frame_is_the_same_rows(glue: GlueContext, server: PostgreSql) -> None:
    options = {**server.options, "dbtable": "orders"}
    frame = glue.create_data_frame.from_options("postgresql", options)
    assert frame.count() == 100
    source = glue.getSource("postgresql", **options)
    assert source.getDataFrame().columns == frame.columns


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        pytest.param({"dbtable": ""}, ConnectionOptionError, "dbtable is missing", id="no table"),
        pytest.param({"url": ""}, ConnectionOptionError, "url is missing", id="no URL"),
        pytest.param(
            {"url": "jdbc:mysql://h/d"},
            ConnectionOptionError,
            "begins with 'jdbc:mysql', and connection_type='postgresql' needs",
            id="another product",
        ),
        pytest.param(
            {"hashfield": "nothing"},
            ConnectionOptionError,
            "hashfield names 'nothing', which is no column. There are: id, customer",
            id="no such column",
        ),
        pytest.param(
            {"hashfield": "id", "hashpartitions": "many"},
            ConnectionOptionError,
            "hashpartitions is 'many'; it must be 1 or more",
            id="no number",
        ),
        pytest.param(
            {"useConnectionProperties": "true"},
            ConnectionOptionError,
            "connectionName is missing",
            id="no connection",
        ),
        pytest.param(
            {"dbtable": "pg_authid"},
            DatabaseAccessError,
            "permission denied for table pg_authid",
            id="no right to read it",
        ),
        pytest.param(
            {"dbtable": "nothing"},
            DatabaseError,
            'Reading nothing failed at .*: ERROR: relation "nothing" does not exist',
            id="no such table",
        ),
        pytest.param(
            {"password": "wrong-password"},
            DatabaseAccessError,
            'password authentication failed for user "tester"',
            id="wrong password",
        ),
        pytest.param(
            {"url": "jdbc:postgresql://127.0.0.1:1/shop"},
            DatabaseUnreachableError,
            "Reading orders failed at jdbc:postgresql://127.0.0.1:1/shop: Connection refused",
            id="nobody there",
        ),
        pytest.param(
            {"customJdbcDriverClassName": "com.example.Driver"},
            MissingJarError,
            "A connection to postgresql needs com.example.Driver, which is not on the class path",
            id="no driver",
        ),
    ],
)
def test_errors_say_what_to_do(
    read: Read, options: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said) as raised:
        read(**options)
    assert PASSWORD not in str(raised.value)
    assert "wrong-password" not in str(raised.value)


def test_failures_have_their_category() -> None:
    told = ("url", "Reading", "why")
    assert category_of(DatabaseError(*told)) == "QUERY_ERROR"
    assert category_of(DatabaseAccessError(*told)) == "PERMISSION_ERROR"
    assert category_of(DatabaseUnreachableError(*told)) == "CONNECTION_ERROR"
    assert category_of(ConnectionOptionError("url", "is")) == "INVALID_ARGUMENT_ERROR"


def test_a_driver_that_only_its_users_may_fetch_is_named(glue: GlueContext) -> None:
    options = {"url": "jdbc:oracle:thin:scott/tiger@//h:1521/x", "dbtable": "t"}
    with pytest.raises(MissingJarError, match=r"oracle\.jdbc\.OracleDriver.*--extra-jars") as told:
        glue.create_dynamic_frame.from_options("oracle", options)
    assert "tiger" not in str(told.value)


def test_a_script_brings_its_own_driver(read: Read, folder: Path, uri: str) -> None:
    """A class that is nowhere but in the jar reads a table, in the workers too."""
    own = {"customJdbcDriverClassName": "own.Driver"}
    with pytest.raises(MissingJarError, match=r"needs own\.Driver.*customJdbcDriverS3Path"):
        read(**own)
    with pytest.raises(PathNotFoundError):
        read(**own, customJdbcDriverS3Path=f"{uri}/none.jar")
    with zipfile.ZipFile(folder / "driver.jar", "w") as jar:
        jar.writestr("own/Driver.class", _subclass("own/Driver", "org/postgresql/Driver"))
    own["customJdbcDriverS3Path"] = f"{uri}/driver.jar"
    assert read(**own).count() == 100
    assert read(**own, hashfield="id", hashpartitions="2").count() == 100


def _subclass(name: str, parent: str) -> bytes:
    """Return the class file of a class that only calls its parent's constructor (JVMS 4)."""
    texts = [name, parent, "<init>", "()V", "Code"]  # constants 1 to 5
    constants = b"".join(b"\x01" + struct.pack(">H", len(text)) + text.encode() for text in texts)
    # 6 and 7: the classes; 8: the constructor's name and type; 9: that of the parent
    constants += struct.pack(">BHBHBHHBHH", 7, 1, 7, 2, 12, 3, 4, 10, 7, 8)
    code = b"\x2a\xb7\x00\x09\xb1"  # aload_0, invokespecial 9, return
    body = struct.pack(">HHI", 1, 1, len(code)) + code + struct.pack(">HH", 0, 0)
    constructor = struct.pack(">HHHHHI", 1, 3, 4, 1, 5, len(body)) + body
    head = struct.pack(">IHHH", 0xCAFEBABE, 0, 52, 10)
    middle = struct.pack(">HHHHHH", 0x21, 6, 7, 0, 0, 1)
    return head + constants + middle + constructor + struct.pack(">H", 0)


def test_no_secret_is_shown(
    glue: GlueContext, server: PostgreSql, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither by a plan, nor by its lineage, nor in a log, wherever the password was given."""
    with_url = {
        "url": f"{server.url}?user=tester&password=s3cret%27%26%3Bpa%25ss",
        "dbtable": "orders",
    }
    shown = io.StringIO()
    with caplog.at_level(logging.DEBUG, "awsglue"), contextlib.redirect_stdout(shown):
        for options in ({**server.options, "dbtable": "orders"}, with_url):
            for extra in ({}, {"hashfield": "id", "hashpartitions": "2"}):
                frame = glue.create_dynamic_frame.from_options("postgresql", {**options, **extra})
                data = frame.toDF()
                data.explain("extended")
                java: Any = data._jdf
                shown.write(java.queryExecution().toString())
                shown.write(str(data.rdd.toDebugString()))
                shown.write(repr(frame) + str(data.schema.jsonValue()))
                assert data.count() == 100
        glue.write_dynamic_frame.from_options(
            frame.select_fields(["id"]), "postgresql", {**server.options, "dbtable": "hidden"}
        )
    session: Any = glue.spark_session._jsparkSession
    runs = session.sharedState().statusStore().executionsList()  # what Spark's own pages show
    last = range(max(runs.size() - 10, 0), runs.size())
    plans = "\n".join(runs.apply(number).physicalPlanDescription() for number in last)
    assert "SaveIntoDataSourceCommand" in plans
    text = shown.getvalue() + caplog.text + plans
    assert "JDBC" in text
    assert "s3cret" not in text


# Bookmarks


@pytest.fixture
def run() -> Iterator[Any]:
    """Begins a run of a job; `commit` ends it well."""
    store = MemoryStore()

    def begin() -> Bookmarks:
        active = Bookmarks(store, store.read())
        bookmarks.activate(active)
        return active

    yield begin
    bookmarks.deactivate()


def test_each_run_reads_what_came_into_the_table(read: Read, server: PostgreSql, run: Any) -> None:
    server.run(
        'CREATE TABLE events (id serial PRIMARY KEY, "Word" text)',
        "INSERT INTO events (\"Word\") VALUES ('a'), ('b')",
    )
    job = run()
    first = read("events", "events")
    server.run("INSERT INTO events (\"Word\") VALUES ('c')")  # between planning and reading
    assert ids(first) == [1, 2]
    job.commit()

    job = run()
    assert ids(read("events", "events")) == [3]
    job = run()  # the run before never committed
    assert ids(read("events", "events", hashfield="id", hashpartitions=2)) == [3]
    job.commit()

    job = run()
    nothing = read("events", "events")
    assert (nothing.count(), nothing.toDF().columns) == (0, ["id", "Word"])
    job.commit()
    server.run("INSERT INTO events (\"Word\") VALUES ('d')")
    job = run()
    assert ids(read("events", "events")) == [4]
    assert ids(read("events", "other")) == [1, 2, 3, 4]  # each source has a bookmark of its own
    assert ids(read("events")) == [1, 2, 3, 4]  # and one without a name has none


@pytest.mark.parametrize(
    ("columns", "rows", "later", "options", "key"),
    [
        pytest.param(
            "k text", "('it''s'), ('\\\"')", "('z'' OR 1=1 --'), ('zz\\')", {}, "k", id="texts"
        ),
        pytest.param("k bigint", "(9007199254740993)", "(9007199254740994)", {}, "k", id="numbers"),
        pytest.param(
            "k integer", "(9), (10)", "(11), (100)", {}, "k", id="numbers that get longer"
        ),
        pytest.param(
            "k integer", "(10), (9)", "(8), (2)", {"jobBookmarkKeysSortOrder": "desc"}, "k",
            id="numbers that get shorter",
        ),
        pytest.param("k numeric(30,10)", "(0.1), (0.2)", "(0.20000001)", {}, "k", id="decimals"),
        pytest.param(
            "k timestamp", "('2026-01-01 00:00:00.000001')", "('2026-01-01 00:00:00.000002')", {},
            "k", id="times, to the microsecond",
        ),
        pytest.param(
            "k timestamptz", "('2026-01-01 00:00+05')", "('2026-01-01 00:00+04')", {}, "k",
            id="times of a zone",
        ),
        pytest.param("k date", "('2026-01-01')", "('2026-01-02')", {}, "k", id="dates"),
        pytest.param(
            "k uuid", "('00000000-0000-0000-0000-000000000001')",
            "('00000000-0000-0000-0000-000000000002')", {}, "k", id="uuids",
        ),
        pytest.param(
            "k integer", "(5), (6)", "(4), (-3)", {"jobBookmarkKeysSortOrder": "desc"}, "k",
            id="keys that shrink",
        ),
        pytest.param(
            "k integer, l text", "(1, 'b'), (2, 'a')", "(2, 'b'), (3, 'a')", {}, "k,l",
            id="two columns, the first one first",
        ),
    ],
)  # fmt: skip
def test_keys_of_every_kind_are_remembered(
    read: Read,
    server: PostgreSql,
    run: Any,
    columns: str,
    rows: str,
    later: str,
    options: dict[str, Any],
    key: str,
) -> None:
    server.run("DROP TABLE IF EXISTS keyed", f"CREATE TABLE keyed ({columns})")
    server.run(f"INSERT INTO keyed VALUES {rows}")
    options = {**options, "jobBookmarkKeys": [name.upper() for name in key.split(",")]}

    def values() -> set[str]:
        frame = read("keyed", "keyed", **options).toDF()
        return {str(tuple(row)) for row in frame.collect()}

    job = run()
    before = values()
    assert len(before) == rows.count("(")
    job.commit()
    server.run(f"INSERT INTO keyed VALUES {later}")
    job = run()
    assert len(values()) == later.count("(")
    assert not values() & before
    job.commit()
    job = run()
    assert values() == set()


def test_a_paused_bookmark_reads_the_range_of_earlier_runs(read: Read, server: PostgreSql) -> None:
    server.run("CREATE TABLE ranged (id integer PRIMARY KEY)")
    server.run("INSERT INTO ranged SELECT generate_series(1, 9)")
    marks = [{"ranged": KeyMark(columns=("id",), values=(value,))} for value in ("3", "6")]
    span = ReadRange(after=marks[0], until=marks[1])
    store = MemoryStore()
    active = Bookmarks(store, store.read(), read_only=True, read_range=span)
    bookmarks.activate(active)
    try:
        assert ids(read("ranged", "ranged")) == [4, 5, 6]
        assert ids(read("ranged", "unknown")) == []  # none of these runs has read it
        active.commit()
        assert store.read().version == 0
    finally:
        bookmarks.deactivate()


def test_rows_with_a_null_key_are_not_seen(read: Read, server: PostgreSql, run: Any) -> None:
    server.run("CREATE TABLE gaps (k integer)", "INSERT INTO gaps VALUES (null), (1)")
    run()
    assert ids(read("gaps", "gaps", jobBookmarkKeys=["k"]), "k") == [1]


def test_a_primary_key_of_two_columns_in_a_schema(read: Read, server: PostgreSql, run: Any) -> None:
    server.run(
        "CREATE SCHEMA IF NOT EXISTS sales",
        'CREATE TABLE sales."Day Book" (n integer, day date, PRIMARY KEY (day, n))',
        "INSERT INTO sales.\"Day Book\" VALUES (2, '2026-01-01'), (1, '2026-01-02')",
    )
    job = run()
    assert read('sales."Day Book"', "book").count() == 2
    job.commit()
    server.run("INSERT INTO sales.\"Day Book\" VALUES (9, '2026-01-01'), (2, '2026-01-02')")
    run()
    assert ids(read('SALES."Day Book"', "book"), "n") == [2]  # 9 lies before the last key


def test_a_table_without_keys_is_read_as_a_whole_and_says_so(
    read: Read, server: PostgreSql, run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server.run("CREATE TABLE plain (k integer)", "INSERT INTO plain VALUES (1), (1)")
    for _ in range(2):
        job = run()
        assert read("plain", "plain").count() == 2
        job.commit()
    assert "plain is read as a whole: no primary key is known" in caplog.text


def test_other_keys_begin_anew(
    read: Read, server: PostgreSql, run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server.run("CREATE TABLE moved (a integer, b integer)", "INSERT INTO moved VALUES (1, 9)")
    job = run()
    assert read("moved", "moved", jobBookmarkKeys=["a"]).count() == 1
    job.commit()
    run()
    assert read("moved", "moved", jobBookmarkKeys=["b"]).count() == 1
    assert "The bookmark keys of moved are others now" in caplog.text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"jobBookmarkKeys": ["no"]}, "names 'no', which is no column", id="no column"),
        pytest.param({"jobBookmarkKeys": ["tags"]}, "has no order to read by", id="an array"),
        pytest.param({"jobBookmarkKeysSortOrder": "up"}, 'must be "asc" or "desc"', id="order"),
    ],
)
def test_keys_that_cannot_serve_are_refused(
    read: Read, run: Any, options: dict[str, Any], said: str
) -> None:
    run()
    with pytest.raises(ConnectionOptionError, match=said):
        read(ctx="orders", **options)


# Writing


def test_rows_are_added_and_a_table_is_made(
    glue: GlueContext, server: PostgreSql, read: Read, make: Make
) -> None:
    frame = make("id int, name string, nothing void, words array<string>", (1, "a'b", None, ["x"]))
    options = {**server.options, "dbtable": "made"}
    errors = glue.write_dynamic_frame.from_options(frame, "postgresql", options)
    assert errors.count() == 0
    sink = glue.getSink("postgresql", bulkSize="3", **options)
    sink.writeFrame(frame)
    assert server.run("SELECT * FROM made") == [(1, "a'b", ["x"])] * 2
    assert rows_of(read("made"))[0] == {"id": 1, "name": "a'b", "words": ["x"]}


def test_each_frame_of_a_collection_has_its_table(
    glue: GlueContext, server: PostgreSql, make: Make
) -> None:
    frames = {"root": make("id int", (1,)), 'root_a.val"x': make("id int", (2,), (3,))}
    collection = DynamicFrameCollection(frames, glue)
    options = {**server.options, "dbtable": "unused"}
    glue.write_dynamic_frame.from_options(collection, "postgresql", options)
    assert server.run("SELECT * FROM root") == [(1,)]
    assert server.run('SELECT count(*) FROM "root_a.val""x"') == [(2,)]


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        pytest.param("a struct<b: int>", ((1,),), "takes no struct: field 'a'", id="nested"),
        pytest.param("a map<string, int>", ({"x": 1},), "takes no map: field 'a'", id="map"),
        pytest.param("a array<array<int>>", ([[1]],), "takes no array: field 'a'", id="arrays"),
    ],
)
def test_what_no_column_holds_is_refused_by_name(
    glue: GlueContext, server: PostgreSql, make: Make, schema: str, value: Any, said: str
) -> None:
    options = {**server.options, "dbtable": "never"}
    with pytest.raises(UnwritableFieldError, match=said):
        glue.write_dynamic_frame.from_options(make(schema, value), "postgresql", options)
    assert server.run("SELECT to_regclass('never')") == [(None,)]


def test_a_choice_is_refused_with_its_remedy(
    glue: GlueContext, server: PostgreSql, make: Make
) -> None:
    both = make("a int", (1,)).union(make("a string", ("x",)))
    options = {**server.options, "dbtable": "never"}
    with pytest.raises(UnwritableFieldError, match=r"takes no choice: field 'a'\. Decide"):
        glue.write_dynamic_frame.from_options(both, "postgresql", options)


def test_what_the_database_refuses_is_told(
    glue: GlueContext, server: PostgreSql, make: Make
) -> None:
    server.run("CREATE TABLE strict (id integer CHECK (id < 5))")
    options = {**server.options, "dbtable": "strict"}
    with pytest.raises(
        DatabaseError, match=r"Writing to strict failed at .*violates check"
    ) as told:
        glue.write_dynamic_frame.from_options(make("id int", (9,)), "postgresql", options)
    assert "s3cret" not in str(told.value)
    with pytest.raises(ConnectionOptionError, match="dbtable is missing: the table to write to"):
        glue.write_dynamic_frame.from_options(make("id int", (9,)), "postgresql", server.options)


def test_redshift_runs_its_actions_around_the_rows(
    glue: GlueContext, server: PostgreSql, make: Make
) -> None:
    """A PostgreSQL server in the place of Redshift, under both kinds of URL."""
    server.run("CREATE TABLE stage (id integer)", "INSERT INTO stage VALUES (7)")
    options = {
        **server.options,
        "url": server.url.replace("jdbc:postgresql:", "jdbc:redshift:"),
        "dbtable": "public.stage",
        "preactions": "truncate table stage; insert into stage values (0);",
        "postactions": "create table final as select * from stage",
        "redshiftTmpDir": "s3://lake/tmp/",
        "aws_iam_role": "arn:aws:iam::123456789012:role/r",
    }
    glue.write_dynamic_frame.from_options(make("id int", (1,), (2,)), "redshift", options)
    assert server.run("SELECT id FROM final ORDER BY id") == [(0,), (1,), (2,)]
    read = glue.create_dynamic_frame.from_options(
        "redshift", {**server.options, "dbtable": "final", "redshiftTmpDir": "s3://lake/tmp/"}
    )
    assert ids(read) == [0, 1, 2]
    options["preactions"] = "nonsense"
    with pytest.raises(DatabaseError, match="Running preactions failed"):
        glue.write_dynamic_frame.from_options(make("id int", (5,)), "redshift", options)


# Connections of other types


def test_a_connector_of_the_users_own_needs_its_class(
    glue: GlueContext, server: PostgreSql, make: Make, uri: str
) -> None:
    jdbc = {
        **server.options,
        "className": "org.postgresql.Driver",
        "dbTable": "orders",
        "hashexpression": "id",
    }
    assert glue.create_dynamic_frame.from_options("custom.jdbc", jdbc).count() == 100
    spark = {"className": "parquet", "path": f"{uri}/x"}
    glue.write_dynamic_frame.from_options(make("id int", (1,)), "custom.spark", spark)
    assert ids(glue.create_dynamic_frame.from_options("marketplace.spark", spark)) == [1]
    with pytest.raises(ConnectionOptionError, match="className is missing"):
        glue.create_dynamic_frame.from_options("custom.spark", {"path": uri})


@pytest.mark.parametrize(
    ("kind", "instead"),
    [
        pytest.param("dynamodb", "boto3 reads tables", id="dynamodb"),
        pytest.param("MongoDB", 'spark.read.format("mongodb")', id="mongodb"),
        pytest.param("opensearch", "--extra-jars", id="opensearch"),
        pytest.param("kafka", "forEachBatch", id="a stream"),
        pytest.param("marketplace.athena", "custom.spark", id="a function of Lambda"),
        pytest.param("carrier pigeon", 'connection_type="s3" works', id="unknown"),
    ],
)
def test_other_types_say_what_works(glue: GlueContext, kind: str, instead: str) -> None:
    with pytest.raises(NotAvailableError) as told:
        glue.getSource(kind)
    assert instead in str(told.value)
    with pytest.raises(NotAvailableError):
        glue.getSink(kind)
