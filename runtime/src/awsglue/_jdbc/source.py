"""Reading a table: all of it or what is new, in one piece or in parts."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from awsglue import _connections
from awsglue._jdbc import statements
from awsglue._jdbc.bookmark import Order, conditions, is_descending, keys_of
from awsglue._jdbc.database import database
from awsglue._jdbc.session import JdbcSession
from awsglue._jdbc.statements import Asked
from awsglue._records import Lazy, Records
from awsglue.data_source import DataSource
from glueball_runtime import bookmarks

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, DataFrameReader

    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame

_logger = logging.getLogger(__name__)

#: options that Spark's own reader takes
#: (https://spark.apache.org/docs/3.5.6/sql-data-sources-jdbc.html)
_SPARK_OPTIONS = (
    *("partitionColumn", "lowerBound", "upperBound", "numPartitions", "fetchsize", "queryTimeout"),
    *("sessionInitStatement", "customSchema", "pushDownPredicate", "preferTimestampNTZ"),
)
#: rows that a driver fetches at a time; without a number PostgreSQL's takes the whole table
_FETCH_SIZE = "1000"


class JdbcSource(DataSource):
    """A table or query of a database.

    Args:
        glue_context: the context that reads.
        connection_type: `mysql`, `postgresql`, `redshift`, `sqlserver`, `oracle`, or `custom.jdbc`
            with the driver's `className`.
        connection_options: see `GlueContext.create_dynamic_frame_from_options`.
        transformation_ctx: the source's name in the job bookmark.
        push_down_predicate: a condition in Spark SQL.

    Raises:
        ConnectionOptionError: an option is missing, or cannot be used.
    """

    def __init__(
        self,
        glue_context: GlueContext,
        connection_type: str,
        connection_options: Mapping[str, Any],
        transformation_ctx: str = "",
        push_down_predicate: str = "",
    ) -> None:
        super().__init__(glue_context, connection_options, transformation_ctx, push_down_predicate)
        connection = _connections.named(connection_options)
        self._database = database(connection_type, connection_options, connection)

    def getFrame(self, **options: Any) -> DynamicFrame:
        """Return the rows, which are read when needed; their types are asked for now.

        Args:
            options: `minPartitions` and `targetPartitions` are accepted; `hashpartitions` counts.

        Raises:
            DatabaseError: the database cannot be reached, or refuses.
            MissingJarError: its driver is not there.
            ConnectionOptionError: an option names a column that is not there.
        """
        from awsglue.dynamicframe import DynamicFrame

        frame = self._read()
        if self._predicate:
            frame = frame.where(self._predicate)
        return DynamicFrame(Lazy.made(Records.of(frame)), self._glue_context)

    def _read(self) -> DataFrame:
        options = self._connection_options
        asked = statements.asked(options)
        spark = self._glue_context.spark_session
        session = JdbcSession(spark, self._database)
        with session.told(f"Reading {asked.table or 'a query'}"):
            whole = self._reader(asked.relation).load()
        new = self._news(session, asked, whole)
        parts = []
        if asked.partitioned:
            parts = statements.partitions(self._database.vendor, options, whole.columns)
        if not new and not parts:
            return whole
        relation = statements.narrowed(asked.relation, new)
        if not parts:
            return self._reader(relation).load()
        return spark.read.jdbc(
            self._database.url, relation, predicates=parts, properties=self._settings()
        )

    def _reader(self, relation: str) -> DataFrameReader:
        spark = self._glue_context.spark_session
        chosen = {
            name: str(self._connection_options[name])
            for name in _SPARK_OPTIONS
            if self._connection_options.get(name) not in (None, "")
        }
        return spark.read.format("jdbc").options(
            url=self._database.url, dbtable=relation, **{**self._settings(), **chosen}
        )

    def _settings(self) -> dict[str, str]:
        fetch = str(self._connection_options.get("fetchsize") or _FETCH_SIZE)
        return {**self._database.login, "driver": self._database.driver, "fetchsize": fetch}

    def _news(self, session: JdbcSession, asked: Asked, whole: DataFrame) -> list[str]:
        active = bookmarks.active()
        if active is None or not self._transformation_ctx:
            return []
        keys = keys_of(session, asked, self._connection_options, whole.schema)
        if not keys:
            _logger.warning(
                "%s is read as a whole: no primary key is known. Give jobBookmarkKeys.",
                self._transformation_ctx,
            )
            return []
        return conditions(
            active,
            self._transformation_ctx,
            Order(keys=keys, descending=is_descending(self._connection_options)),
            relation=asked.relation,
            session=session,
        )
