"""Connections of a real Data Catalog, to a real PostgreSQL server."""

from __future__ import annotations

from typing import Any

import pytest

from awsglue._errors import ConnectionOptionError, EntityNotFoundError
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrameCollection
from tests.awsglue.conftest import Make
from tests.postgresql import PASSWORD, USER, PostgreSql


@pytest.fixture
def connect(catalog: Any, request: pytest.FixtureRequest) -> Any:
    """Makes a connection; it is named by the test and what it is for."""

    def make(purpose: str, url: str, **properties: str) -> str:
        name = f"{request.node.name}-{purpose}"
        catalog.create_connection(
            ConnectionInput={
                "Name": name,
                "ConnectionType": "JDBC",
                "ConnectionProperties": {"JDBC_CONNECTION_URL": url, **properties},
            }
        )
        return name

    return make


def test_a_connection_is_read_and_written_by_its_name(
    glue: GlueContext, connect: Any, postgresql: PostgreSql, make: Make
) -> None:
    postgresql.run("CREATE SCHEMA named")
    elsewhere = postgresql.url.replace("/shop", "/elsewhere")
    name = connect("login", elsewhere, USERNAME=USER, PASSWORD=PASSWORD)
    frame = make("id int", (1,), (2,))
    table = {"dbtable": "named.t", "database": "shop"}
    errors = glue.write_dynamic_frame.from_jdbc_conf(
        frame, name, table, redshift_tmp_dir="s3://lake/tmp/", transformation_ctx="sink"
    )
    assert errors.count() == 0
    glue.write_dynamic_frame_from_jdbc_conf(frame, name, table)
    glue.write_from_jdbc_conf(DynamicFrameCollection({"named_rest": frame}, glue), name, table)
    assert postgresql.run("SELECT count(*) FROM named.t") == [(4,)]
    assert postgresql.run("SELECT count(*) FROM named_rest") == [(2,)]

    options = {"useConnectionProperties": "true", "connectionName": name, **table}
    assert glue.create_dynamic_frame.from_options("postgresql", options).count() == 4
    sink = glue.getSink("postgresql", **options)
    sink.writeFrame(frame)
    assert postgresql.run("SELECT count(*) FROM named.t") == [(6,)]


def test_what_a_connection_says(glue: GlueContext, connect: Any) -> None:
    name = connect(
        "all",
        "jdbc:mysql://h:3306/shop?x=1",
        USERNAME="u",
        PASSWORD="p",
        JDBC_ENFORCE_SSL="true",
        CUSTOM_JDBC_CERT="s3://lake/cert.pem",
    )
    assert glue.extract_jdbc_conf(name) == {
        "user": "u",
        "password": "p",
        "vendor": "mysql",
        "url": "jdbc:mysql://h:3306",
        "fullUrl": "jdbc:mysql://h:3306/shop?x=1",
        "enforceSSL": "true",
        "skipCustomJDBCCertValidation": "false",
        "customJDBCCert": "s3://lake/cert.pem",
        "customJDBCCertString": "",
    }
    within = connect("within", "jdbc:sqlserver://h:1433;user=a;password=b;databaseName=d")
    found = glue.extract_jdbc_conf(connection_name=within)
    assert (found["user"], found["password"], found["vendor"]) == ("a", "b", "sqlserver")
    assert found["url"] == "jdbc:sqlserver://h:1433"


def test_connections_that_cannot_serve(glue: GlueContext, connect: Any, make: Make) -> None:
    with pytest.raises(EntityNotFoundError, match="Connection none"):
        glue.extract_jdbc_conf("none")
    secret = connect("secret", "jdbc:mysql://h/d", SECRET_ID="login")
    with pytest.raises(ConnectionOptionError, match="Set USERNAME and PASSWORD"):
        glue.create_dynamic_frame.from_options("mysql", {"connectionName": secret, "dbtable": "t"})
    unknown = connect("unknown", "jdbc:db2://h/d?password=hidden", USERNAME="u", PASSWORD="p")
    with pytest.raises(ConnectionOptionError, match="URL of an unknown product") as told:
        glue.write_dynamic_frame.from_jdbc_conf(make("id int", (1,)), unknown, {"dbtable": "t"})
    assert "hidden" not in str(told.value)
