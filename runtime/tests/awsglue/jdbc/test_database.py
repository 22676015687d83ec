from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from awsglue._connections import Connection
from awsglue._errors import ConnectionOptionError
from awsglue._jdbc.database import database, server_of, split_login, with_database


@pytest.mark.parametrize(
    ("url", "plain", "user", "password"),
    [
        pytest.param("jdbc:postgresql://h:1/d", "jdbc:postgresql://h:1/d", "", "", id="none"),
        pytest.param(
            "jdbc:redshift://h/d?user=u&password=p%26q&ssl=true",
            "jdbc:redshift://h/d?ssl=true",
            "u",
            "p&q",
            id="a query, decoded",
        ),
        pytest.param(
            "jdbc:mysql://h/d?useSSL=false&password=p",
            "jdbc:mysql://h/d?useSSL=false",
            "",
            "p",
            id="behind another parameter",
        ),
        pytest.param(
            "jdbc:sqlserver://h:1433;user=u;password=p%q;databaseName=d",
            "jdbc:sqlserver://h:1433;databaseName=d",
            "u",
            "p%q",
            id="SQL Server's, as they are",
        ),
        pytest.param(
            "jdbc:oracle:thin:scott/tiger@//h:1521/x",
            "jdbc:oracle:thin:@//h:1521/x",
            "scott",
            "tiger",
            id="Oracle's",
        ),
        pytest.param(
            "jdbc:oracle:thin:@h:1521:sid", "jdbc:oracle:thin:@h:1521:sid", "", "", id="no login"
        ),
    ],
)
def test_a_login_leaves_the_url(url: str, plain: str, user: str, password: str) -> None:
    assert split_login(url) == (plain, user, password)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("jdbc:postgresql://h:1/a?x=1", "jdbc:postgresql://h:1/new?x=1", id="replaced"),
        pytest.param("jdbc:mysql://h:3306", "jdbc:mysql://h:3306/new", id="added"),
        pytest.param("jdbc:mysql://h:3306/", "jdbc:mysql://h:3306/new", id="behind a slash"),
        pytest.param(
            "jdbc:sqlserver://h:1;databaseName=a;encrypt=true",
            "jdbc:sqlserver://h:1;encrypt=true;databaseName=new",
            id="SQL Server",
        ),
        pytest.param("jdbc:oracle:thin:@//h:1521/a", "jdbc:oracle:thin:@//h:1521/new", id="Oracle"),
        pytest.param("jdbc:oracle:thin:@//h:1521", "jdbc:oracle:thin:@//h:1521/new", id="bare"),
    ],
)
def test_another_database_of_the_same_server(url: str, expected: str) -> None:
    assert with_database(url, "new") == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("jdbc:mysql://h:3306/d?x=1", "jdbc:mysql://h:3306", id="MySQL"),
        pytest.param("jdbc:sqlserver://h:1433;d=x", "jdbc:sqlserver://h:1433", id="SQL Server"),
        pytest.param("jdbc:oracle:thin://@h:1521/x", "jdbc:oracle:thin://@h:1521", id="Oracle"),
    ],
)
def test_protocol_server_and_port(url: str, expected: str) -> None:
    assert server_of(url) == expected


_CONNECTION = Connection(
    name="c",
    url="jdbc:redshift://h:5439/dev",
    user="stored",
    password="stored-secret",
    enforce_tls=True,
)


@pytest.mark.parametrize(
    ("kind", "options", "connection", "url", "driver"),
    [
        pytest.param(
            "redshift",
            {},
            _CONNECTION,
            "jdbc:postgresql://h:5439/dev",
            "org.postgresql.Driver",
            id="Redshift by PostgreSQL's driver",
        ),
        pytest.param(
            "redshift",
            {"customJdbcDriverClassName": "com.amazon.redshift.Driver", "database": "other"},
            _CONNECTION,
            "jdbc:redshift://h:5439/other",
            "com.amazon.redshift.Driver",
            id="or by its own, in another database",
        ),
        pytest.param(
            "mysql",
            {"url": "jdbc:mysql://h/d"},
            None,
            "jdbc:mysql://h/d?permitMysqlScheme=true",
            "org.mariadb.jdbc.Driver",
            id="MySQL by MariaDB's driver, which has to be told",
        ),
        pytest.param(
            "mysql",
            {
                "url": "jdbc:mysql://h/d?a=b",
                "customJdbcDriverClassName": "com.mysql.cj.jdbc.Driver",
            },
            None,
            "jdbc:mysql://h/d?a=b",
            "com.mysql.cj.jdbc.Driver",
            id="or by its own",
        ),
        pytest.param(
            "custom.jdbc",
            {"url": "jdbc:db2://h/d", "className": "com.ibm.Driver"},
            None,
            "jdbc:db2://h/d",
            "com.ibm.Driver",
            id="a product of which we know nothing",
        ),
    ],
)
def test_urls_suit_their_drivers(
    kind: str, options: dict[str, Any], connection: Connection | None, url: str, driver: str
) -> None:
    found = database(kind, options, connection)
    assert (found.url, found.driver) == (url, driver)


