"""The databases that Glue connects to by JDBC, and where their SQL differs.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-jdbc-home.html
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from dataclasses import dataclass


class Kind(enum.Enum):
    """What a key column holds, as far as its literals differ."""

    NUMBER = "number"
    TIME = "date or timestamp"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True, slots=True)
class Vendor:
    """A database product."""

    name: str  #: the connection type
    prefix: str  #: how its URLs begin
    driver: str  #: the class that is used when a script names none
    #: the feature of `glueball_runtime.jars` that brings the driver; "" when the user has to
    feature: str
    quote: str = '"'  #: around names; doubled within them
    #: a number made of a column of any type, the same for the same value
    hash: Callable[[str], str]
    #: the remainder of a division by a number
    remainder: Callable[[str, int], str] = lambda value, n: f"MOD({value}, {n})"
    #: a value as its text, exactly
    text: Callable[[str, Kind], str]
    #: that text as a value again
    literal: Callable[[str, Kind], str]
    #: the first row of a query that ends with its order
    first: Callable[[str], str] = lambda query: f"{query} LIMIT 1"
    #: properties of the driver by which it insists on TLS and the right host
    tls: tuple[tuple[str, str], ...] = ()

    def name_of(self, identifier: str) -> str:
        """Return a name as SQL takes it, whatever characters it has."""
        if "\0" in identifier or not identifier:
            raise ValueError(f"{identifier!r} is no name of a column or table.")
        return f"{self.quote}{identifier.replace(self.quote, self.quote * 2)}{self.quote}"


_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def _checked_number(text: str) -> str:
    """Return a number's text, which becomes part of a query as it is.

    Raises:
        ValueError: it is none.
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a number.")
    return text


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _postgresql_literal(text: str, kind: Kind) -> str:
    """Without a type of its own: PostgreSQL takes it for one of the column's type."""
    if kind is Kind.NUMBER:
        return _checked_number(text)
    # E'…' alone treats backslashes alike under every setting of the server.
    return _quoted(text) if "\\" not in text else f"E{_quoted(text.replace(chr(92), chr(92) * 2))}"


def _mysql_literal(text: str, kind: Kind) -> str:
    if kind is Kind.NUMBER:
        return _checked_number(text)
    # as hexadecimal digits, as the meaning of backslashes is a setting of the session
    return f"CONVERT(X'{text.encode().hex()}' USING utf8mb4)" if text else "''"


def _sqlserver_text(column: str, kind: Kind) -> str:
    if kind is Kind.TIME:
        return f"CONVERT(nvarchar(64), {column}, 126)"
    return f"CONVERT(nvarchar(4000), {column})"


def _sqlserver_literal(text: str, kind: Kind) -> str:
    return _checked_number(text) if kind is Kind.NUMBER else f"N{_quoted(text)}"


_ORACLE_TIME = "'YYYY-MM-DD HH24:MI:SS.FF9'"


def _oracle_text(column: str, kind: Kind) -> str:
    if kind is Kind.TIME:
        return f"TO_CHAR(CAST({column} AS TIMESTAMP(9)), {_ORACLE_TIME})"
    return f"TO_CHAR({column})"


def _oracle_literal(text: str, kind: Kind) -> str:
    if kind is Kind.TIME:
        return f"TO_TIMESTAMP({_quoted(text)}, {_ORACLE_TIME})"
    return _checked_number(text) if kind is Kind.NUMBER else _quoted(text)


POSTGRESQL = Vendor(
    name="postgresql",
    prefix="jdbc:postgresql:",
    driver="org.postgresql.Driver",
    feature="PostgreSQL and Redshift",
    hash=lambda column: f"hashtext(CAST({column} AS text))",
    text=lambda column, kind: f"CAST({column} AS text)",
    literal=_postgresql_literal,
    tls=(("ssl", "true"), ("sslmode", "verify-full")),
)
REDSHIFT = Vendor(
    name="redshift",
    prefix="jdbc:redshift:",
    driver="org.postgresql.Driver",  # Redshift speaks its protocol
    feature="PostgreSQL and Redshift",
    hash=lambda column: f"STRTOL(SUBSTRING(MD5(CAST({column} AS varchar)), 1, 7), 16)",
    text=lambda column, kind: f"CAST({column} AS varchar(65535))",
    literal=_postgresql_literal,
    tls=POSTGRESQL.tls,
)
MYSQL = Vendor(
    name="mysql",
    prefix="jdbc:mysql:",
    driver="org.mariadb.jdbc.Driver",
    feature="MySQL",
    quote="`",
    hash=lambda column: f"CRC32({column})",
    text=lambda column, kind: f"CAST({column} AS CHAR)",
    literal=_mysql_literal,
    tls=(("sslMode", "verify-full"),),
)
SQLSERVER = Vendor(
    name="sqlserver",
    prefix="jdbc:sqlserver:",
    driver="com.microsoft.sqlserver.jdbc.SQLServerDriver",
    feature="SQL Server",
    hash=lambda column: f"CAST(CHECKSUM({column}) AS bigint)",
    remainder=lambda value, n: f"(({value}) % {n})",
    text=_sqlserver_text,
    literal=_sqlserver_literal,
    first=lambda query: f"{query} OFFSET 0 ROWS FETCH FIRST 1 ROWS ONLY",
    tls=(("encrypt", "true"), ("trustServerCertificate", "false")),
)
ORACLE = Vendor(
    name="oracle",
    prefix="jdbc:oracle:",
    driver="oracle.jdbc.OracleDriver",
    feature="",
    hash=lambda column: f"ORA_HASH({column})",
    text=_oracle_text,
    literal=_oracle_literal,
    first=lambda query: f"{query} FETCH FIRST 1 ROWS ONLY",
    tls=(("oracle.net.ssl_server_dn_match", "true"),),
)

#: a product that we do not know, by standard SQL; its driver is the user's to name
ANY = Vendor(
    name="custom.jdbc",
    prefix="jdbc:",
    driver="",
    feature="",
    hash=lambda column: f"CHAR_LENGTH(CAST({column} AS VARCHAR(4000)))",
    text=lambda column, kind: f"CAST({column} AS VARCHAR(4000))",
    literal=lambda text, kind: _checked_number(text) if kind is Kind.NUMBER else _quoted(text),
    first=lambda query: f"{query} FETCH FIRST 1 ROWS ONLY",
)

VENDORS = {one.name: one for one in (POSTGRESQL, REDSHIFT, MYSQL, SQLSERVER, ORACLE)}


def vendor_of(url: str) -> Vendor | None:
    """Return whose URL it is; None when we know no such database."""
    return next((one for one in VENDORS.values() if url.lower().startswith(one.prefix)), None)
