"""Writing files and telling the Data Catalog: new tables, new columns, new partitions.

https://docs.aws.amazon.com/glue/latest/dg/update-from-job.html
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from awsglue._catalog import table_formats
from awsglue._catalog.client import Catalog
from awsglue._catalog.column_types import text_of
from awsglue._catalog.table import Table, partition_path
from awsglue._catalog.written_partitions import WrittenPartitions
from awsglue._errors import NotAvailableError, TableError
from awsglue._files import writers
from awsglue._records import Records
from awsglue._targets import FileTarget
from glueball_runtime.current_run import current_run

_logger = logging.getLogger(__name__)

UPDATE = "UPDATE_IN_DATABASE"
LOG = "LOG"


def behavior_of(value: Any) -> str:
    """Return what an update may change: `UPDATE_IN_DATABASE`, which is the default, or `LOG`.

    Raises:
        ValueError: it is neither.
    """
    behavior = str(value or UPDATE).upper()
    if behavior not in (UPDATE, LOG):
        raise ValueError(f"updateBehavior {value!r} is neither {UPDATE} nor {LOG}.")
    return behavior


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogTarget:
    """A table of files that is made when it is missing, and follows what is written.

    With `UPDATE_IN_DATABASE` the table's columns become those of the frame. With `LOG` they stay,
    and new partitions are added only if the table has all columns of the frame.
    """

    catalog: Catalog
    database: str
    name: str
    files: FileTarget
    update_behavior: str = UPDATE

    def write(self, records: Records) -> None:
        """Add files, then tell the catalog. No fields at all leave both as they were.

        Raises:
            EntityNotFoundError: there is no such database.
            TableError: the table's partition keys or format are others; nothing was written.
            NotAvailableError: a table of this format cannot be registered.
        """
        if self.files.format not in table_formats.REGISTERED:
            raise NotAvailableError(
                f"Updating the Data Catalog with files of {self.files.format}",
                f"These can be registered: {', '.join(table_formats.REGISTERED)}.",
            )
        table = self.catalog.find_table(self.database, self.name.lower())
        if table is not None:
            check(table, self.files)
            _warn_of_another_place(table, self.files)
        written = writers.writable(records, self.files.format, self.files.partition_keys)
        observed = WrittenPartitions(written.spark, self.files.path, self.files.partition_keys)
        self.files.write_through(records, observed.watch)
        if written.schema.fields:
            columns = _columns(records, written, self.files, table)
            self._register(table, written, columns, observed.values())

    def below(self, name: str) -> CatalogTarget:
        """Refuse a collection, whose frames are not one table.

        Raises:
            TableError: always.
        """
        raise TableError(
            f"{self.database}.{self.name}",
            "a collection is several tables. Write each of its frames to a sink of its own.",
        )

    def _register(
        self,
        table: Table | None,
        written: Records,
        columns: list[dict[str, str]],
        values: Sequence[tuple[str, ...]],
    ) -> None:
        if table is None:
            self.catalog.create_table(self.database, self._definition(written, columns))
            table = self.catalog.table(self.database, self.name.lower())
        elif self.update_behavior == UPDATE:
            table = self._updated(table, columns)
        elif not _has_all(table, columns):
            _logger.warning(
                "Table %s lacks columns of the frame, and updateBehavior is LOG: no partitions "
                "were added.",
                table.full_name,
            )
            return
        self.catalog.add_partitions(
            table, [_partition(table, self.files, columns, one) for one in values]
        )

    def _updated(self, table: Table, columns: list[dict[str, str]]) -> Table:
        known = [{"Name": one.name, "Type": one.type} for one in table.columns]
        if known == columns:
            return table
        storage = {**table.definition["StorageDescriptor"], "Columns": columns}
        definition = {**table.definition, "StorageDescriptor": storage}
        self.catalog.update_table(table.database, definition)
        return self.catalog.table(table.database, table.name)

    def _definition(self, written: Records, columns: list[dict[str, str]]) -> dict[str, Any]:
        storage = table_formats.storage_of(self.files.format, self.files.format_options)
        run = current_run()
        made_by = {"CreatedByJob": run.job_name, "CreatedByJobRun": run.run_id} if run else {}
        types = {field.name: text_of(field.dataType) for field in written.schema}
        return {
            "Name": self.name.lower(),
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {**storage.parameters, **made_by},
            "StorageDescriptor": storage.descriptor(columns, self.files.path),
            "PartitionKeys": [
                {"Name": key.lower(), "Type": types[key]} for key in self.files.partition_keys
            ],
        }


def check(table: Table, files: FileTarget) -> None:
    """Make sure that files of a sink belong into a table.

    Raises:
        TableError: partition keys or format are others.
    """
    expected = [key.name.lower() for key in table.partition_keys]
    given = [key.lower() for key in files.partition_keys]
    if expected != given:
        raise TableError(
            table.full_name,
            f"its partition keys are {expected}, and the sink's partitionKeys {given}. They must "
            "be the same, in the same order.",
        )
    format = table_formats.format_name(table)
    if format != files.format.removeprefix("glue"):
        raise TableError(
            table.full_name, f"its files are {format}, and the sink writes {files.format}."
        )


def _warn_of_another_place(table: Table, files: FileTarget) -> None:
    if table.location != files.path.rstrip("/") and not files.partition_keys:
        _logger.warning(
            "Table %s has its files at %s; what is written to %s is not among them.",
            table.full_name,
            table.location,
            files.path,
        )


def _columns(
    records: Records, written: Records, files: FileTarget, table: Table | None
) -> list[dict[str, str]]:
    """Return the columns of the files, in small letters as the catalog has them.

    A field that is only ever null is in no file; where the table knows it, its column stays.
    """
    structs = files.format != "json"  # there a choice is written as the value that it is
    types = {field.name: text_of(field.dataType, choices=structs) for field in written.schema}
    known = {one.name: one.type for one in table.columns} if table is not None else {}
    columns = []
    for field in records.schema:
        type = types.get(field.name) or known.get(field.name.lower())
        if type and field.name not in files.partition_keys:
            columns.append({"Name": field.name.lower(), "Type": type})
    return columns


def _has_all(table: Table, columns: Sequence[Mapping[str, str]]) -> bool:
    known = {(one.name, one.type) for one in table.columns}
    return all((one["Name"], one["Type"]) in known for one in columns)


def _partition(
    table: Table, files: FileTarget, columns: list[dict[str, str]], values: tuple[str, ...]
) -> dict[str, Any]:
    place = partition_path(files.path.rstrip("/"), list(files.partition_keys), values)
    storage = table.definition["StorageDescriptor"]
    return {
        "Values": list(values),
        "StorageDescriptor": {**storage, "Columns": columns, "Location": f"{place}/"},
    }
