"""What a crawl has done, as it tells it: tables by name, partitions by number."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

#: by what a report has, what events call it
_COUNTS: Mapping[str, str] = {
    "TablesCreated": "tablesCreated",
    "TablesUpdated": "tablesUpdated",
    "TablesDeleted": "tablesDeleted",
    "PartitionsCreated": "partitionsCreated",
    "PartitionsUpdated": "partitionsUpdated",
    "PartitionsDeleted": "partitionsDeleted",
}
#: by what a summary calls it: the report's members of tables and of partitions
_CHANGES = {
    "ADD": ("TablesCreated", "PartitionsCreated"),
    "UPDATE": ("TablesUpdated", "PartitionsUpdated"),
    "DELETE": ("TablesDeleted", "PartitionsDeleted"),
}


def counts(report: Mapping[str, Any] | None) -> dict[str, int]:
    """Return how many tables and partitions a crawl has created, updated and deleted.

    Args:
        report: None where it has told nothing.
    """
    return {told: _number((report or {}).get(name)) for name, told in _COUNTS.items()}


def summary(report: Mapping[str, Any]) -> str:
    """Return AWS's `CrawlerHistory.Summary`: a run summary in JSON, nothing of what did not
    change."""
    found: dict[str, Any] = {}
    for change, (tables, partitions) in _CHANGES.items():
        if names := report.get(tables):
            of_tables = {"Count": len(names), "Details": {"names": list(names)}}
            found.setdefault("TABLE", {})[change] = json.dumps(of_tables)
        if number := report.get(partitions):
            found.setdefault("PARTITION", {})[change] = json.dumps({"Count": number})
    return json.dumps(found)


def _number(value: Any) -> int:
    return len(value) if isinstance(value, list) else int(value or 0)
