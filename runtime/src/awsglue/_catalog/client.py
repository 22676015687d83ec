"""The Data Catalog as a run sees it: databases, tables and partitions over the Glue API.

Endpoint and credentials come from the environment, as for every AWS client in a script.
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-tables.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
)

from awsglue._aws import client
from awsglue._catalog.table import Partition, Table
from awsglue._errors import CatalogUnreachableError, EntityNotFoundError, TableError

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from awsglue.gluetypes import StructType

T = TypeVar("T")

#: the most partitions that one call takes
_CREATED_AT_ONCE = 100
_DELETED_AT_ONCE = 25


class Catalog:
    """The databases of an account.

    Args:
        catalog_id: the account; None takes that of the caller.
    """

    def __init__(self, catalog_id: str | None = None) -> None:
        self._scope = {"CatalogId": catalog_id} if catalog_id else {}

    def table(self, database: str, name: str) -> Table:
        """Return a table.

        Raises:
            EntityNotFoundError: there is no such database or table.
            CatalogUnreachableError: nobody answers, or there are no credentials.
        """
        table = self.find_table(database, name)
        if table is None:
            raise EntityNotFoundError(f"Table {database}.{name}")
        return table

    def find_table(self, database: str, name: str) -> Table | None:
        """Return a table, or None when its database has none of this name.

        Raises:
            EntityNotFoundError: there is no such database.
            CatalogUnreachableError: nobody answers, or there are no credentials.
        """
        try:
            with _reachable():
                answer = client("glue").get_table(DatabaseName=database, Name=name, **self._scope)
        except ClientError as error:
            if _code(error) != "EntityNotFoundException":
                raise
            self._require_database(database)
            return None
        return Table.of(answer["Table"])

    def connection(self, name: str) -> Mapping[str, Any]:
        """Return a connection as GetConnection answers, with its password.

        Raises:
            EntityNotFoundError: there is none of this name.
            CatalogUnreachableError: nobody answers, or there are no credentials.
        """
        try:
            with _reachable():
                answer = client("glue").get_connection(Name=name, HidePassword=False, **self._scope)
        except ClientError as error:
            if _code(error) != "EntityNotFoundException":
                raise
            raise EntityNotFoundError(f"Connection {name}") from error
        connection: Mapping[str, Any] = answer["Connection"]
        return connection

    def _require_database(self, name: str) -> None:
        try:
            with _reachable():
                client("glue").get_database(Name=name, **self._scope)
        except ClientError as error:
            if _code(error) != "EntityNotFoundException":
                raise
            raise EntityNotFoundError(f"Database {name}") from error

    def partitions(self, table: Table, expression: str = "") -> list[Partition]:
        """Return the partitions of a table.

        Args:
            table: the table.
            expression: a condition over the partition keys that the catalog itself checks, as
                `GetPartitions` takes it; "" takes all.

        Raises:
            TableError: the catalog does not understand the condition.
        """
        asked: dict[str, Any] = {**self._of(table), "ExcludeColumnSchema": True}
        if expression:
            asked["Expression"] = expression
        try:
            with _reachable():
                pages = client("glue").get_paginator("get_partitions").paginate(**asked)
                return [Partition.of(one, table) for page in pages for one in page["Partitions"]]
        except ClientError as error:
            if expression and _code(error) == "InvalidInputException":
                raise TableError(
                    table.full_name,
                    f"the Data Catalog does not understand the condition {expression!r}: "
                    f"{error.response['Error'].get('Message', '')} push_down_predicate takes any "
                    "condition of Spark SQL.",
                ) from error
            raise

    def create_table(self, database: str, definition: Mapping[str, Any]) -> None:
        """Add a table; one that another run has added meanwhile does no harm."""
        try:
            with _reachable():
                client("glue").create_table(
                    DatabaseName=database, TableInput=definition, **self._scope
                )
        except ClientError as error:
            if _code(error) != "AlreadyExistsException":
                raise

    def update_table(self, database: str, definition: Mapping[str, Any]) -> None:
        """Replace the definition of a table; members that only answers have are left out."""
        shape = client("glue").meta.service_model.shape_for("TableInput")
        given = {name: value for name, value in definition.items() if name in shape.members}
        with _reachable():
            client("glue").update_table(DatabaseName=database, TableInput=given, **self._scope)

    def add_partitions(self, table: Table, partitions: Sequence[Mapping[str, Any]]) -> None:
        """Add partitions; those that are there already stay as they are.

        Raises:
            TableError: the catalog refuses one.
        """
        for some in _parts(partitions, _CREATED_AT_ONCE):
            with _reachable():
                answer = client("glue").batch_create_partition(
                    **self._of(table), PartitionInputList=list(some)
                )
            _refuse_errors(table, answer, harmless="AlreadyExistsException")

    def delete_partitions(self, table: Table, values: Sequence[tuple[str, ...]]) -> None:
        """Take partitions out of the catalog; one that is gone already does no harm.

        Raises:
            TableError: the catalog refuses one.
        """
        for some in _parts(values, _DELETED_AT_ONCE):
            with _reachable():
                answer = client("glue").batch_delete_partition(
                    **self._of(table),
                    PartitionsToDelete=[{"Values": list(one)} for one in some],
                )
            _refuse_errors(table, answer, harmless="EntityNotFoundException")

    def _of(self, table: Table) -> dict[str, Any]:
        return {"DatabaseName": table.database, "TableName": table.name, **self._scope}


def table_schema(
    glue_context: GlueContext, database: str, table_name: str, catalog_id: str | None = None
) -> StructType:
    """Return the types of a table's columns, the partition keys last.

    Raises:
        EntityNotFoundError: there is no such database or table.
    """
    return Catalog(catalog_id).table(database, table_name).schema


def _refuse_errors(table: Table, answer: Mapping[str, Any], harmless: str) -> None:
    for error in answer.get("Errors") or ():
        detail = error.get("ErrorDetail") or {}
        if detail.get("ErrorCode") != harmless:
            values = "/".join(error.get("PartitionValues") or ())
            raise TableError(
                table.full_name,
                f"the Data Catalog refuses the partition {values}: {detail.get('ErrorCode')} "
                f"{detail.get('ErrorMessage', '')}",
            )


def _parts(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except (EndpointConnectionError, NoCredentialsError, NoRegionError) as error:
        raise CatalogUnreachableError(f"{error}.".replace("..", ".")) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
