"""What `GlueContext` does with connections to databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from awsglue import _connections
from awsglue._errors import ConnectionOptionError
from awsglue._jdbc.database import server_of, split_login
from awsglue._jdbc.sink import JdbcSink
from awsglue._jdbc.vendors import vendor_of

if TYPE_CHECKING:
    from awsglue._collection import DynamicFrameCollection
    from awsglue._connections import Connection
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame

    Frames = TypeVar("Frames", DynamicFrame, DynamicFrameCollection)


class JdbcMethods:
    """The methods of `GlueContext` that take a connection by its name."""

    def write_dynamic_frame_from_jdbc_conf(
        self,
        frame: DynamicFrame,
        catalog_connection: str,
        connection_options: Mapping[str, Any] | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        catalog_id: str | None = None,
    ) -> DynamicFrame:
        """Add a frame's rows to a table; see `write_from_jdbc_conf`."""
        return self.write_from_jdbc_conf(
            frame,
            catalog_connection,
            connection_options,
            redshift_tmp_dir,
            transformation_ctx,
            catalog_id,
        )

    def write_from_jdbc_conf(
        self,
        frame_or_dfc: Frames,
        catalog_connection: str,
        connection_options: Mapping[str, Any] | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        catalog_id: str | None = None,
    ) -> Frames:
        """Add a frame's rows to a table, or the rows of each frame to a table of its name.

        Rows are added by a transaction for each partition of the frame; a table that is not there
        is made. https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html

        Args:
            frame_or_dfc: what to write.
            catalog_connection: the name of a connection of the Data Catalog.
            connection_options: `dbtable`, the table; `database`, which takes the place of that in
                the connection's URL; for Redshift `preactions` and `postactions`, SQL that runs
                before and after, here each in a transaction of its own.
            redshift_tmp_dir: accepted; rows go to Redshift by inserts, not by files.
            transformation_ctx: accepted; targets have no state.
            catalog_id: the account of the Data Catalog.

        Returns:
            The records that could not be written, which are none.

        Raises:
            EntityNotFoundError: there is no such connection.
            UnwritableFieldError: a field is none that a column can hold.
            DatabaseError: the database cannot be reached, or refuses.
        """
        connection = _connections.find(catalog_connection, catalog_id)
        sink = JdbcSink(
            cast("GlueContext", self), _product(connection), connection_options or {}, connection
        )
        return sink.write(frame_or_dfc)

    def extract_jdbc_conf(
        self, connection_name: str, catalog_id: str | None = None
    ) -> dict[str, str]:
        """Return what a connection of the Data Catalog says, its password included.

        https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html

        Args:
            connection_name: its name.
            catalog_id: the account of the Data Catalog.

        Returns:
            `user`, `password`, `vendor`, `url` (protocol, server and port), `fullUrl`,
            `enforceSSL`, `skipCustomJDBCCertValidation` (each "true" or "false"),
            `customJDBCCert` and `customJDBCCertString`.

        Raises:
            EntityNotFoundError: there is no such connection.
            ConnectionOptionError: it is not one to a database.
        """
        connection = _connections.find(connection_name, catalog_id)
        url, user, password = split_login(connection.url)
        return {
            "user": connection.user or user,
            "password": connection.password or password,
            "vendor": _product(connection),
            "url": server_of(url),
            "fullUrl": connection.url,
            "enforceSSL": _text(connection.enforce_tls),
            "skipCustomJDBCCertValidation": _text(connection.skip_certificate_check),
            "customJDBCCert": connection.certificate,
            "customJDBCCertString": connection.certificate_text,
        }


def _text(value: bool) -> str:
    return str(value).lower()


def _product(connection: Connection) -> str:
    vendor = vendor_of(connection.url)
    if vendor is None:
        raise ConnectionOptionError(
            f"connection {connection.name!r}",
            f"has the URL of an unknown product: {split_login(connection.url)[0]}.",
        )
    return vendor.name
