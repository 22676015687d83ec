"""Connections of the Data Catalog: an address and a login under a name.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-connections.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from awsglue._errors import ConnectionOptionError
from awsglue._options import flag


@dataclass(frozen=True, kw_only=True, slots=True)
class Connection:
    """A connection to a database by JDBC."""

    name: str
    url: str  #: JDBC_CONNECTION_URL, as it was entered; may hold a login
    user: str = ""
    password: str = field(default="", repr=False)
    driver: str = ""  #: JDBC_DRIVER_CLASS_NAME
    driver_path: str = ""  #: JDBC_DRIVER_JAR_URI
    enforce_tls: bool = False  #: JDBC_ENFORCE_SSL
    certificate: str = ""  #: CUSTOM_JDBC_CERT
    certificate_text: str = ""  #: CUSTOM_JDBC_CERT_STRING
    skip_certificate_check: bool = False  #: SKIP_CUSTOM_JDBC_CERT_VALIDATION

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Connection:
        """Return the connection of an answer of GetConnection.

        Raises:
            ConnectionOptionError: it is not one by JDBC, or keeps its login in a secret.
        """
        name = str(answer["Name"])
        properties: Mapping[str, str] = answer.get("ConnectionProperties") or {}
        url = properties.get("JDBC_CONNECTION_URL", "")
        if not url:
            raise ConnectionOptionError(
                f"connection {name!r}",
                f"is of type {answer.get('ConnectionType')} and has no JDBC_CONNECTION_URL; "
                "databases need one.",
            )
        if _secret(answer, properties) and not properties.get("USERNAME"):
            raise ConnectionOptionError(
                f"connection {name!r}",
                "keeps its login in AWS Secrets Manager (SECRET_ID), which is not there. Set "
                "USERNAME and PASSWORD in its ConnectionProperties instead.",
            )
        return cls(
            name=name,
            url=url,
            user=properties.get("USERNAME", ""),
            password=properties.get("PASSWORD", ""),
            driver=properties.get("JDBC_DRIVER_CLASS_NAME", ""),
            driver_path=properties.get("JDBC_DRIVER_JAR_URI", ""),
            enforce_tls=flag(properties.get("JDBC_ENFORCE_SSL")),
            certificate=properties.get("CUSTOM_JDBC_CERT", ""),
            certificate_text=properties.get("CUSTOM_JDBC_CERT_STRING", ""),
            skip_certificate_check=flag(properties.get("SKIP_CUSTOM_JDBC_CERT_VALIDATION")),
        )


def _secret(answer: Mapping[str, Any], properties: Mapping[str, str]) -> bool:
    authentication = answer.get("AuthenticationConfiguration") or {}
    return bool(properties.get("SECRET_ID") or authentication.get("SecretArn"))


def find(name: str, catalog_id: str | None = None) -> Connection:
    """Return a connection by its name.

    Raises:
        EntityNotFoundError: there is none of this name.
        CatalogUnreachableError: nobody answers, or there are no credentials.
        ConnectionOptionError: it is not one by JDBC.
    """
    # Here and not above: who connects by options alone needs no client.
    from awsglue._catalog.client import Catalog

    return Connection.of(Catalog(catalog_id).connection(name))


def named(options: Mapping[str, Any], catalog_id: str | None = None) -> Connection | None:
    """Return the connection that a script's options name; None when they name none.

    Raises:
        ConnectionOptionError: connection properties are to be used, and no name is given.
    """
    if name := options.get("connectionName"):
        return find(str(name), catalog_id)
    if flag(options.get("useConnectionProperties")):
        raise ConnectionOptionError(
            "connectionName", 'is missing; "useConnectionProperties" needs it.'
        )
    return None
