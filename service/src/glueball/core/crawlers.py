"""Crawlers: what is to be crawled, when, and what becomes of what is found.

https://docs.aws.amazon.com/glue/latest/webapi/API_Crawler.html and API_CreateCrawler.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from glueball.core.crawler_configuration import read_configuration
from glueball.core.errors import (
    InvalidInput,
    NoSchedule,
    SchedulerNotRunning,
    SchedulerRunning,
)
from glueball.core.exclusions import Exclusions
from glueball.core.s3_uri import S3Uri, parse_s3_uri
from glueball.core.schedules import parse_schedule, require_due

#: "If your crawler does not specify a database, your tables are placed in the default database"
#: (crawler-running.html)
DEFAULT_DATABASE = "default"
#: of AWS's CrawlerTargets: those that can be crawled here
CRAWLABLE = ("S3Targets", "CatalogTargets")
_TARGETS = (
    *CRAWLABLE,
    *("JdbcTargets", "MongoDBTargets", "DynamoDBTargets"),
    *("DeltaTargets", "IcebergTargets", "HudiTargets"),
)
_MEMBERS = (
    *("Role", "DatabaseName", "Description", "Targets", "Classifiers", "RecrawlPolicy"),
    *("SchemaChangePolicy", "LineageConfiguration", "LakeFormationConfiguration", "TablePrefix"),
    *("Configuration", "CrawlerSecurityConfiguration"),
)
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
    "SchemaChangePolicy": {
        "UpdateBehavior": "UPDATE_IN_DATABASE",
        "DeleteBehavior": "DEPRECATE_IN_DATABASE",
    },
    "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
    "LakeFormationConfiguration": {"UseLakeFormationCredentials": False, "AccountId": ""},
}
#: where tables are crawled. AWS refuses the default there; who has not chosen it need not know
_DEFAULTS_OF_TABLES: Mapping[str, Mapping[str, Any]] = {
    "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"},
}
#: "A valid value is an integer between 1 and 249" (API_S3Target.html)
_MOST_SAMPLES = 249
_LONGEST_NAME = 255
#: AWS's single line: no control character but the tab
_NAME = re.compile(f"[^\\x00-\\x08\\x0a-\\x1f\\ud800-\\udfff]{{0,{_LONGEST_NAME}}}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Crawler:
    """A crawler, as the store keeps it."""

    name: str
    created: float  #: epoch seconds
    modified: float
    version: int  #: 1, and one more with every change
    schedule: str | None  #: `cron(…)` or `rate(…)`, as it was written
    #: since when the schedule is in force; None while it is not
    activated: float | None
    next_due: float | None  #: when it is to run next, by its schedule
    #: members of AWS's `Crawler`, defaults filled in
    document: Mapping[str, Any]

    @property
    def database_name(self) -> str:
        """Where the tables go."""
        name: str = self.document.get("DatabaseName") or DEFAULT_DATABASE
        return name


def define(members: Mapping[str, Any], now: float) -> Crawler:
    """Make the crawler that a client asks for; its schedule is in force at once.

    Args:
        members: those of CreateCrawler.
        now: epoch seconds.

    Raises:
        InvalidInput: the members contradict each other or AWS's limits.
    """
    crawler = Crawler(
        name=members["Name"],
        created=now,
        modified=now,
        version=1,
        schedule=None,
        activated=None,
        next_due=None,
        document=_document(members),
    )
    return with_schedule(crawler, members.get("Schedule"), now)


def update(crawler: Crawler, members: Mapping[str, Any], now: float) -> Crawler:
    """Change what is named of a crawler; the rest stays, as UpdateCrawler does.

    Args:
        members: those of UpdateCrawler.
        now: epoch seconds.

    Raises:
        InvalidInput: the members contradict each other or AWS's limits.
    """
    changed = replace(
        crawler,
        modified=now,
        version=crawler.version + 1,
        document=_document({**crawler.document, **members}),
    )
    return with_schedule(changed, members["Schedule"], now) if "Schedule" in members else changed


def with_schedule(crawler: Crawler, schedule: str | None, now: float) -> Crawler:
    """Give a crawler a schedule, in force from now on; an empty one takes it away.

    Raises:
        InvalidInput: it cannot be understood, or is never due again.
    """
    if not schedule:
        return replace(crawler, schedule=None, activated=None, next_due=None)
    require_due(parse_schedule(schedule), now)
    return _timed(replace(crawler, schedule=schedule), now)


def start_schedule(crawler: Crawler, now: float) -> Crawler:
    """Put a crawler's schedule in force.

    Raises:
        NoSchedule: it has none.
        SchedulerRunning: it is in force.
        InvalidInput: it is never due again.
    """
    if crawler.schedule is None:
        raise NoSchedule(f"The crawler {crawler.name} has no schedule; give it one first.")
    if crawler.activated is not None:
        raise SchedulerRunning(f"The schedule of crawler {crawler.name} is in force already.")
    require_due(parse_schedule(crawler.schedule), now)
    return _timed(crawler, now)


def stop_schedule(crawler: Crawler) -> Crawler:
    """Let a crawler's schedule rest.

    Raises:
        SchedulerNotRunning: it has none in force.
    """
    if crawler.activated is None:
        raise SchedulerNotRunning(f"The crawler {crawler.name} has no schedule in force.")
    return replace(crawler, activated=None, next_due=None)


def check_crawlable(crawler: Crawler) -> None:
    """Check that all targets of a crawler are of a kind that can be crawled here.

    Raises:
        InvalidInput: one is not, or there is none.
    """
    targets = crawler.document["Targets"]
    others = [kind for kind in _TARGETS if targets[kind] and kind not in CRAWLABLE]
    if others:
        raise InvalidInput(
            f"{' and '.join(others)} can be defined but not crawled in this release of Glueball; "
            f"{' and '.join(CRAWLABLE)} can."
        )
    if crawler.document["RecrawlPolicy"]["RecrawlBehavior"] == "CRAWL_EVENT_MODE":
        raise InvalidInput(
            "Crawls by S3's events (CRAWL_EVENT_MODE) can be defined but not run in this release "
            "of Glueball; CRAWL_EVERYTHING and CRAWL_NEW_FOLDERS_ONLY run."
        )


def _timed(crawler: Crawler, now: float) -> Crawler:
    due = parse_schedule(crawler.schedule or "").next_after(now, now)
    return replace(crawler, activated=now, next_due=due)


def _document(members: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: members[name] for name in _MEMBERS if members.get(name) is not None}
    targets = _targets(given["Targets"])
    defaults = {**_DEFAULTS, **(_DEFAULTS_OF_TABLES if targets["CatalogTargets"] else {})}
    filled = {name: {**default, **given.get(name, {})} for name, default in defaults.items()}
    document = {"Classifiers": [], **given, **filled, "Targets": targets}
    _check_names(document)
    _check_recrawl(document)
    _check_deletions(document)
    read_configuration(document.get("Configuration"))
    return document


def _targets(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return targets with each kind, as AWS shows them."""
    targets = {kind: list(given.get(kind) or []) for kind in _TARGETS}
    if not any(targets.values()):
        raise InvalidInput("A crawler needs at least one target: S3Targets, say.")
    targets["S3Targets"] = [_s3_target(target) for target in targets["S3Targets"]]
    if targets["CatalogTargets"] and sum(map(bool, targets.values())) > 1:
        raise InvalidInput("CatalogTargets cannot be crawled together with other targets.")
    return targets


