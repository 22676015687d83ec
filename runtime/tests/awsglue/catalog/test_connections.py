"""Tables of the catalog that lie in a database: a real PostgreSQL server."""

from __future__ import annotations

import pytest

from awsglue._catalog.client import Catalog
from awsglue._catalog.connections import stream_of
from awsglue._errors import EntityNotFoundError, NotAvailableError, TableError
from awsglue.context import GlueContext
from tests.awsglue.catalog_tables import Tables
from tests.awsglue.conftest import Make, rows_of
from tests.postgresql import PASSWORD, PostgreSql


@pytest.fixture(scope="module")
def server(postgresql: PostgreSql) -> PostgreSql:
    postgresql.run(
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.orders (id integer, name text)",
        "INSERT INTO shop.orders VALUES (1, 'a'), (2, 'b')",
    )
    return postgresql


@pytest.fixture
def crawled(tables: Tables, server: PostgreSql) -> Tables:
    """A table as a crawler of a database makes it."""
    name = f"connection-of-{tables.database}"
    tables.client.create_connection(
        ConnectionInput={
            "Name": name,
            "ConnectionType": "JDBC",
            "ConnectionProperties": {
                "JDBC_CONNECTION_URL": server.options["url"],
                "USERNAME": server.options["user"],
                "PASSWORD": PASSWORD,
            },
        }
    )
    parameters = {"classification": "postgresql", "connectionName": name, "typeOfData": "table"}
    place = f"{server.options['url'].rpartition('/')[2]}.shop.orders"
    tables.make("t", place, parameters, has="id int, name string")
    tables.make("unnamed", place, {"classification": "postgresql"})
    return tables


def test_a_table_in_a_database(glue: GlueContext, crawled: Tables, make: Make) -> None:
    frame = glue.create_dynamic_frame.from_catalog(crawled.database, "t")
    assert rows_of(frame) == [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
    glue.write_dynamic_frame.from_catalog(
        make("id int, name string", (3, "c")), crawled.database, "t"
    )
    data = glue.create_data_frame.from_catalog(crawled.database, "t", additional_options={})
    assert sorted(row.id for row in data.collect()) == [1, 2, 3]


def test_a_connection_that_is_missing(glue: GlueContext, crawled: Tables) -> None:
    read = glue.create_dynamic_frame.from_catalog
    with pytest.raises(TableError, match="its parameter connectionName is missing"):
        read(crawled.database, "unnamed")
    with pytest.raises(EntityNotFoundError, match="Connection none not found"):
        read(crawled.database, "unnamed", additional_options={"connectionName": "none"})


def test_the_table_of_a_stream(glue: GlueContext, tables: Tables, make: Make) -> None:
    kafka = {
        "typeOfData": "kafka",
        "classification": "json",
        "connectionName": "brokers",
        "bootstrap.servers": "b:9092",
        "lastUpdated": "1",
    }
    tables.make("s", "clicks", kafka, has="id bigint, at string")
    assert stream_of(Catalog().table(tables.database, "s"), {"startingOffsets": "earliest"}) == (
        "kafka",
        {
            "topicName": "clicks",
            "classification": "json",
            "connectionName": "brokers",
            "bootstrap.servers": "b:9092",
            "schema": "`id` bigint, `at` string",
            "startingOffsets": "earliest",
        },
    )
    tables.make("k", "clicks", {"typeOfData": "kinesis", "classification": "json"})
    with pytest.raises(NotAvailableError, match="A stream of 'kinesis'"):
        glue.create_data_frame.from_catalog(tables.database, "k")
    with pytest.raises(NotAvailableError, match=r"create_data_frame\.from_catalog and forEachB"):
        glue.create_dynamic_frame.from_catalog(tables.database, "s")
    with pytest.raises(NotAvailableError, match="Writing to the stream"):
        glue.write_dynamic_frame.from_catalog(make("id int", (1,)), tables.database, "s")
