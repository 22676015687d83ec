"""The Data Catalog: the calls that a crawl makes.

A call may reach the service twice when its first answer is lost. So what is there already is as
good as created, and what is not there any more as good as deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar

from botocore.exceptions import ClientError

from glueball.crawl.client import Patience, code_of, message_of
from glueball.crawl.errors import ServiceRefused
from glueball.crawl.table_inputs import INDEX

_T = TypeVar("_T")

_ALREADY_EXISTS: Final = "AlreadyExistsException"
_NOT_FOUND: Final = "EntityNotFoundException"
#: that one request may name (API_BatchCreatePartition, …)
_CREATED_AT_ONCE: Final = 100
_UPDATED_AT_ONCE: Final = 100
_DELETED_AT_ONCE: Final = 25
_TABLES_AT_ONCE: Final = 100


class Catalog(Protocol):
    """Where tables go. Each call may be repeated.

    Raises:
        ServiceRefused: any call, where the service answers with an error that is not named.
        ServiceUnreachable: any call, where nobody answers for a minute.
    """

    def make_database(self, database: str) -> bool:
        """Make a database if there is none; tell whether there was none."""

    def tables(self, database: str) -> dict[str, Mapping[str, Any]]:
        """Return the tables of a database, by name: AWS's `Table`s; none where there is none."""

    def table(self, database: str, name: str) -> Mapping[str, Any] | None:
        """Return a table; None where there is none."""

    def partitions(
        self, database: str, table: str, *, columns: bool = True
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the partitions of a table, with or without their columns: AWS's `Partition`s."""

    def create_table(
        self, database: str, document: Mapping[str, Any], *, indexed: bool = False
    ) -> None:
        """Add a table, with an index of its partition keys or without."""

    def update_table(
        self, database: str, document: Mapping[str, Any], *, archive: bool = True
    ) -> None:
        """Replace a table; its present state is kept as a version or not."""

    def delete_tables(self, database: str, names: Sequence[str]) -> None:
        """Delete tables and their partitions."""

    def create_partitions(
        self, database: str, table: str, documents: Sequence[Mapping[str, Any]]
    ) -> None:
        """Add partitions."""

    def update_partitions(
        self, database: str, table: str, documents: Sequence[Mapping[str, Any]]
    ) -> None:
        """Replace partitions, by their values."""

    def delete_partitions(self, database: str, table: str, values: Sequence[Sequence[str]]) -> None:
        """Delete partitions."""


class GlueCatalog:
    """The service's Data Catalog.

    Args:
        client: botocore's client of Glue.
        patience: waits for a service that restarts.
    """

    def __init__(self, client: Any, patience: Patience | None = None) -> None:
        self._client = client
        self._patience = patience or Patience()

    def make_database(self, database: str) -> bool:
        """Make a database if there is none, as the protocol says."""
        if self._call("GetDatabase", Name=database, unless=_NOT_FOUND) is not None:
            return False
        self._call("CreateDatabase", DatabaseInput={"Name": database}, unless=_ALREADY_EXISTS)
        return True

    def tables(self, database: str) -> dict[str, Mapping[str, Any]]:
        """Return the tables of a database, as the protocol says."""
        pages = self._pages("GetTables", DatabaseName=database)
        try:
            return {table["Name"]: table for page in pages for table in page["TableList"]}
        except ServiceRefused as error:
            if error.code == _NOT_FOUND:
                return {}  # there is no such database
            raise

    def table(self, database: str, name: str) -> Mapping[str, Any] | None:
        """Return a table, as the protocol says."""
        answer = self._call("GetTable", DatabaseName=database, Name=name, unless=_NOT_FOUND)
        return None if answer is None else answer["Table"]

    def partitions(
        self, database: str, table: str, *, columns: bool = True
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the partitions of a table, as the protocol says."""
        pages = self._pages(
            "GetPartitions",
            DatabaseName=database,
            TableName=table,
            ExcludeColumnSchema=not columns,
        )
        for page in pages:
            yield from page["Partitions"]

    def create_table(
        self, database: str, document: Mapping[str, Any], *, indexed: bool = False
    ) -> None:
        """Add a table, as the protocol says."""
        keys = [key["Name"] for key in document.get("PartitionKeys", ())]
        index = [{"IndexName": INDEX, "Keys": keys}] if indexed and keys else []
        more = {"PartitionIndexes": index} if index else {}
        self._call(
            "CreateTable",
            DatabaseName=database,
            TableInput=document,
            unless=_ALREADY_EXISTS,
            **more,
        )

    def update_table(
        self, database: str, document: Mapping[str, Any], *, archive: bool = True
    ) -> None:
        """Replace a table, as the protocol says."""
        self._call(
            "UpdateTable", DatabaseName=database, TableInput=document, SkipArchive=not archive
        )

    def delete_tables(self, database: str, names: Sequence[str]) -> None:
        """Delete tables, as the protocol says."""
        for some in _parts(names, _TABLES_AT_ONCE):
            answer = self._call("BatchDeleteTable", DatabaseName=database, TablesToDelete=some)
            _check("BatchDeleteTable", answer, but=_NOT_FOUND)

    def create_partitions(
        self, database: str, table: str, documents: Sequence[Mapping[str, Any]]
    ) -> None:
        """Add partitions, as the protocol says."""
        place = {"DatabaseName": database, "TableName": table}
        for some in _parts(documents, _CREATED_AT_ONCE):
            answer = self._call("BatchCreatePartition", **place, PartitionInputList=some)
            _check("BatchCreatePartition", answer, but=_ALREADY_EXISTS)

    def update_partitions(
        self, database: str, table: str, documents: Sequence[Mapping[str, Any]]
    ) -> None:
        """Replace partitions, as the protocol says."""
        entries = [
            {"PartitionValueList": document["Values"], "PartitionInput": document}
            for document in documents
        ]
        place = {"DatabaseName": database, "TableName": table}
        for some in _parts(entries, _UPDATED_AT_ONCE):
            answer = self._call("BatchUpdatePartition", **place, Entries=some)
            _check("BatchUpdatePartition", answer, but=_NOT_FOUND)

    def delete_partitions(self, database: str, table: str, values: Sequence[Sequence[str]]) -> None:
        """Delete partitions, as the protocol says."""
        named = [{"Values": list(one)} for one in values]
        place = {"DatabaseName": database, "TableName": table}
        for some in _parts(named, _DELETED_AT_ONCE):
            answer = self._call("BatchDeletePartition", **place, PartitionsToDelete=some)
            _check("BatchDeletePartition", answer, but=_NOT_FOUND)

    def _pages(self, operation: str, **request: Any) -> Iterator[Mapping[str, Any]]:
        while True:
            page = self._call(operation, **request)
            assert page is not None  # no error is passed over
            yield page
            token = page.get("NextToken")
            if not token:
                return
            request["NextToken"] = token

    def _call(
        self, operation: str, *, unless: str | None = None, **request: Any
    ) -> Mapping[str, Any] | None:
        """Return an answer; None where the error is the one that is passed over."""
        name = _METHODS[operation]
        try:
            answer: Mapping[str, Any] = self._patience.call(
                operation, lambda: getattr(self._client, name)(**request)
            )
        except ClientError as error:
            if code_of(error) == unless:
                return None
            raise ServiceRefused(operation, code_of(error), message_of(error)) from error
        return answer


_METHODS: Final[Mapping[str, str]] = {
    "GetDatabase": "get_database",
    "CreateDatabase": "create_database",
    "GetTables": "get_tables",
    "GetTable": "get_table",
    "GetPartitions": "get_partitions",
    "CreateTable": "create_table",
    "UpdateTable": "update_table",
    "BatchDeleteTable": "batch_delete_table",
    "BatchCreatePartition": "batch_create_partition",
    "BatchUpdatePartition": "batch_update_partition",
    "BatchDeletePartition": "batch_delete_partition",
}


def _parts(items: Sequence[_T], most: int) -> Iterator[list[_T]]:
    for start in range(0, len(items), most):
        yield list(items[start : start + most])


def _check(operation: str, answer: Mapping[str, Any] | None, *, but: str) -> None:
    """Refuse an answer that names errors.

    Args:
        operation: what was asked.
        answer: of an operation that does several things.
        but: the code of the error that does not matter.

    Raises:
        ServiceRefused: some of it could not be done.
    """
    for error in (answer or {}).get("Errors", ()):
        detail = error.get("ErrorDetail", {})
        if detail.get("ErrorCode") != but:
            raise ServiceRefused(
                operation, detail.get("ErrorCode", ""), detail.get("ErrorMessage", "")
            )
