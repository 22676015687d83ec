"""What `GlueContext` does with the Data Catalog.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from pyspark.sql import types as spark_types

from awsglue._catalog import connections, table_reader
from awsglue._catalog.client import Catalog, table_schema
from awsglue._catalog.table_formats import kind_of
from awsglue._errors import NotAvailableError
from awsglue._options import flag
from awsglue._records import Records
from awsglue._types import schema_ddl

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame


class CatalogMethods:
    """The methods of `GlueContext` that name a database and a table."""

    def get_catalog_schema_as_spark_schema(
        self,
        database: str | None = None,
        table_name: str | None = None,
        catalog_id: str | None = None,
    ) -> spark_types.StructType:
        """Return a table's columns as Spark's types, the partition keys last.

        Raises:
            EntityNotFoundError: there is no such database or table.
        """
        names = table_names(database, table_name, {})
        schema = table_schema(self._context, *names, catalog_id)
        frame = self._context.spark_session.createDataFrame([], schema_ddl(schema))
        return frame.schema

    def create_dynamic_frame_from_catalog(
        self,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        additional_options: Mapping[str, Any] | None = None,
        catalog_id: str | None = None,
        **kwargs: Any,
    ) -> DynamicFrame:
        """Return a frame of a table.

        Records tell their own types; only the columns of csv have those of the table, and become a
        choice where a value does not fit. Partition keys have the table's types.

        Args:
            database: its database; `name_space` is another name for it.
            table_name: the table.
            redshift_tmp_dir: an S3 path for Redshift; other tables need none.
            transformation_ctx: the source's name in the job bookmark. With a bookmark and nothing
                new, the frame has no records and no fields.
            push_down_predicate: a condition of Spark SQL over the partition keys; the files of
                other partitions are not even listed.
            additional_options: `catalogPartitionPredicate` (a condition that the Data Catalog
                checks itself), and the connection and format options of
                `create_dynamic_frame_from_options`, which win over those in the table.
            catalog_id: the account of the Data Catalog; None is the caller's own.

        Raises:
            EntityNotFoundError: there is no such database or table.
            TableError: the table, or a condition, cannot be used.
        """
        from awsglue.dynamicframe import DynamicFrame

        names = table_names(database, table_name, kwargs)
        catalog = Catalog(catalog_id)
        request = table_reader.Request(
            table=catalog.table(*names),
            catalog=catalog,
            push_down_predicate=push_down_predicate,
            transformation_ctx=transformation_ctx,
            options=additional_options or {},
        )
        kind = kind_of(request.table)
        if kind == "jdbc":
            product, options = connections.database_of(request.table, request.options, catalog_id)
            return self._context.create_dynamic_frame_from_options(
                product,
                options,
                transformation_ctx=transformation_ctx,
                push_down_predicate=push_down_predicate,
            )
        if kind == "stream":
            raise NotAvailableError(
                f"A DynamicFrame of the stream {request.table.full_name}",
                "create_data_frame.from_catalog and forEachBatch read streams.",
            )
        lazy = table_reader.read(self._context.spark_session, request)
        return DynamicFrame(lazy.then(Records.as_source), self._context, names[1])

    def create_data_frame_from_catalog(
        self,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        additional_options: Mapping[str, Any] | None = None,
        catalog_id: str | None = None,
        **kwargs: Any,
    ) -> DataFrame:
        """Return a DataFrame of a table, or of a stream; see `create_dynamic_frame_from_catalog`.

        A table of Kafka is a stream, for `forEachBatch`.

        Args:
            database: its database; `name_space` is another name for it.
            table_name: the table.
            redshift_tmp_dir: an S3 path for Redshift; other tables need none.
            transformation_ctx: the source's name in the job bookmark.
            push_down_predicate: a condition of Spark SQL over the partition keys.
            additional_options: also `useSparkDataSource`: Spark's own reader is taken, and the
                other options are the reader's; with `useCatalogSchema` the columns are those of the
                table.
            catalog_id: the account of the Data Catalog; None is the caller's own.
        """
        options = additional_options or {}
        names = table_names(database, table_name, kwargs)
        catalog = Catalog(catalog_id)
        table = catalog.table(*names)
        if kind_of(table) == "stream":
            product, given = connections.stream_of(table, options)
            return self._context.getStreamingSource(product, **given).getFrame()
        if flag(options.get("useSparkDataSource")):
            request = table_reader.Request(
                table=table,
                catalog=catalog,
                push_down_predicate=push_down_predicate,
                transformation_ctx=transformation_ctx,
                options=options,
            )
            return table_reader.data_frame(self._context.spark_session, request)
        return self.create_dynamic_frame_from_catalog(
            database,
            table_name,
            redshift_tmp_dir,
            transformation_ctx,
            push_down_predicate,
            options,
            catalog_id,
            **kwargs,
        ).toDF()

    def write_dynamic_frame_from_catalog(
        self,
        frame: DynamicFrame,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        additional_options: Mapping[str, Any] | None = None,
        catalog_id: str | None = None,
        **kwargs: Any,
    ) -> DynamicFrame:
        """Add a frame to a table, in the table's format and place.

        Args:
            frame: what to write.
            database: its database; `name_space` is another name for it.
            table_name: the table, which must be there.
            redshift_tmp_dir: an S3 path for Redshift; other tables need none.
            transformation_ctx: accepted; targets have no state.
            additional_options: `enableUpdateCatalog`, `updateBehavior` (`UPDATE_IN_DATABASE` or
                `LOG`) and `partitionKeys`, as in AWS's page; without `partitionKeys` the table's
                own keys count.
            catalog_id: the account of the Data Catalog; None is the caller's own.

        Returns:
            The records that could not be written, which are none.

        Raises:
            EntityNotFoundError: there is no such database or table.
            TableError: the table has other partition keys than the option names.
        """
        names = table_names(database, table_name, kwargs)
        table = Catalog(catalog_id).table(*names)
        sink = connections.sink_of(self._context, table, additional_options or {}, catalog_id)
        return sink.writeFrame(frame)

    def write_data_frame_from_catalog(
        self,
        frame: DataFrame,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        additional_options: Mapping[str, Any] | None = None,
        catalog_id: str | None = None,
        **kwargs: Any,
    ) -> DynamicFrame:
        """Add a DataFrame to a table; see `write_dynamic_frame_from_catalog`."""
        from awsglue.dynamicframe import DynamicFrame

        return self.write_dynamic_frame_from_catalog(
            DynamicFrame.fromDF(frame, self._context, ""),
            database,
            table_name,
            redshift_tmp_dir,
            transformation_ctx,
            additional_options,
            catalog_id,
            **kwargs,
        )

    @property
    def _context(self) -> GlueContext:
        return cast("GlueContext", self)


def table_names(
    database: str | None, table_name: str | None, others: Mapping[str, Any]
) -> tuple[str, str]:
    """Return the names of database and table.

    Args:
        database: as given.
        table_name: as given.
        others: further arguments, perhaps `name_space`, which is another name for the database.

    Raises:
        Exception: one of them is missing, or the database has two names.
    """
    name_space = others.get("name_space")
    if database is not None and name_space is not None:
        raise Exception("Parameter name_space and database are both specified, choose one.")
    if database is None and name_space is None:
        raise Exception("Parameter name_space or database is missing.")
    if table_name is None:
        raise Exception("Parameter table_name is missing.")
    return str(database if database is not None else name_space), table_name