def _s3_target(target: Mapping[str, Any]) -> dict[str, Any]:
    if not target.get("Path"):
        raise InvalidInput("Each of S3Targets needs a Path: s3://bucket/folder.")
    _place_of(target["Path"])
    size = target.get("SampleSize")
    if size is not None and not 1 <= size <= _MOST_SAMPLES:
        raise InvalidInput(
            f"The SampleSize of {target['Path']} is {size}; it must be from 1 to {_MOST_SAMPLES}. "
            "Leave it out to have all files looked at."
        )
    exclusions = list(target.get("Exclusions") or [])
    Exclusions(exclusions)
    return {**target, "Exclusions": exclusions}


def bucket_of(path: str) -> str:
    """Return the bucket of an S3 target's path.

    Raises:
        InvalidInput: it is no place in S3.
    """
    return _place_of(path).bucket


def _place_of(path: str) -> S3Uri:
    return parse_s3_uri(path.rstrip("/") + "/")


def _check_names(document: Mapping[str, Any]) -> None:
    """Check the names of the role and the database, which AWS's model leaves open."""
    if not document.get("Role", "").strip():
        raise InvalidInput("Role is empty; give the name or the ARN of a role.")
    database = document.get("DatabaseName", "")
    if not _NAME.fullmatch(database):
        raise InvalidInput(
            f"DatabaseName must be a single line of at most {_LONGEST_NAME} characters. Shorten "
            "it, and take out line ends and control characters."
        )


def _check_recrawl(document: Mapping[str, Any]) -> None:
    """Check what AWS asks of crawls of new folders (incremental-crawls.html), in its words."""
    if document["RecrawlPolicy"]["RecrawlBehavior"] != "CRAWL_NEW_FOLDERS_ONLY":
        return
    targets = document["Targets"]
    if any(targets[kind] for kind in _TARGETS if kind != "S3Targets"):
        raise InvalidInput(
            'RecrawlBehavior "Crawl new folders only" can only apply to Amazon S3 target. Set it '
            "to CRAWL_EVERYTHING, or make S3Targets of the others."
        )
    policy = document["SchemaChangePolicy"]
    if {policy["UpdateBehavior"], policy["DeleteBehavior"]} != {"LOG"}:
        raise InvalidInput(
            'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only '
            "LOG DeleteBehavior value and LOG UpdateBehavior value."
        )


def _check_deletions(document: Mapping[str, Any]) -> None:
    """Check that a crawl of tables is to delete none.

    "Deleted objects found in the catalog tables are ignored"
    (define-crawler-choose-data-sources.html).
    """
    behavior = document["SchemaChangePolicy"]["DeleteBehavior"]
    if document["Targets"]["CatalogTargets"] and behavior != "LOG":
        raise InvalidInput(
            "The SchemaChangePolicy for CatalogTargets can have only LOG DeleteBehavior value; it "
            f"is {behavior}. Set it to LOG: a crawl of tables deletes none."
        )
