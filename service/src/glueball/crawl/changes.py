"""What a crawl does to the catalog, given what is there.

https://docs.aws.amazon.com/glue/latest/webapi/API_SchemaChangePolicy.html and
https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html: by default a crawler adds new
columns, removes missing ones, changes the types of others, and removes what no crawler has written.
The last does not happen here: what people have written stays, which are descriptions, the owner,
comments of columns, names and types of partition keys, and parameters that no crawler writes.

Nor does UPDATED_BY_CRAWLER change, though on AWS it names whoever has updated a table last. It says
to whom a table or a partition belongs: to the crawler that has made it, or to nobody where people
have. By the last updater, DELETE_FROM_DATABASE would delete what people have made as soon as a
crawl had updated it, and two crawlers of one place would take its tables from each other at each
crawl.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from glueball.crawl.crawler import DELETE, DEPRECATE, LOG, Policy
from glueball.crawl.names import location_of, same_place
from glueball.crawl.places import Fate
from glueball.crawl.table_inputs import CRAWLER, DEPRECATED, OWN, RUN, STATISTICS, inherited

#: members of AWS's `Table` and `Partition` that may be written
_TABLE_MEMBERS: Final = (
    *("Name", "Description", "Owner", "LastAccessTime", "LastAnalyzedTime", "Retention"),
    *("StorageDescriptor", "PartitionKeys", "ViewOriginalText", "ViewExpandedText", "TableType"),
    *("Parameters", "TargetTable"),
)
_PARTITION_MEMBERS: Final = (
    *("Values", "LastAccessTime", "LastAnalyzedTime", "StorageDescriptor", "Parameters"),
)
#: of formats that keep their own metadata, and what tables of theirs have for a parameter
_LAKES: Final = frozenset({"iceberg", "delta", "hudi"})
_LAKE_PARAMETERS: Final = ("table_type", "spark.sql.sources.provider", "classification")


@dataclass(frozen=True, kw_only=True, slots=True)
class TableChange:
    """What becomes of a table that is there."""

    document: Mapping[str, Any] | None = None  #: what to write; None: nothing
    archive: bool = False  #: whether it is more than statistics, so that a version is worth keeping
    differences: tuple[str, ...] = ()  #: what has changed, for the log


@dataclass(slots=True)
class PartitionChanges:
    """What becomes of a table's partitions."""

    created: list[Mapping[str, Any]] = field(default_factory=list)
    updated: list[Mapping[str, Any]] = field(default_factory=list)
    deleted: list[Sequence[str]] = field(default_factory=list)  #: their values
    regrouped: list[str] = field(default_factory=list)  #: values of those whose files are elsewhere
    passed_over: list[str] = field(default_factory=list)  #: and of those whose files do not count
    notes: list[str] = field(default_factory=list)


def is_of_another_kind(table: Mapping[str, Any]) -> bool:
    """Tell whether a table is none that a crawler may write: a view, or one of Iceberg's, say."""
    parameters = table.get("Parameters") or {}
    lake = any(str(parameters.get(name)).lower() in _LAKES for name in _LAKE_PARAMETERS)
    return lake or table.get("TableType") == "VIRTUAL_VIEW"


def table_change(known: Mapping[str, Any], found: Mapping[str, Any], policy: Policy) -> TableChange:
    """Return what becomes of a table of the catalog.

    Args:
        known: AWS's `Table`.
        found: the `TableInput` of what there is now.
        policy: what the crawl may do.
    """
    if policy.merge_columns and (told := _other_format(known, found)):
        return TableChange(differences=told)
    wanted = _widened(known, found) if policy.merge_columns else _replaced(known, found)
    differences = _differences(known, wanted)
    if policy.updates == LOG:
        return TableChange(differences=differences)
    if _is_written(known, wanted):
        return TableChange()
    archive = not _is_written(known, wanted, but=STATISTICS | {RUN})
    return TableChange(document=wanted, archive=archive, differences=differences)


