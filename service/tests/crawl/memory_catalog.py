"""A Data Catalog in memory, which counts what is written into it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class MemoryCatalog:
    """Tables and partitions, as `Catalog` has them; it refuses what the service refuses."""

    databases: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    parts: dict[tuple[str, str], dict[tuple[str, ...], dict[str, Any]]] = field(
        default_factory=dict
    )
    writes: list[str] = field(default_factory=list)  #: what was written, one word each
    indexed: set[str] = field(default_factory=set)
    archived: list[str] = field(default_factory=list)  #: tables of which a version was kept

    def make_database(self, database: str) -> bool:
        if database in self.databases:
            return False
        self.databases[database] = {}
        self.writes.append("database")
        return True

    def tables(self, database: str) -> dict[str, Mapping[str, Any]]:
        return copy.deepcopy({**self.databases.get(database, {})})

    def table(self, database: str, name: str) -> Mapping[str, Any] | None:
        return copy.deepcopy(self.databases.get(database, {}).get(name))

    def partitions(
        self, database: str, table: str, *, columns: bool = True
    ) -> Iterator[Mapping[str, Any]]:
        yield from copy.deepcopy(list(self.parts.get((database, table), {}).values()))

    def create_table(
        self, database: str, document: Mapping[str, Any], *, indexed: bool = False
    ) -> None:
        assert document["Name"] not in self.databases[database]
        self.databases[database][document["Name"]] = {**copy.deepcopy(document), "VersionId": "0"}
        self.writes.append("create table")
        if indexed:
            self.indexed.add(document["Name"])

    def update_table(
        self, database: str, document: Mapping[str, Any], *, archive: bool = True
    ) -> None:
        assert document["Name"] in self.databases[database]
        self.databases[database][document["Name"]] = {**copy.deepcopy(document), "VersionId": "1"}
        self.writes.append("update table")
        if archive:
            self.archived.append(document["Name"])

    def delete_tables(self, database: str, names: Sequence[str]) -> None:
        for name in names:
            del self.databases[database][name]
            self.parts.pop((database, name), None)
            self.writes.append("delete table")

    def create_partitions(
        self, database: str, table: str, documents: Sequence[Mapping[str, Any]]
    ) -> None:
        kept = self.parts.setdefault((database, table), {})
        keys = self.databases[database][table]["PartitionKeys"]
        for document in documents:
            values = tuple(document["Values"])
            assert values not in kept and len(values) == len(keys) and all(values)
            kept[values] = copy.deepcopy({**document})
            self.writes.append("create partition")

    def update_partitions(
        self, database: str, table: str, documents: Sequence[Mapping[str, Any]]
    ) -> None:
        for document in documents:
            kept = self.parts[database, table]
            assert tuple(document["Values"]) in kept
            kept[tuple(document["Values"])] = copy.deepcopy({**document})
            self.writes.append("update partition")

    def delete_partitions(self, database: str, table: str, values: Sequence[Sequence[str]]) -> None:
        for one in values:
            del self.parts[database, table][tuple(one)]
            self.writes.append("delete partition")
