"""The crawler that a crawl runs for: what it looks at and what it may do to the catalog.

https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html and
https://docs.aws.amazon.com/glue/latest/webapi/API_Crawler.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from glueball.core.crawler_configuration import Configuration, read_configuration
from glueball.core.errors import InvalidInput
from glueball.core.exclusions import Exclusions
from glueball.core.s3_uri import S3Uri, parse_s3_uri
from glueball.crawl.errors import InvalidTarget

UPDATE: Final = "UPDATE_IN_DATABASE"
DELETE: Final = "DELETE_FROM_DATABASE"
DEPRECATE: Final = "DEPRECATE_IN_DATABASE"
LOG: Final = "LOG"

_NEW_FOLDERS: Final = "CRAWL_NEW_FOLDERS_ONLY"
_EVENTS: Final = "CRAWL_EVENT_MODE"
_CRAWLED: Final = ("S3Targets", "CatalogTargets")


@dataclass(frozen=True, kw_only=True, slots=True)
class S3Target:
    """A place to look at."""

    place: S3Uri
    patterns: tuple[str, ...] = ()  #: exclude patterns, relative to the place
    sample_size: int | None = None  #: files looked at in each folder; None: all

    @property
    def base(self) -> str:
        """The place as a folder: with a slash at its end."""
        key = self.place.key.rstrip("/")
        return f"s3://{self.place.bucket}/{key}/" if key else f"s3://{self.place.bucket}/"

    @property
    def exclusions(self) -> Exclusions:
        """Its patterns, ready to match.

        Raises:
            InvalidTarget: one of them cannot be read.
        """
        try:
            return Exclusions(self.patterns)
        except InvalidInput as error:
            raise InvalidTarget(str(error)) from error


@dataclass(frozen=True, kw_only=True, slots=True)
class TableTarget:
    """A table whose location is looked at."""

    database: str
    table: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What a crawl may do, with AWS's rules of what overrules what."""

    updates: str = UPDATE  #: UPDATE or LOG: what happens to tables that have changed
    deletions: str = DEPRECATE  #: DELETE, DEPRECATE or LOG: to those whose data is gone
    merge_columns: bool = False  #: columns are added to tables, and nothing else is changed
    inherit: bool = False  #: partitions are described as their table is
    new_folders_only: bool = False  #: what the catalog knows is not looked at
    combine: bool = False  #: files of one kind are one table, whatever their columns are
    table_level: int | None = None  #: how deep tables lie; the bucket is level 1
    most_tables: int | None = None  #: that may be found
    partition_index: bool = True  #: new tables get one


@dataclass(frozen=True, kw_only=True, slots=True)
class Crawler:
    """A crawler."""

    name: str
    database: str
    table_prefix: str
    s3_targets: tuple[S3Target, ...]
    table_targets: tuple[TableTarget, ...]
    policy: Policy


def read_crawler(given: Mapping[str, Any]) -> Crawler:
    """Read AWS's `Crawler`, as launch.json has it.

    Raises:
        InvalidTarget: it asks for what cannot be crawled, or in a manner that is not known.
    """
    targets = given.get("Targets") or {}
    for kind, members in targets.items():
        if members and kind not in _CRAWLED:
            raise InvalidTarget(
                f"{kind} cannot be crawled here: {' and '.join(_CRAWLED)} can. Take the others out "
                "of the crawler's Targets."
            )
    s3_targets = tuple(_s3_target(one) for one in targets.get("S3Targets") or ())
    table_targets = tuple(_table_targets(targets.get("CatalogTargets") or ()))
    if s3_targets and table_targets:
        raise InvalidTarget(
            "A crawler crawls either CatalogTargets or other targets. Make two crawlers of it."
        )
    if not s3_targets and not table_targets:
        raise InvalidTarget("The crawler has no target. Give it S3Targets or CatalogTargets.")
    return Crawler(
        name=given["Name"],
        database=given["DatabaseName"],
        table_prefix=given.get("TablePrefix") or "",
        s3_targets=s3_targets,
        table_targets=table_targets,
        policy=_policy(given, of_tables=bool(table_targets)),
    )


def _s3_target(given: Mapping[str, Any]) -> S3Target:
    path = str(given.get("Path") or "")
    try:
        place = parse_s3_uri(path if "://" in path else f"s3://{path}")
    except InvalidInput as error:
        raise InvalidTarget(f"{error} Correct the Path among the crawler's S3Targets.") from error
    return S3Target(
        place=place,
        patterns=tuple(given.get("Exclusions") or ()),
        sample_size=given.get("SampleSize") or None,
    )


def _table_targets(given: Any) -> Iterator[TableTarget]:
    for target in given:
        for table in target.get("Tables") or ():
            yield TableTarget(database=target["DatabaseName"].lower(), table=table.lower())


def _policy(given: Mapping[str, Any], *, of_tables: bool) -> Policy:
    """Return what a crawler may do.

    Crawls of new folders log all changes, and crawls of tables delete none and take all files of
    one kind together: https://docs.aws.amazon.com/glue/latest/dg/incremental-crawls.html and
    https://docs.aws.amazon.com/glue/latest/dg/define-crawler-choose-data-sources.html.
    """
    recrawl = given["RecrawlPolicy"]["RecrawlBehavior"]
    if recrawl == _EVENTS:
        raise InvalidTarget(
            f"{_EVENTS} reads a queue of SQS, which is not here. Set the crawler's RecrawlBehavior "
            f"to CRAWL_EVERYTHING or {_NEW_FOLDERS}."
        )
    changes = given["SchemaChangePolicy"]
    options = _configuration(given)
    logging = recrawl == _NEW_FOLDERS
    return Policy(
        updates=LOG if logging else changes["UpdateBehavior"],
        deletions=LOG if logging or of_tables else changes["DeleteBehavior"],
        merge_columns=options.merge_columns and not logging,
        inherit=options.inherit,
        # The first crawl looks at everything, or there would be nothing to add folders to.
        new_folders_only=logging and given.get("LastCrawlStarted") is not None,
        combine=options.combine or of_tables,
        table_level=options.table_level,
        most_tables=options.most_tables,
        partition_index=options.partition_index,
    )


def _configuration(given: Mapping[str, Any]) -> Configuration:
    """Read a crawler's `Configuration`, which may be older than what checks it now.

    Raises:
        InvalidTarget: it means nothing.
    """
    try:
        return read_configuration(given.get("Configuration"))
    except InvalidInput as error:
        raise InvalidTarget(f"{error} Correct the crawler's Configuration.") from error