def has_other_keys(known: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Tell whether the folders have other levels than the table has partition keys.

    A table without keys may get some.
    """
    before, now = known.get("PartitionKeys") or [], found["PartitionKeys"]
    return bool(before) and len(before) != len(now)


def _replaced(known: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table as it was found, with what people have written."""
    descriptor = known.get("StorageDescriptor") or {}
    keys = known.get("PartitionKeys") or []
    return {
        **_writable(known, _TABLE_MEMBERS),
        "StorageDescriptor": {
            **descriptor,
            **found["StorageDescriptor"],
            "Columns": _commented(descriptor, found["StorageDescriptor"]["Columns"]),
            "Parameters": _refreshed(
                descriptor.get("Parameters"), found["StorageDescriptor"]["Parameters"]
            ),
        },
        "PartitionKeys": keys or found["PartitionKeys"],
        "Parameters": _refreshed(known.get("Parameters"), found["Parameters"]),
    }


def _widened(known: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with the columns that are new, and with new statistics (MergeNewColumns)."""
    descriptor = known.get("StorageDescriptor") or {}
    columns = list(descriptor.get("Columns") or ())
    names = {column["Name"].lower() for column in columns}
    names |= {key["Name"].lower() for key in known.get("PartitionKeys") or ()}
    added = [one for one in found["StorageDescriptor"]["Columns"] if one["Name"] not in names]
    return {
        **_writable(known, _TABLE_MEMBERS),
        "StorageDescriptor": {
            **descriptor,
            "Columns": [*columns, *added],
            "Parameters": _counted(descriptor.get("Parameters"), found["Parameters"]),
        },
        "Parameters": _counted(known.get("Parameters"), found["Parameters"]),
    }


def _writable(known: Mapping[str, Any], members: Iterable[str]) -> dict[str, Any]:
    return {name: known[name] for name in members if known.get(name) is not None}


def _refreshed(known: Mapping[str, str] | None, found: Mapping[str, str]) -> dict[str, str]:
    """Return parameters as they were found, with those that people have added, and the owner."""
    kept = {name: text for name, text in (known or {}).items() if name not in OWN}
    return kept | {name: text for name, text in found.items() if name != CRAWLER}


def _counted(known: Mapping[str, str] | None, found: Mapping[str, str]) -> dict[str, str]:
    """Return parameters with new statistics."""
    fresh = {name: found[name] for name in (*STATISTICS, RUN) if name in found}
    return {name: text for name, text in {**(known or {}), **fresh}.items() if name != DEPRECATED}


def _commented(
    known: Mapping[str, Any], columns: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return columns with the comments and parameters that those of their names have."""
    before = {column["Name"].lower(): column for column in known.get("Columns") or ()}
    return [{**before.get(column["Name"], {}), **column} for column in columns]


def _is_written(
    known: Mapping[str, Any], wanted: Mapping[str, Any], but: Iterable[str] = (RUN,)
) -> bool:
    """Tell whether what is wanted is there, apart from some parameters."""
    left_out = frozenset(but)
    there = {name: known.get(name) for name in wanted}
    return _without(there, left_out) == _without(wanted, left_out)


def _without(document: Mapping[str, Any], left_out: frozenset[str]) -> dict[str, Any]:
    """Return a table or a partition without some of its parameters."""
    parts = dict(document)
    descriptor = dict(parts.get("StorageDescriptor") or {})
    for part in (parts, descriptor):
        parameters = part.get("Parameters") or {}
        part["Parameters"] = {name: parameters[name] for name in parameters.keys() - left_out}
    parts["StorageDescriptor"] = descriptor
    return parts


def _differences(known: Mapping[str, Any], wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """Say which columns and what else of a table's description has changed."""
    before, now = _types(known), _types(wanted)
    told = [f"new column {name} {now[name]}" for name in now if name not in before]
    told += [f"no column {name} any more" for name in before if name not in now]
    told += [
        f"column {name} is {now[name]}, not {before[name]}"
        for name in now
        if before.get(name, now[name]) != now[name]
    ]
    return (*told, *_other_format(known, wanted))


def _other_format(known: Mapping[str, Any], wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """Say how files are of another format than a table says, where it says it.

    AWS merges no columns then: "Cannot merge new columns into the table".
    """
    before, now = known.get("Parameters") or {}, wanted.get("Parameters") or {}
    return tuple(
        f"{name} is {now.get(name)}, not {before[name]}"
        for name in ("classification", "compressionType")
        if name in before and before[name] != now.get(name)
    )


def _types(table: Mapping[str, Any]) -> dict[str, str]:
    columns = (table.get("StorageDescriptor") or {}).get("Columns") or ()
    return {column["Name"].lower(): column.get("Type", "") for column in columns}


def deprecated(known: Mapping[str, Any], now: float, *, partition: bool = False) -> dict[str, Any]:
    """Return a table, or a partition, marked as one whose data is gone.

    Args:
        known: AWS's `Table` or `Partition`.
        now: epoch seconds.
        partition: which of them.
    """
    mark = {DEPRECATED: str(round(now * 1000))}
    descriptor = known.get("StorageDescriptor") or {}
    parameters = {**(descriptor.get("Parameters") or {}), **mark}
    return {
        **_writable(known, _PARTITION_MEMBERS if partition else _TABLE_MEMBERS),
        "StorageDescriptor": {**descriptor, "Parameters": parameters},
        "Parameters": {**(known.get("Parameters") or {}), **mark},
    }


def is_deprecated(known: Mapping[str, Any]) -> bool:
    """Tell whether a table or a partition is marked as one whose data is gone."""
    return DEPRECATED in (known.get("Parameters") or {})


def partition_changes(
    known: Iterable[Mapping[str, Any]],
    found: Iterable[Mapping[str, Any]],
    table: Mapping[str, Any],
    policy: Policy,
    fate_of: Callable[[Mapping[str, Any]], Fate],
    now: float,
) -> PartitionChanges:
    """Return what becomes of a table's partitions.

    Args:
        known: AWS's `Partition`s, all of the table.
        found: the `PartitionInput`s of what there is now.
        table: the table as it is now; partitions may inherit from it.
        policy: what the crawl may do. New partitions are always added.
        fate_of: tells what becomes of a partition that was not found.
        now: epoch seconds.
    """
    changes = PartitionChanges()
    left = {tuple(one["Values"]): one for one in known}
    for wanted in found:
        if policy.inherit:
            wanted = inherited(wanted, table)
        there = left.pop(tuple(wanted["Values"]), None)
        if there is None:
            changes.created.append(wanted)
        elif not policy.new_folders_only:
            _change(changes, there, wanted, policy)
    if not policy.new_folders_only:
        for one in left.values():
            _leave(changes, one, fate_of(one), policy, now)
    return changes


def _change(
    changes: PartitionChanges, known: Mapping[str, Any], found: Mapping[str, Any], policy: Policy
) -> None:
    if not same_place(location_of(known), location_of(found)):
        changes.notes.append(
            f"Partition {_values(known)} lies at {location_of(known)}; it is not changed, though "
            f"there is data at {location_of(found)}"
        )
        return
    widened = policy.merge_columns and not policy.inherit
    wanted = _partition(known, found, widened=widened)
    if _is_written(known, wanted):
        return
    # What partitions inherit is no change of the schema: LOG and InheritFromTable go together.
    if policy.updates != LOG or policy.inherit:
        changes.updated.append(wanted)
    elif told := _differences(known, wanted):
        changes.notes.append(f"Partition {_values(known)} has changed: {', '.join(told)}")


def _partition(
    known: Mapping[str, Any], found: Mapping[str, Any], *, widened: bool
) -> dict[str, Any]:
    of_table: dict[str, Any] = {"PartitionKeys": []}
    make = _widened if widened else _replaced
    document = make({**known, **of_table}, {**found, **of_table})
    return {
        **_writable(known, _PARTITION_MEMBERS),
        "StorageDescriptor": document["StorageDescriptor"],
        "Parameters": document["Parameters"],
    }


def _leave(
    changes: PartitionChanges, known: Mapping[str, Any], fate: Fate, policy: Policy, now: float
) -> None:
    """See to a partition that was not found."""
    match fate:
        case Fate.GONE:
            _forget(changes, known, policy, now)
        case Fate.REGROUPED:
            changes.regrouped.append(_values(known))
        case Fate.PASSED_OVER:
            changes.passed_over.append(_values(known))


def _forget(
    changes: PartitionChanges, known: Mapping[str, Any], policy: Policy, now: float
) -> None:
    if policy.deletions == DELETE:
        changes.deleted.append(list(known["Values"]))
    elif policy.deletions == DEPRECATE:
        if not is_deprecated(known):
            changes.updated.append(deprecated(known, now, partition=True))
    else:
        changes.notes.append(f"Partition {_values(known)} has no data any more")


def _values(partition: Mapping[str, Any]) -> str:
    return "/".join(partition["Values"])
