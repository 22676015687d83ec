"""Writing to a table: rows are added; a table that is not there is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from awsglue import _connections
from awsglue import gluetypes as glue
from awsglue._connections import Connection
from awsglue._errors import ConnectionOptionError, UnwritableFieldError
from awsglue._jdbc.database import Database, database
from awsglue._jdbc.session import JdbcSession
from awsglue._jdbc.vendors import POSTGRESQL, REDSHIFT
from awsglue._records import Records
from awsglue.data_sink import DataSink

if TYPE_CHECKING:
    from awsglue.context import GlueContext

#: options of a script that Spark's own writer takes
_SPARK_OPTIONS = (
    *("batchsize", "isolationLevel", "queryTimeout", "numPartitions", "sessionInitStatement"),
    *("createTableOptions", "createTableColumnTypes"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class JdbcTarget:
    """A table of a database."""

    database: Database
    table: str  #: as SQL takes it
    options: Mapping[str, str]  #: for Spark
    before: str = ""  #: SQL to run before the rows are written
    after: str = ""  #: SQL to run once all rows are written

    def write(self, records: Records) -> None:
        """Add rows. Each partition of the records is one transaction.

        Raises:
            UnwritableFieldError: a field has several types, or holds others.
            DatabaseError: the database cannot be reached, or refuses.
            MissingJarError: its driver is not there.
        """
        rows = _flat(records.complete(), self.database)
        if not rows.frame.columns:
            return
        session = JdbcSession(records.spark, self.database)
        if self.before:
            session.execute(self.before, "preactions")
        with session.told(f"Writing to {self.table}"):
            writer = rows.frame.write.format("jdbc").mode("append")
            writer.options(
                url=self.database.url,
                dbtable=self.table,
                driver=self.database.driver,
                **{**self.database.login, **self.options},
            ).save()
        if self.after:
            session.execute(self.after, "postactions")

    def below(self, name: str) -> JdbcTarget:
        """Return the table of that name, for one frame of a collection."""
        return replace(self, table=self.database.vendor.name_of(name))


def _flat(records: Records, database: Database) -> Records:
    """Return records without fields that are only ever null.

    Raises:
        UnwritableFieldError: a field is none that a column can hold.
    """
    kept = []
    for item in records.items:
        if isinstance(item.type, (glue.NullType, glue.UnknownType)):
            continue
        _require_column(item.name, item.type, database)
        kept.append(item)
    return records.select(kept)


def _require_column(name: str, of: glue.DataType, database: Database) -> None:
    arrays = database.vendor is POSTGRESQL
    if arrays and isinstance(of, glue.ArrayType) and isinstance(of.elementType, glue.AtomicType):
        return
    if isinstance(of, glue.AtomicType):
        return
    remedy = "Flatten it first, with Relationalize or UnnestFrame, or drop it."
    if isinstance(of, glue.ChoiceType):
        remedy = "Decide for one type first, with resolveChoice."
    raise UnwritableFieldError(name, of.typeName(), database.vendor.name, remedy)


class JdbcSink(DataSink):
    """A table to add rows to.

    Args:
        glue_context: the context that writes.
        connection_type: `mysql`, `postgresql`, `redshift`, `sqlserver` or `oracle`.
        connection_options: `dbtable`, and those of a connection; `bulkSize` is how many
            connections write at once; for redshift `preactions` and `postactions`.
        connection: of the catalog; without one the options may name one.

    Raises:
        ConnectionOptionError: an option is missing, or cannot be used.
    """

    def __init__(
        self,
        glue_context: GlueContext,
        connection_type: str,
        connection_options: Mapping[str, Any],
        connection: Connection | None = None,
    ) -> None:
        super().__init__(glue_context, connection_options)
        known = connection or _connections.named(connection_options)
        self._database = database(connection_type, connection_options, known)

    def _target(self) -> JdbcTarget:
        options = self._connection_options
        table = str(options.get("dbtable") or options.get("dbTable") or "").strip()
        if not table:
            raise ConnectionOptionError("dbtable", "is missing: the table to write to.")
        chosen = {name: str(options[name]) for name in _SPARK_OPTIONS if options.get(name)}
        if options.get("bulkSize"):
            chosen["numPartitions"] = str(options["bulkSize"])
        actions = options if self._database.vendor is REDSHIFT else {}
        return JdbcTarget(
            database=self._database,
            table=table,
            options=chosen,
            before=str(actions.get("preactions") or ""),
            after=str(actions.get("postactions") or ""),
        )
