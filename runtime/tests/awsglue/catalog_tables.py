"""Tables for tests that need some in the Data Catalog."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


def columns(text: str) -> list[dict[str, str]]:
    """Return columns of a text: "n int, day string"."""
    pairs = [one.split(" ") for one in text.split(", ") if one]
    return [{"Name": name, "Type": type} for name, type in pairs]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tables:
    """Makes tables in one database, and looks at them."""

    client: Any
    database: str

    def make(
        self,
        name: str,
        location: str,
        parameters: dict[str, str],
        *,
        has: str = "",
        keys: str = "",
        serde: str = "",
        **serde_parameters: str,
    ) -> None:
        storage: dict[str, Any] = {"Columns": columns(has), "Location": location}
        if serde:
            storage["SerdeInfo"] = {"SerializationLibrary": serde, "Parameters": serde_parameters}
        table = {
            "Name": name,
            "StorageDescriptor": storage,
            "PartitionKeys": columns(keys),
            "Parameters": parameters,
        }
        self.client.create_table(DatabaseName=self.database, TableInput=table)

    def add(self, name: str, values: list[str], location: str) -> None:
        self.client.create_partition(
            DatabaseName=self.database,
            TableName=name,
            PartitionInput={"Values": values, "StorageDescriptor": {"Location": location}},
        )

    def get(self, name: str) -> dict[str, Any]:
        table: dict[str, Any] = self.client.get_table(DatabaseName=self.database, Name=name)
        return dict(table["Table"])

    def columns(self, name: str) -> dict[str, str]:
        found = self.get(name)["StorageDescriptor"]["Columns"]
        return {one["Name"]: one["Type"] for one in found}

    def partitions(self, name: str) -> dict[tuple[str, ...], str]:
        """Return the locations of partitions by their values."""
        answer = self.client.get_partitions(DatabaseName=self.database, TableName=name)
        return {
            tuple(one["Values"]): one["StorageDescriptor"]["Location"]
            for one in answer["Partitions"]
        }
