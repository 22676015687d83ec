"""What `GlueContext` does with old files of a path or a table.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, cast

from awsglue._catalog import table_partitions
from awsglue._catalog.client import Catalog
from awsglue._catalog.table import Table
from awsglue._catalog.table_formats import kind_of
from awsglue._errors import TableError, TransactionsEndedError
from awsglue._files import purging
from awsglue._files.purging import Choice

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class StorageMethods:
    """The methods of `GlueContext` that delete files or change their storage class.

    Their options are `OPTIONS` of `awsglue._files.purging`; those of `transition_…` are
    `TRANSITION_OPTIONS` too. Any other is refused before a file is touched.
    """

    def purge_table(
        self,
        database: str,
        table_name: str,
        options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
        catalog_id: str | None = None,
    ) -> None:
        """Delete a table's files. A partition that loses all its files leaves the catalog too.

        Args:
            database: its database.
            table_name: the table, which stays.
            options: see the class.
            transformation_ctx: a directory below `manifestFilePath`.
            catalog_id: the account of the Data Catalog; None is the caller's own.

        Raises:
            EntityNotFoundError: there is no such database or table.
            TableError: its files are not on a path, or the condition is none over its keys.
            ValueError: an option does not exist, or has no meaning.
            StorageError: a file cannot be deleted; the others are.
        """
        catalog = Catalog(catalog_id)
        choice = Choice.to_purge(options, transformation_ctx)
        table = catalog.table(database, table_name)
        places = _places(self._spark, catalog, table, choice)
        outcome = purging.purge(self._spark, list(places), choice)
        emptied = [one for path, one in places.items() if path in outcome.emptied and one]
        catalog.delete_partitions(table, emptied)
        purging.record(self._spark, choice, outcome, "deleted")

    def purge_s3_path(
        self,
        s3_path: str,
        options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
    ) -> None:
        """Delete the files below a path. There is no way back.

        Args:
            s3_path: a directory, or one file; nothing at it does no harm.
            options: see the class; `partitionPredicate` is over `name=value` directories.
            transformation_ctx: a directory below `manifestFilePath`.

        Raises:
            ValueError: an option does not exist or has no meaning, or the path leads out of its
                bucket.
            StorageError: a file cannot be deleted; the others are.
        """
        choice = Choice.to_purge(options, transformation_ctx)
        outcome = purging.purge(self._spark, [s3_path], choice, choice.predicate)
        purging.record(self._spark, choice, outcome, "deleted")

    def transition_table(
        self,
        database: str,
        table_name: str,
        transition_to: str,
        options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
        catalog_id: str | None = None,
    ) -> None:
        """Give a table's files another storage class; see `transition_s3_path`.

        Args:
            database: its database.
            table_name: the table.
            transition_to: the storage class.
            options: see the class.
            transformation_ctx: a directory below `manifestFilePath`.
            catalog_id: the account of the Data Catalog; None is the caller's own.

        Raises:
            EntityNotFoundError: there is no such database or table.
            TableError: its files are not on a path, or the condition is none over its keys.
            ValueError: an option does not exist, or there is no such storage class.
            StorageError: a file cannot be changed; the others are.
        """
        catalog = Catalog(catalog_id)
        choice = Choice.to_transition(options, transformation_ctx)
        table = catalog.table(database, table_name)
        places = _places(self._spark, catalog, table, choice)
        outcome = purging.transition(self._spark, list(places), transition_to, choice)
        purging.record(self._spark, choice, outcome, "transitioned")

    def transition_s3_path(
        self,
        s3_path: str,
        transition_to: str,
        options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
    ) -> None:
        """Give the files below a path another storage class.

        The service's object store remembers and tells the class; it stores all classes alike, so
        nothing becomes cheaper or slower.

        Args:
            s3_path: an S3 path.
            transition_to: the storage class, such as `STANDARD_IA`.
            options: see the class.
            transformation_ctx: a directory below `manifestFilePath`.

        Raises:
            ValueError: an option does not exist, there is no such storage class, or the path is
                not on S3.
            StorageError: a file cannot be changed, as those in `GLACIER`, which must be restored
                first; the others are.
        """
        choice = Choice.to_transition(options, transformation_ctx)
        outcome = purging.transition(
            self._spark, [s3_path], transition_to, choice, choice.predicate
        )
        purging.record(self._spark, choice, outcome, "transitioned")

    def start_transaction(self, read_only: bool) -> NoReturn:
        """Refuse to begin a transaction.

        Raises:
            TransactionsEndedError: always, as governed tables have ended on AWS.
        """
        raise TransactionsEndedError

    def commit_transaction(self, transaction_id: str, wait_for_commit: bool = True) -> NoReturn:
        """Refuse to commit a transaction: see `start_transaction`."""
        raise TransactionsEndedError

    def cancel_transaction(self, transaction_id: str) -> NoReturn:
        """Refuse to cancel a transaction: see `start_transaction`."""
        raise TransactionsEndedError

    @property
    def _spark(self) -> SparkSession:
        return cast("SparkSession", getattr(self, "spark_session"))  # noqa: B009


def _places(
    spark: SparkSession, catalog: Catalog, table: Table, choice: Choice
) -> dict[str, tuple[str, ...]]:
    """Return the values of the chosen partitions by their locations; () stands for all of a table.

    Raises:
        TableError: the table's files are not on a path.
    """
    if kind_of(table) != "files" or not table.location:
        raise TableError(table.full_name, "it has no files on a path.")
    if not table.partition_keys and not choice.predicate:
        return {table.location: ()}
    known = catalog.partitions(table) if table.partition_keys else []
    chosen = table_partitions.select(spark, table, known, choice.predicate)
    return {one.location: one.values for one in chosen}
