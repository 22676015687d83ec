"""One database: where it is, who asks, and with which driver. Its secrets are never shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote_plus

from awsglue._connections import Connection
from awsglue._errors import ConnectionOptionError
from awsglue._jdbc.unsafe_connections import danger_in_url
from awsglue._jdbc.vendors import ANY, ORACLE, REDSHIFT, VENDORS, Vendor, vendor_of
from glueball_runtime.current_run import current_run

#: how URLs of these products carry a user and a password
_IN_URL = re.compile(r"(?P<mark>[?&;])(?P<name>user|username|password)=(?P<value>[^&;]*)", re.I)
#: any other secret of a driver: `trustStorePassword`, `accessToken`
_SECRET = re.compile(r"(?P<name>[?&;]\w*(password|secret|token)\w*)=[^&;\s]*", re.I)
_ORACLE_LOGIN = re.compile(
    r"^(?P<head>jdbc:oracle:\w+:)(?P<user>[^/@]+)/(?P<password>[^@]*)@", re.I
)
_MARIADB = "org.mariadb.jdbc.Driver"
_POSTGRESQL = "org.postgresql.Driver"


@dataclass(frozen=True, kw_only=True, slots=True)
class Database:
    """A database and how to reach it."""

    vendor: Vendor
    url: str  #: without secrets
    user: str = ""
    password: str = field(default="", repr=False)
    driver: str  #: a class
    driver_path: str = ""  #: the user's own jar with it, `s3://…`; "" takes what is there
    properties: Mapping[str, str] = field(default_factory=dict)  #: for the driver

    @property
    def login(self) -> dict[str, str]:
        """User, password and further properties, as drivers take them."""
        login = {**self.properties}
        if self.user:
            login["user"] = self.user
        if self.password:
            login["password"] = self.password
        return login

    def without_secrets(self, text: str) -> str:
        """Return a text with everything secret replaced."""
        if len(self.password) > 3:  # a shorter one would tear words apart
            text = text.replace(self.password, "****")
        return _SECRET.sub(r"\g<name>=****", text)


def database(
    connection_type: str, options: Mapping[str, Any], connection: Connection | None = None
) -> Database:
    """Return the database that the options, or a connection of the catalog, describe.

    Args:
        connection_type: `mysql`, `postgresql`, `redshift`, `sqlserver` or `oracle`; any other
            takes the product from the URL.
        options: `url`, `user`, `password`, `customJdbcDriverS3Path`, `customJdbcDriverClassName`
            (`className` for a connector of the user's own);
            `database` takes the place of that in a connection's URL.
        connection: of the catalog; what the options say counts more.

    Raises:
        ConnectionOptionError: there is no URL, that of another product, or one that would do more
            than reach a database; see `unsafe_connections`.
    """
    url = str(options.get("url") or (connection.url if connection else ""))
    vendor = VENDORS.get(connection_type) or vendor_of(url) or ANY
    if not url:
        raise ConnectionOptionError(
            "url",
            'is missing. Give {"url": "jdbc:…", "user": …, "password": …}, or '
            '{"useConnectionProperties": "true", "connectionName": …}.',
        )
    _require_product(vendor, url)
    if (name := options.get("database")) and not options.get("url"):
        url = with_database(url, str(name))
    _refuse_danger(url)
    user = str(options.get("user") or (connection.user if connection else ""))
    password = str(options.get("password") or (connection.password if connection else ""))
    url, user_in_url, password_in_url = split_login(url)
    named = options.get("customJdbcDriverClassName") or options.get("className")
    path = options.get("customJdbcDriverS3Path")
    found = Database(
        vendor=vendor,
        url=url,
        user=user or user_in_url,
        password=password or password_in_url,
        driver=str(named or (connection.driver if connection else "") or vendor.driver),
        driver_path=str(path or (connection.driver_path if connection else "")),
        properties=dict(vendor.tls) if connection and connection.enforce_tls else {},
    )
    return _for_its_driver(found)


def _refuse_danger(url: str) -> None:
    run = current_run()
    danger = None if run is not None and run.allow_unsafe_connections else danger_in_url(url)
    if danger:
        raise ConnectionOptionError(
            "url",
            f"{danger}. If that is what you want, set allow_unsafe_connections in the "
            "configuration of Glueball.",
        )


def _require_product(vendor: Vendor, url: str) -> None:
    given = vendor_of(url) or ANY
    # A PostgreSQL server may stand in for Redshift.
    if given is not vendor and not (vendor is REDSHIFT and url.startswith("jdbc:postgresql:")):
        begins = ":".join(url.split(":")[:2])
        raise ConnectionOptionError(
            "url",
            f"begins with {begins!r}, and connection_type={vendor.name!r} needs one that begins "
            f"with {vendor.prefix!r}.",
        )


def _for_its_driver(found: Database) -> Database:
    """Let drivers take the URLs of products whose protocol they speak."""
    if found.driver == _POSTGRESQL and found.url.lower().startswith(REDSHIFT.prefix):
        return replace(found, url=f"jdbc:postgresql:{found.url[len(REDSHIFT.prefix) :]}")
    if found.driver == _MARIADB and found.url.lower().startswith("jdbc:mysql:"):
        # Spark knows MySQL's dialect by the URL, so its beginning has to stay.
        mark = "&" if "?" in found.url else "?"
        return replace(found, url=f"{found.url}{mark}permitMysqlScheme=true")
    return found


def split_login(url: str) -> tuple[str, str, str]:
    """Return a URL without its user and password, the user, and the password."""
    login = {"user": "", "password": ""}
    if found := _ORACLE_LOGIN.match(url):
        login = {"user": found["user"], "password": found["password"]}
        url = f"{found['head']}@{url[found.end() :]}"

    def take(found: re.Match[str]) -> str:
        key = "password" if found["name"].lower() == "password" else "user"
        # behind a question mark drivers decode values, as web servers do
        login[key] = found["value"] if found["mark"] == ";" else unquote_plus(found["value"])
        return "?" if found["mark"] == "?" else ""

    url = _IN_URL.sub(take, url).replace("?&", "?").removesuffix("?")
    return url, login["user"], login["password"]


def with_database(url: str, name: str) -> str:
    """Return a URL with another database; whatever follows it stays.

    `jdbc:postgresql://host:5432/one?ssl=true` and "two" give
    `jdbc:postgresql://host:5432/two?ssl=true`.
    """
    if url.lower().startswith("jdbc:sqlserver:"):
        rest = re.sub(r";\s*(databaseName|database)=[^;]*", "", url, flags=re.I)
        return f"{rest.rstrip(';')};databaseName={name}"
    if url.lower().startswith(ORACLE.prefix):
        head, slash, _ = url.rpartition("/")
        return f"{head}/{name}" if slash and not head.endswith("/") else f"{url}/{name}"
    server, mark, query = server_of(url).rstrip("/"), *_query_of(url)
    return f"{server}/{name}{mark}{query}"


def server_of(url: str) -> str:
    """Return protocol, server and port of a URL."""
    found = re.match(r"[^?;]*?//@?[^/?;]*", url)
    return found[0] if found else url


def _query_of(url: str) -> tuple[str, str]:
    _, mark, query = url.partition("?")
    return mark, query
