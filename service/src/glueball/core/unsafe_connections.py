"""Addresses of databases that would do more than reach a database.

Options of JDBC drivers load classes, read local files, write logs or run SQL of their own; a
link-local address reaches a cloud's metadata service, which hands out credentials. This text
stands twice, in the service and in the runtime, which share no code: a test compares the two.

Sources: the property lists of Connector/J (https://dev.mysql.com/doc/connector-j/en/), MariaDB
Connector/J, pgJDBC (https://jdbc.postgresql.org/documentation/use/), Microsoft's and Oracle's
drivers, H2; RFC 3927 and RFC 4291 for link-local addresses.
"""

from __future__ import annotations

import re
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import unquote

#: names that do harm by what they say, in lower case
_OPTIONS = frozenset(
    {
        "allowlocalinfile",
        "allowloadlocalinfile",
        "allowloadlocalinfileinpath",
        "allowurlinlocalinfile",
        "autodeserialize",
        "authenticationplugins",
        "defaultauthenticationplugin",
        "disabledauthenticationplugins",
        "clientinfoprovider",
        "enable_load_extension",
        "init",
        "jaasconfigurationname",
        "loggerfile",
        "logger",
        "profilereventhandler",
        "propertiestransform",
        "serveraffinityorder",
        "serverrsapublickeyfile",
        "sessioninitstatement",
        "sslpasswordcallback",
        "sslhostnameverifier",
        "tls_socket_type",
        "tlssockettype",
        "tns_admin",
        "trace_level_file",
        "tracefile",
        "tracedirectory",
        "logfile",
        "logdir",
        "logpath",
        "xmlfactoryfactory",
    }
)
#: what the names of options end with that take a class of the class path: `socketFactoryArg`,
#: `queryInterceptors`, `trustManagerClass`, `authenticationPluginClassName`
_ENDINGS = re.compile(
    r"(factory|factoryarg|factoryclass|interceptors?|class|classname|constructorarg|callback"
    r"|deserialize|deserializer|plugins?|jndiname)$"
)
#: classes of the drivers' own that only choose how certificates are checked
_HARMLESS_CLASSES = ("org.postgresql.ssl.", "com.amazon.redshift.ssl.")
_OPTION = re.compile(r"([A-Za-z][\w.\-]*)\s*=\s*([^&;,)\s]*)")
#: Oracle's driver takes its whole configuration from a file or a web server
_PROVIDER = re.compile(r"^\s*jdbc:oracle:\w+:@\s*config-", re.I)
_METADATA_NAMES = frozenset(
    {
        "metadata.google.internal",
        "metadata.azure.internal",
        "metadata.azure.com",
        "metadata.oraclecloud.com",
        "instance-data.ec2.internal",
    }
)
#: of Amazon and of Alibaba, which are not link-local
_METADATA_ADDRESSES = frozenset({ip_address("fd00:ec2::254"), ip_address("100.100.100.200")})
_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.]+)(?:%[^\]]*)?\]")
#: short names that count as hosts only where a host stands: a database may be called `metadata`
_SHORT_NAME = re.compile(r"(?:^|//|@|,|host\s*=)\s*(metadata|instance-data)(?=[:/?;,)\s]|$)", re.I)
_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?")


def danger_in_url(url: str) -> str | None:
    """Return what a JDBC URL would do beside reaching its database; None where it is harmless.

    Args:
        url: `jdbc:…`, as it was entered.

    Returns:
        The rest of a sentence that begins with "The URL", without any value of the URL.
    """
    for text in _readings(url):
        if _PROVIDER.match(text):
            return "begins with jdbc:oracle:…:@config-, which reads files and web servers"
        for name, value in _OPTION.findall(text):
            if _is_unsafe(name, value):
                return f"has the driver option {name}, which can read files or run code"
    return danger_in_address(url)


def danger_in_address(text: str) -> str | None:
    """Return why none of the hosts in a URL or list of servers may be reached; None if they may.

    Args:
        text: a URL, a host, or hosts with ports, separated by commas.

    Returns:
        The rest of a sentence that begins with "The URL" or "The address".
    """
    for reading in _readings(text):
        words = [*_BRACKETED.findall(reading), *_WORD.findall(reading)]
        hosts = [*filter(_is_metadata, words), *_SHORT_NAME.findall(reading)]
        if hosts:
            return f"names the host {hosts[0]}, a link-local address or a metadata service"
    return None


def _readings(text: str) -> tuple[str, ...]:
    """Return a text as drivers read it that decode `%61` first, once or twice, and as it stands."""
    decoded = unquote(text)
    return (text,) if decoded == text else (unquote(decoded), decoded, text)


def _is_unsafe(name: str, value: str) -> bool:
    folded = name.lower().replace("-", "")
    if folded not in _OPTIONS and not _ENDINGS.search(folded):
        return False
    if value.lower() == "false":  # switches something off
        return False
    return not value.startswith(_HARMLESS_CLASSES)


def _is_metadata(host: str) -> bool:
    if host.lower() in _METADATA_NAMES:
        return True
    address = _address(host)
    if address is None:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    address = mapped or address
    return address.is_link_local or address in _METADATA_ADDRESSES


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Read an address, also as C's inet_aton does: 0xA9FEA9FE, 2852039166, 0251.0376.169.254."""
    with suppress(ValueError):
        return ip_address(host)
    parts = host.split(".")
    if not 1 <= len(parts) <= 4:
        return None
    try:
        numbers = [_number(part) for part in parts]
    except ValueError:
        return None
    *leading, last = numbers
    room = 256 ** (4 - len(leading))
    if any(number > 255 for number in leading) or last >= room:
        return None
    value = 0
    for number in leading:
        value = value * 256 + number
    return IPv4Address(value * room + last)


def _number(text: str) -> int:
    """Read a number as C does.

    Raises:
        ValueError: it is none.
    """
    if text[:2].lower() == "0x":
        return int(text[2:], 16)
    if len(text) > 1 and text.startswith("0"):
        return int(text, 8)
    if not text.isdecimal() or not text.isascii():
        raise ValueError(text)
    return int(text)