def test_options_count_more_than_the_connection() -> None:
    found = database("redshift", {"user": "own", "password": "own-secret"}, _CONNECTION)
    assert found.login == {
        "user": "own",
        "password": "own-secret",
        "ssl": "true",
        "sslmode": "verify-full",
    }
    assert database("redshift", {}, _CONNECTION).login["user"] == "stored"


def test_a_url_of_no_product_is_refused_without_its_rest() -> None:
    with pytest.raises(ConnectionOptionError, match="begins with 'jdbc:db2'") as told:
        database("oracle", {"url": "jdbc:db2://u:secret@h/d"})
    assert "secret" not in str(told.value)


def test_texts_lose_their_secrets() -> None:
    found = database("postgresql", {"url": "jdbc:postgresql://h/d", "password": "hunter22"})
    said = found.without_secrets(
        "hunter22 at jdbc:x?trustStorePassword=abc&user=u&password=d e; accessToken=1"
    )
    assert said == "**** at jdbc:x?trustStorePassword=****&user=u&password=**** e; accessToken=1"
    assert database("redshift", {}, _CONNECTION).without_secrets("is true") == "is true"
    assert "hunter22" not in repr(found)
    assert "stored-secret" not in repr(_CONNECTION)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(
            {"Name": "c", "ConnectionType": "NETWORK", "ConnectionProperties": {}},
            "is of type NETWORK and has no JDBC_CONNECTION_URL",
            id="no database",
        ),
        pytest.param(
            {
                "Name": "c",
                "ConnectionProperties": {
                    "JDBC_CONNECTION_URL": "jdbc:mysql://h/d",
                    "SECRET_ID": "s",
                },
            },
            "Secrets Manager",
            id="a secret",
        ),
        pytest.param(
            {
                "Name": "c",
                "ConnectionProperties": {"JDBC_CONNECTION_URL": "jdbc:mysql://h/d"},
                "AuthenticationConfiguration": {"SecretArn": "arn"},
            },
            "Set USERNAME and PASSWORD",
            id="a secret of a newer connection",
        ),
    ],
)
def test_connections_that_cannot_be_used(answer: dict[str, Any], said: str) -> None:
    with pytest.raises(ConnectionOptionError, match=said):
        Connection.of(answer)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("jdbc:mysql://h/d?allowLoadLocalInfile=true", id="sends local files"),
        pytest.param("jdbc:postgresql://h/d?socketFactory=x.Y", id="loads a class"),
        pytest.param("jdbc:mysql://169.254.169.254/d", id="a metadata service"),
    ],
)
def test_a_url_that_does_more_than_reach_a_database_is_refused(url: str) -> None:
    with pytest.raises(ConnectionOptionError, match="allow_unsafe_connections"):
        database("custom.jdbc", {"url": url, "className": "x.Driver"})


def test_a_setting_of_the_service_allows_any_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = {
        "job_name": "j",
        "run_id": "jr_1",
        "arguments": {},
        "endpoint_url": "http://h",
        "region": "us-east-1",
        "allow_unsafe_connections": True,
    }
    launch = tmp_path / "launch.json"
    launch.write_text(json.dumps({"token": "t", "run": run}))
    monkeypatch.setenv("GLUEBALL_RUN_SPEC", str(launch))
    url = "jdbc:mysql://h/d?allowLoadLocalInfile=true"
    assert "allowLoadLocalInfile" in database("mysql", {"url": url}).url
