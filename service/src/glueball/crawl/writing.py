"""Writing what a crawl has found: table by table, with a line in the log for each thing done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from glueball.crawl.catalog import Catalog
from glueball.crawl.changes import (
    PartitionChanges,
    deprecated,
    has_other_keys,
    is_deprecated,
    is_of_another_kind,
    partition_changes,
    table_change,
)
from glueball.crawl.crawler import DELETE, DEPRECATE, Policy
from glueball.crawl.errors import TooManyTables
from glueball.crawl.log import CrawlLog
from glueball.crawl.names import location_of, named
from glueball.crawl.places import Fate, Places
from glueball.crawl.reports import Summary
from glueball.crawl.sentences import (
    passed_over_partitions,
    passed_over_table,
    regrouped_partitions,
    regrouped_table,
)
from glueball.crawl.table_inputs import Stamp, partition_input, table_input
from glueball.crawl.tables import FoundTable


class Writer:
    """Writes tables into one database.

    Args:
        catalog: where to.
        database: its name.
        policy: what may be done.
        log: what is told.
        summary: what is counted.
        now: epoch seconds.
    """

    def __init__(
        self,
        catalog: Catalog,
        database: str,
        policy: Policy,
        log: CrawlLog,
        summary: Summary,
        now: float,
    ) -> None:
        self._catalog = catalog
        self._database = database
        self._policy = policy
        self._log = log
        self._summary = summary
        self._now = now

    def tables(self) -> dict[str, Mapping[str, Any]]:
        """Return the tables of the database, by name; none where there is no database yet."""
        return self._catalog.tables(self._database)

    def write(
        self, found: Sequence[tuple[FoundTable, Stamp]], prefix: str, crawler: str, places: Places
    ) -> None:
        """Write the tables of all targets, and see to those whose data is gone.

        Args:
            found: the tables, and what signs each.
            prefix: what their names begin with.
            crawler: its name; only its own tables can be gone.
            places: where the crawl has looked.

        Raises:
            TooManyTables: nothing was written.
        """
        known = self.tables()
        lakes = [location_of(one) for one in known.values() if is_of_another_kind(one)]
        mine = [(table, stamp) for table, stamp in found if not self._is_in(table, lakes)]
        names = named([table for table, _ in mine], prefix, known)
        self._check_number(names)
        self._make_database()
        for name, (table, stamp) in zip(names, mine, strict=True):
            self.write_table(name, known.get(name), table, stamp, places)
        if not self._policy.new_folders_only:
            located = {name: table.location for name, (table, _) in zip(names, mine, strict=True)}
            lost = [table for name, table in known.items() if name not in located]
            self._leave(lost, located, lambda table: places.fate(table, crawler))

    def _make_database(self) -> None:
        if self._catalog.make_database(self._database):
            self._log.info(f"Created database {self._database}")

    def _check_number(self, names: Sequence[str]) -> None:
        most = self._policy.most_tables
        if most is not None and len(names) > most:
            self._log.info(f"The tables are: {', '.join(sorted(names))}")
            raise TooManyTables(most, len(names))

    def _is_in(self, table: FoundTable, lakes: Sequence[str]) -> bool:
        """Tell whether files belong to a table that keeps its own metadata, and say so."""
        place = f"{table.location.rstrip('/')}/"
        for lake in lakes:
            if lake and place.startswith(f"{lake.rstrip('/')}/"):
                self._log.info(f"{table.location} is part of the table at {lake}; it is left alone")
                return True
        return False

    def write_table(
        self,
        name: str,
        known: Mapping[str, Any] | None,
        found: FoundTable,
        stamp: Stamp,
        places: Places,
    ) -> None:
        """Create or update a table and its partitions.

        Args:
            name: what it is called.
            known: the table of the catalog that it is; None: it is new.
            found: what there is now.
            stamp: what signs it.
            places: where the crawl has looked.
        """
        wanted = table_input(name, found, stamp)
        if known is None:
            self._catalog.create_table(self._database, wanted, indexed=self._policy.partition_index)
            self._summary.tables_created.append(name)
            self._log.info(f"Created table {name} in database {self._database}")
            table: Mapping[str, Any] = wanted
        elif has_other_keys(known, wanted):
            self._warn_of_keys(name, known, found)
            return
        else:
            table = self._update(name, known, wanted)
        if len(table.get("PartitionKeys") or ()) != len(found.keys):
            self._warn_of_keys(name, table, found)
        elif found.keys:
            self.write_partitions(name, table, found, stamp, places, is_new=known is None)

    def _update(
        self, name: str, known: Mapping[str, Any], wanted: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Update a table where it has changed; return what it is now."""
        change = table_change(known, wanted, self._policy)
        if change.document is None:
            if change.differences:
                self._log.info(
                    f"Table {name} in database {self._database} has changed and is not updated: "
                    f"{', '.join(change.differences)}"
                )
            return known
        self._catalog.update_table(self._database, change.document, archive=change.archive)
        self._summary.tables_updated.append(name)
        told = f": {', '.join(change.differences)}" if change.differences else ""
        self._log.info(f"Updated table {name} in database {self._database}{told}")
        return change.document

    def write_partitions(
        self,
        name: str,
        table: Mapping[str, Any],
        found: FoundTable,
        stamp: Stamp,
        places: Places,
        *,
        is_new: bool = False,
    ) -> None:
        """Create, update and delete partitions of a table.

        Args:
            name: the table's.
            table: the table as it is now.
            found: what there is now.
            stamp: what signs it.
            places: where the crawl has looked.
            is_new: whether the table has no partitions yet.
        """
        known = [] if is_new else self._known_partitions(name)
        wanted = [partition_input(found, partition, stamp) for partition in found.partitions]

        def fate_of(partition: Mapping[str, Any]) -> Fate:
            return places.fate(partition, stamp.crawler)

        changes = partition_changes(known, wanted, table, self._policy, fate_of, self._now)
        self._tell(name, changes)
        self._catalog.create_partitions(self._database, name, changes.created)
        self._catalog.update_partitions(self._database, name, changes.updated)
        self._catalog.delete_partitions(self._database, name, changes.deleted)
        self._count_partitions(
            name, len(changes.created), len(changes.updated), len(changes.deleted)
        )

    def _tell(self, name: str, changes: PartitionChanges) -> None:
        """Say what a log should hold of a table's partitions that are not changed."""
        for note in changes.notes:
            self._log.info(f"{note} (table {name})")
        if changes.regrouped:
            self._log.warn(regrouped_partitions(name, changes.regrouped))
        if changes.passed_over:
            self._log.info(passed_over_partitions(name, changes.passed_over))

    def _known_partitions(self, name: str) -> list[Mapping[str, Any]]:
        # Where only new ones are added, the columns of the others do not matter.
        columns = not self._policy.new_folders_only
        return list(self._catalog.partitions(self._database, name, columns=columns))

    def _count_partitions(self, name: str, created: int, updated: int, deleted: int) -> None:
        self._summary.partitions_created += created
        self._summary.partitions_updated += updated
        self._summary.partitions_deleted += deleted
        counts = {"Created": created, "Updated": updated, "Deleted": deleted}
        for verb, count in counts.items():
            if count:
                what = "partition" if count == 1 else "partitions"
                self._log.info(f"{verb} {count} {what} of table {name}")

    def _warn_of_keys(self, name: str, known: Mapping[str, Any], found: FoundTable) -> None:
        keys = [key["Name"] for key in known.get("PartitionKeys") or ()]
        self._log.warn(
            f"Folder partition keys do not match table partition keys, skipped folder: "
            f"{found.location}. Table {name} has {', '.join(keys) or 'none'}, the folders have "
            f"{', '.join(found.keys) or 'none'}. Delete the table, and crawl again."
        )

    def _leave(
        self,
        lost: Iterable[Mapping[str, Any]],
        located: Mapping[str, str],
        fate_of: Callable[[Mapping[str, Any]], Fate],
    ) -> None:
        """See to tables of the catalog that were not found.

        Args:
            lost: these.
            located: where each of those lies that were found.
            fate_of: tells what becomes of a table.
        """
        gone = []
        for table in lost:
            match fate_of(table):
                case Fate.GONE:
                    gone.append(table)
                case Fate.REGROUPED:
                    self._log.warn(regrouped_table(self._database, table, located))
                case Fate.PASSED_OVER:
                    self._log.info(passed_over_table(self._database, table))
        self._forget(gone)

    def _forget(self, gone: Sequence[Mapping[str, Any]]) -> None:
        """See to tables whose data is gone."""
        names = [table["Name"] for table in gone]
        if self._policy.deletions == DELETE:
            self._catalog.delete_tables(self._database, names)
            self._summary.tables_deleted += names
            for name in names:
                self._log.info(
                    f"Deleted table {name} in database {self._database}: its data is gone"
                )
            return
        for table in gone:
            self._deprecate(table)

    def _deprecate(self, table: Mapping[str, Any]) -> None:
        name = table["Name"]
        if self._policy.deletions != DEPRECATE:
            self._log.info(f"Table {name} in database {self._database} has no data any more")
        elif not is_deprecated(table):
            self._catalog.update_table(self._database, deprecated(table, self._now))
            self._summary.tables_updated.append(name)
            self._log.info(
                f"Deprecated table {name} in database {self._database}: its data is gone"
            )
