"""One crawl: list, look at the files, group them, write what has changed.

https://docs.aws.amazon.com/glue/latest/dg/crawler-running.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from glueball.core.errors import InvalidInput
from glueball.core.s3_uri import parse_s3_uri
from glueball.crawl.catalog import Catalog
from glueball.crawl.changes import is_of_another_kind
from glueball.crawl.classified_files import ClassifiedFiles
from glueball.crawl.crawler import Crawler, S3Target, TableTarget
from glueball.crawl.errors import MissingTable
from glueball.crawl.grouping import Grouped, group, group_as
from glueball.crawl.known_places import KnownPlaces, as_found, new_folders, rebased
from glueball.crawl.listing import Listing, list_target
from glueball.crawl.log import CrawlLog
from glueball.crawl.lookers import Looker, OneLooker
from glueball.crawl.looking import Seen, look_at
from glueball.crawl.memory import CrawlMemory
from glueball.crawl.names import location_of
from glueball.crawl.objects import Objects
from glueball.crawl.places import Keys, Place, Places, are_related
from glueball.crawl.reports import Summary
from glueball.crawl.spools import SortedTexts
from glueball.crawl.table_inputs import Stamp
from glueball.crawl.tables import FoundTable, LookedAt
from glueball.crawl.writing import Writer

#: a table of the catalog, and the same with its new partitions
_Added: TypeAlias = tuple[Mapping[str, Any], FoundTable]

#: files that the log names of those that do not fit, as AWS's does
_NAMED: Final = 200
#: files that are not worth starting processes for
_FEW: Final = 250


@dataclass(frozen=True, kw_only=True, slots=True)
class Means:
    """What a crawl works with."""

    objects: Objects
    catalog: Catalog
    log: CrawlLog
    run_id: str
    now: float  #: epoch seconds
    #: looks at many files, in processes that it starts; None: this one does
    lookers: Callable[[], Looker] | None = None
    memory: CrawlMemory | None = None  #: what the crawler remembers of its last crawl
    directory: Path | None = None  #: where lists may lie; None: among the system's temporary files


def run_crawl(crawler: Crawler, means: Means) -> Summary:
    """Crawl all targets and write what has changed.

    Returns:
        What was done.

    Raises:
        CrawlFailed: it cannot go on; what was written until then stays.
    """
    with closing(_Lookers(means)) as lookers:
        return _run(crawler, means, lookers)


def _run(crawler: Crawler, means: Means, lookers: _Lookers) -> Summary:
    crawl = _Crawl(crawler, means, lookers)
    means.log.benchmark(f"Running Start Crawl for Crawler {crawler.name}")
    if crawler.table_targets:
        for target in crawler.table_targets:
            crawl.crawl_table(target)
    else:
        crawl.crawl_places(crawler.s3_targets)
    means.log.benchmark("Finished writing to Catalog")
    for line in crawl.summary.lines():
        means.log.info(line)
    return crawl.summary


class _Lookers:
    """Who looks at the files of a crawl: this process at few of them, others at many.

    Args:
        means: of the crawl.
    """

    def __init__(self, means: Means) -> None:
        self._one = OneLooker(means.objects)
        self._start = means.lookers
        self._many: Looker | None = None

    def of(self, count: int) -> Looker:
        """Return who looks at so many files."""
        if self._many is None and self._start is not None and count > _FEW:
            self._many = self._start()
        return self._many or self._one

    def close(self) -> None:
        """End the processes, where there are any."""
        if self._many is not None:
            self._many.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Looked:
    """What there is at a target."""

    place: Place
    stamp: Stamp
    grouped: Grouped
    added: Sequence[_Added] = ()


class _Crawl:
    def __init__(self, crawler: Crawler, means: Means, lookers: _Lookers) -> None:
        self._crawler = crawler
        self._means = means
        self._lookers = lookers
        self._log = means.log
        self.summary = Summary()

    def crawl_places(self, targets: Sequence[S3Target]) -> None:
        """Crawl places in S3."""
        writer = self._writer(self._crawler.database)
        only_new = self._crawler.policy.new_folders_only
        known = writer.tables() if only_new else None
        looked = [self._crawl_place(target, known) for target in targets]
        self._log.benchmark(
            f"Classification complete, writing results to database {self._crawler.database}"
        )
        found: dict[tuple[str, str, tuple[str, ...]], tuple[FoundTable, Stamp]] = {}
        for place in looked:
            for table in place.grouped.tables:
                # Targets may lie in one another.
                key = (table.location, str(table.kind), table.keys)
                found.setdefault(key, (table, place.stamp))
        places = Places(one.place for one in looked)
        writer.write(list(found.values()), self._crawler.table_prefix, self._crawler.name, places)
        for place in looked:
            for there, new in place.added:
                writer.write_partitions(there["Name"], there, new, place.stamp, places)

    def _crawl_place(
        self, target: S3Target, known: Mapping[str, Mapping[str, Any]] | None
    ) -> _Looked:
        """Look at a target: at all of it, or at what is not among the tables that are known."""
        listing = self._list(target)
        added: Sequence[_Added] = ()
        if known is not None:
            seen, grouped, added = self._new_folders(listing, target, known)
        else:
            seen = self._look_at(listing, target)
            grouped = self._grouped(listing, seen.files)
        place = _place(listing, target, seen, grouped.misfits, self._means.directory)
        return _Looked(place=place, stamp=self._stamp(target), grouped=grouped, added=added)

    def crawl_table(self, target: TableTarget) -> None:
        """Crawl the location of a table of the catalog.

        Raises:
            MissingTable: there is none, or none with files in S3.
        """
        known = self._means.catalog.table(target.database, target.table)
        if known is None:
            raise MissingTable(target.database, target.table)
        base, stamp = self._place_of(target, known)
        listing = self._list(base)
        seen = self._look_at(listing, base)
        found, misfits = group_as(as_found(known), listing, seen.files)
        self._tell_misfits(misfits)
        if not found.contents.schema:
            self._log.warn(
                f"There are no files at {found.location} that fit the table {target.table}; it is "
                "left as it is"
            )
            return
        places = Places([_place(listing, base, seen, misfits, self._means.directory)])
        writer = self._writer(target.database)
        writer.write_table(target.table, known, found, stamp, places)

    def _place_of(self, target: TableTarget, known: Mapping[str, Any]) -> tuple[S3Target, Stamp]:
        """Return where a table's files are, without what it excludes, and what signs it."""
        if is_of_another_kind(known):
            why = "keeps its own metadata, or is a view: it cannot be crawled"
            raise MissingTable(target.database, target.table, why)
        try:
            place = parse_s3_uri(location_of(known))
        except InvalidInput as error:
            why = f"has no location in S3 ({error})"
            raise MissingTable(target.database, target.table, why) from error
        exclusions = _exclusions(known)
        base = S3Target(place=place).base
        patterns = tuple(one[len(base) :] for one in exclusions if one.startswith(base))
        stamp = replace(self._stamp(S3Target(place=place)), exclusions=exclusions)
        return S3Target(place=place, patterns=patterns), stamp

    def _grouped(self, listing: Listing, files: ClassifiedFiles | Sequence[LookedAt]) -> Grouped:
        policy = self._crawler.policy
        grouped = group(listing, files, combine=policy.combine, table_level=policy.table_level)
        self._tell_misfits(grouped.misfits)
        self._tell_levels(grouped.tables)
        for partition in grouped.doubled:
            self._log.warn(
                f"Another folder has the values {'/'.join(partition.values)}, skipped folder: "
                f"{partition.location}"
            )
        return grouped

    def _new_folders(
        self, listing: Listing, target: S3Target, known: Mapping[str, Mapping[str, Any]]
    ) -> tuple[Seen, Grouped, list[_Added]]:
        """Look at the files in folders that the catalog does not know.

        Returns:
            The files, the tables that they are, and the partitions that they are of tables that
            are known.
        """
        near = [one for one in known.values() if are_related(location_of(one), listing.base)]
        partitioned = [one for one in near if one.get("PartitionKeys")]
        seen = self._look_at(listing, target, self._known_places(near))
        fresh, old = {}, []
        for one in seen.files:
            if one.known:
                old.append(one)
            else:
                fresh[one.location] = one
        added = []
        # Of tables that lie in one another, the inner one has the file.
        for table in sorted(partitioned, key=location_of, reverse=True):
            place, below = rebased(listing, location_of(table), fresh.values())
            if below:
                added.append((table, self._fitting(table, place, below)))
                old += [replace(fresh.pop(one.location), known=True) for one in below]
        return seen, self._grouped(listing, [*fresh.values(), *old]), added

    def _fitting(
        self, table: Mapping[str, Any], listing: Listing, files: Sequence[LookedAt]
    ) -> FoundTable:
        """Return a table with the partitions that new files are; say which are none."""
        new = new_folders(table, listing, files)
        for note in new.skipped:
            self._log.info(f"{note} (table {table['Name']})")
        return new.table

    def _known_places(self, tables: Iterable[Mapping[str, Any]]) -> KnownPlaces:
        locations: list[str] = []
        for table in tables:
            if table.get("PartitionKeys"):
                partitions = self._means.catalog.partitions(
                    self._crawler.database, table["Name"], columns=False
                )
                locations += map(location_of, partitions)
            else:
                locations.append(location_of(table))
        return KnownPlaces(locations)

    def _list(self, target: S3Target) -> Listing:
        listing = list_target(self._means.objects, target, self._means.directory)
        for note in listing.notes():
            self._log.info(note)
        if not listing.files:
            self._log.warn(f"There are no files at {target.place}")
        return listing

    def _look_at(
        self, listing: Listing, target: S3Target, known: KnownPlaces | None = None
    ) -> Seen:
        memory = self._means.memory
        seen = look_at(
            self._lookers.of(len(listing.files)),
            listing.files,
            base=listing.base,
            sample_size=target.sample_size,
            is_known=lambda one: known is not None and known.have(one.object.location),
            memory=memory.recalled(target.base) if memory else None,
            directory=self._means.directory,
        )
        if memory and seen.opened:
            memory.keep(target.base, seen.files)
        if seen.remembered:
            self._log.info(
                f"{seen.remembered} files below {listing.base} have not changed since they were "
                "looked at; they were not opened"
            )
        for note in seen.notes():
            self._log.info(note)
        return seen

    def _tell_misfits(self, misfits: Sequence[LookedAt]) -> None:
        if misfits:
            named = ", ".join(sorted(one.location for one in misfits)[:_NAMED])
            self._log.warn(
                f"Some files do not match the schema detected. Remove or exclude the following "
                f"files from the crawler (truncated to first {_NAMED} files): {named}"
            )

    def _tell_levels(self, tables: Iterable[FoundTable]) -> None:
        """Say which tables lie deeper than they are asked to, in AWS's words."""
        level = self._crawler.policy.table_level
        for table in tables:
            if level is not None and table.location.rstrip("/").count("/") - 1 > level:
                self._log.warn(
                    f"Found schemas don't match at level {level}; the table is at {table.location}"
                )

    def _writer(self, database: str) -> Writer:
        return Writer(
            self._means.catalog,
            database,
            self._crawler.policy,
            self._log,
            self.summary,
            self._means.now,
        )

    def _stamp(self, target: S3Target) -> Stamp:
        return Stamp(
            crawler=self._crawler.name,
            run_id=self._means.run_id,
            exclusions=tuple(f"{target.base}{pattern}" for pattern in target.patterns),
            filtering=self._crawler.policy.partition_index,
        )


def _place(
    listing: Listing,
    target: S3Target,
    seen: Seen,
    misfits: Iterable[LookedAt],
    directory: Path | None,
) -> Place:
    """Return what lies at a target, and what of it is part of tables.

    Args:
        listing: what there is.
        target: it covers a folder, or one object.
        seen: the files.
        misfits: those of them that are part of no table.
        directory: where lists may lie; None: among the system's temporary files.
    """
    left_out = {one.file.object.key for one in misfits}
    used = SortedTexts(directory)
    used.extend(key for key in seen.files.usable_keys() if key not in left_out)
    return Place(
        base=f"{target.place}/" if listing.is_object else listing.base,
        everything=Keys(listing.bucket, listing.keys),
        used=Keys(listing.bucket, used),
    )


def _exclusions(table: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the patterns that a table's parameter has."""
    text = (table.get("Parameters") or {}).get("exclusions")
    try:
        patterns = json.loads(text) if text else []
    except ValueError:
        patterns = []
    return tuple(map(str, patterns)) if isinstance(patterns, list) else ()
