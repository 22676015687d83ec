from __future__ import annotations

from pathlib import Path

import pytest

from glueball.core import unsafe_connections
from glueball.core.unsafe_connections import danger_in_address, danger_in_url

_MYSQL = "jdbc:mysql://db:3306/shop"
_REFUSED = [
    (f"{_MYSQL}?allowLoadLocalInfile=true", "option allowLoadLocalInfile", "sends local files"),
    (f"{_MYSQL}?x=1&allowUrlInLocalInfile=true", "allowUrlInLocalInfile", "fetches URLs"),
    (f"{_MYSQL}?AUTODESERIALIZE=yes", "AUTODESERIALIZE", "names have no case"),
    (f"{_MYSQL}?%61utoDeserialize=true", "autoDeserialize", "the driver decodes names"),
    (f"{_MYSQL}?%2561utoDeserialize=true", "autoDeserialize", "decoded twice"),
    (f"{_MYSQL}?queryInterceptors=com.x.Y", "queryInterceptors", "loads a class"),
    (f"{_MYSQL}?statementInterceptors=com.x.Y", "statementInterceptors", "of older drivers"),
    ("jdbc:mysql://(host=db,autoDeserialize=true)/d", "autoDeserialize", "key-value hosts"),
    ("jdbc:mysql://address=(host=db)(socketFactory=x.Y)/d", "socketFactory", "address form"),
    ("jdbc:postgresql://db/d?socketFactory=x.Y&socketFactoryArg=z", "socketFactory", "a class"),
    ("jdbc:postgresql://db/d?sslfactory=x.Y", "sslfactory", "a class of somebody's"),
    ("jdbc:postgresql://db/d?loggerFile=/etc/cron.d/x", "loggerFile", "writes a file"),
    ("jdbc:postgresql://db/d?authenticationPluginClassName=x.Y", "authenticationPlugin", "class"),
    ("jdbc:sqlserver://db;trustManagerClass=x.Y", "trustManagerClass", "a class"),
    ("jdbc:sqlserver://db;socketFactoryConstructorArg=x", "socketFactoryConstructorArg", "its arg"),
    ("jdbc:h2:mem:x;INIT=RUNSCRIPT FROM 'http://x'", "INIT", "runs SQL, which is Java in H2"),
    ("jdbc:h2:mem:x;TRACE_LEVEL_FILE=3", "TRACE_LEVEL_FILE", "writes a file"),
    ("jdbc:oracle:thin:@//h:1521/x?TNS_ADMIN=/tmp", "TNS_ADMIN", "reads a directory"),
    ("jdbc:oracle:thin:@config-file:///tmp/x.json", "config-", "reads a configuration"),
    ("jdbc:db2://h/d:clientRerouteServerListJNDIName=ldap://x;", "JNDIName", "looks code up"),
    ("jdbc:mysql://169.254.169.254/d", "169.254.169.254", "a cloud's metadata"),
    ("jdbc:mysql://169.254.170.2:80/d", "169.254.170.2", "credentials of a container"),
    ("jdbc:mysql://2852039166/d", "2852039166", "the same as one number"),
    ("jdbc:mysql://0xA9FEA9FE/d", "0xA9FEA9FE", "in hexadecimal"),
    ("jdbc:mysql://0251.0376.0251.0376/d", "0251", "in octal"),
    ("jdbc:mysql://169.16689662/d", "169.16689662", "the last three bytes at once"),
    ("jdbc:mysql://[fe80::1]/d", "fe80::1", "RFC 4291"),
    ("jdbc:mysql://[fe80::1%25eth0]/d", "fe80::1", "with a zone"),
    ("jdbc:mysql://[::ffff:169.254.169.254]/d", "169.254.169.254", "mapped into IPv6"),
    ("jdbc:mysql://[fd00:ec2::254]/d", "fd00:ec2::254", "Amazon's in IPv6"),
    ("jdbc:postgresql://metadata.google.internal/d", "metadata.google", "Google's name"),
    ("jdbc:postgresql://metadata:80/d", "metadata", "its short form"),
    ("jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(HOST=169.254.169.254)))", "169.254", "a descriptor"),
]
_TAKEN = [
    (f"{_MYSQL}?useSSL=false&permitMysqlScheme=true", "harmless options"),
    (f"{_MYSQL}?allowLoadLocalInfile=false", "switched off"),
    ("jdbc:postgresql://db/d?sslfactory=org.postgresql.ssl.NonValidatingFactory", "its own class"),
    ("jdbc:postgresql://db/metadata?currentSchema=init", "a database of that name"),
    ("jdbc:redshift://c.eu-west-1.redshift.amazonaws.com:5439/dev?ssl=true", "Redshift"),
    ("jdbc:sqlserver://db:1433;databaseName=d;encrypt=true;trustServerCertificate=true", "usual"),
    ("jdbc:oracle:thin:@//db:1521/service", "Oracle's usual form"),
    ("jdbc:mysql://10.0.0.7:3306/d", "a private address"),
    ("jdbc:mysql://127.0.0.1:3306/d", "this machine, where databases of developers are"),
    ("jdbc:db2://h/d", "any other product"),
]


@pytest.mark.parametrize(("url", "text", "_why"), _REFUSED)
def test_a_url_that_does_more_than_reach_a_database_is_told(url: str, text: str, _why: str) -> None:
    assert text in (danger_in_url(url) or "")


@pytest.mark.parametrize(("url", "_why"), _TAKEN)
def test_a_usual_url_is_taken(url: str, _why: str) -> None:
    assert danger_in_url(url) is None


@pytest.mark.parametrize(
    ("text", "refused", "_why"),
    [
        ("broker-1:9092,169.254.169.254:9092", True, "one server of many"),
        ("broker-1:9092,broker-2:9092", False, "usual servers"),
        ("mongodb://metadata.google.internal:27017/x", True, "MongoDB's URL"),
    ],
)
def test_servers_of_other_kinds_are_looked_at(text: str, refused: bool, _why: str) -> None:
    assert (danger_in_address(text) is not None) is refused


def test_the_runtime_has_the_same_rules() -> None:
    """The two distributions share no code, so one text stands in both."""
    ours = Path(unsafe_connections.__file__)
    root = ours.parents[4]
    theirs = root / "runtime" / "src" / "awsglue" / "_jdbc" / "unsafe_connections.py"
    assert theirs.read_text() == ours.read_text()
