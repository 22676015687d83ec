"""Crawlers. https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-crawling.html"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.paging import decode_token, encode_token
from glueball.core import crawlers as rules
from glueball.core.arns import resource_arn
from glueball.core.crawlers import Crawler
from glueball.core.crawls import LOG_GROUP, crawler_state, last_status, run_name
from glueball.core.errors import AlreadyExists, CrawlerRunning, EntityNotFound, InvalidInput
from glueball.core.runs import TERMINAL, Run
from glueball.orchestration.schedules import forget_crawler
from glueball.stores import crawlers, runs, tags
from glueball.stores.object_errors import NoSuchBucket

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        BatchGetCrawlersRequestTypeDef,
        CreateCrawlerRequestTypeDef,
        DeleteCrawlerRequestTypeDef,
        GetCrawlerRequestTypeDef,
        GetCrawlersRequestTypeDef,
        ListCrawlersRequestTypeDef,
        UpdateCrawlerRequestTypeDef,
    )
    from sqlalchemy import Connection

_PAGE = 100
_MAX_PAGE = 1000
#: newest crawls among which the last one that has ended is
_LOOKED_AT = 2


def create_crawler(context: Context, request: CreateCrawlerRequestTypeDef) -> dict[str, Any]:
    """Keep a new crawler; a schedule is in force at once.

    Raises:
        AlreadyExists: there is a crawler of this name.
        InvalidInput: it names a custom classifier: there are none yet; or a bucket that is not
            there.
    """
    crawler = rules.define({**request}, context.clock.now())
    _check_classifiers(crawler)
    _check_buckets(context, crawler)
    with context.database.write_behind() as connection:
        if crawlers.get(connection, crawler.name) is not None:
            raise AlreadyExists(f"{crawler.name} already exists")
        crawlers.insert(connection, crawler)
        tags.add(connection, _arn(context, crawler.name), request.get("Tags", {}))
    context.wake()
    return {}


def update_crawler(context: Context, request: UpdateCrawlerRequestTypeDef) -> dict[str, Any]:
    """Change what is named of a crawler.

    Raises:
        CrawlerRunning: "you must stop it using StopCrawler before updating it".
        InvalidInput: it names new targets in a bucket that is not there.
    """
    name = request["Name"]
    with context.database.write_behind() as connection:
        crawler = rules.update(existing(connection, name), {**request}, context.clock.now())
        _check_classifiers(crawler)
        if "Targets" in request:
            _check_buckets(context, crawler)
        _check_at_rest(connection, name)
        crawlers.replace(connection, crawler)
    context.wake()
    return {}


def delete_crawler(context: Context, request: DeleteCrawlerRequestTypeDef) -> dict[str, Any]:
    """Forget a crawler; the tables that it made stay.

    Raises:
        CrawlerRunning: it runs.
    """
    name = request["Name"]
    with context.database.write_behind() as connection:
        existing(connection, name)
        _check_at_rest(connection, name)
        crawlers.delete(connection, name)
        forget_crawler(connection, name)
        tags.clear(connection, _arn(context, name))
    return {}


def get_crawler(context: Context, request: GetCrawlerRequestTypeDef) -> dict[str, Any]:
    """Show a crawler."""
    now = context.clock.now()
    with context.database.read() as connection:
        return {
            "Crawler": _shown(
                connection, existing(connection, request["Name"], "Crawler entry"), now
            )
        }


def get_crawlers(context: Context, request: GetCrawlersRequestTypeDef) -> dict[str, Any]:
    """Show all crawlers, in order of name, a page at a time."""
    after, size = _place("GetCrawlers", request)
    now = context.clock.now()
    with context.database.read() as connection:
        found = crawlers.page(connection, after=after, limit=size + 1)
        shown = [_shown(connection, crawler, now) for crawler in found[:size]]
    return {"Crawlers": shown, **_next("GetCrawlers", [one.name for one in found], size)}


def list_crawlers(context: Context, request: ListCrawlersRequestTypeDef) -> dict[str, Any]:
    """Name all crawlers, or those that have all the tags asked for."""
    after, size = _place("ListCrawlers", request)
    with context.database.read() as connection:
        if wanted := request.get("Tags"):
            prefix = _arn(context, "")
            arns = tags.arns_with(connection, wanted, prefix)
            names = sorted(name for arn in arns if (name := arn.removeprefix(prefix)) > after)
        else:
            found = crawlers.page(connection, after=after, limit=size + 1)
            names = [crawler.name for crawler in found]
    return {"CrawlerNames": names[:size], **_next("ListCrawlers", names, size)}


def batch_get_crawlers(context: Context, request: BatchGetCrawlersRequestTypeDef) -> dict[str, Any]:
    """Show the crawlers named, and say which of the names are not there."""
    names = list(request["CrawlerNames"])
    now = context.clock.now()
    with context.database.read() as connection:
        found = {one.name: one for one in crawlers.named(connection, names)}
        shown = [_shown(connection, found[name], now) for name in names if name in found]
    return {"Crawlers": shown, "CrawlersNotFound": [one for one in names if one not in found]}


def existing(connection: Connection, name: str, noun: str = "Crawler") -> Crawler:
    """Return the crawler called `name`.

    Args:
        connection: to the database.
        name: the name.
        noun: what the error calls it: AWS says "Crawler entry" where a crawler is looked up, and
            "Crawler" where it is to run.

    Raises:
        EntityNotFound: there is none.
    """
    crawler = crawlers.get(connection, name)
    if crawler is None:
        raise EntityNotFound(f"{noun} with name {name} does not exist")
    return crawler


def _check_buckets(context: Context, crawler: Crawler) -> None:
    """Check that the buckets of a crawler's S3 targets are there, in AWS's words."""
    for target in crawler.document["Targets"]["S3Targets"]:
        bucket = rules.bucket_of(target["Path"])
        try:
            context.objects.bucket(bucket)
        except NoSuchBucket as error:
            raise InvalidInput(f"S3 bucket {bucket} does not exist.") from error


def _check_at_rest(connection: Connection, name: str) -> None:
    if runs.active_crawl(connection, run_name(name)) is not None:
        raise CrawlerRunning(
            f"The crawler {name} is running. Stop it, or wait until it has completed."
        )


def _check_classifiers(crawler: Crawler) -> None:
    """Custom classifiers cannot be made yet, so none that is named can be there."""
    if names := crawler.document["Classifiers"]:
        raise InvalidInput(
            f"Classifier with name {names[0]} does not exist. Custom classifiers cannot be made in "
            "this release of Glueball; leave Classifiers out."
        )


def _shown(connection: Connection, crawler: Crawler, now: float) -> dict[str, Any]:
    """Return AWS's `Crawler` shape."""
    name = run_name(crawler.name)
    newest = runs.crawls(
        connection, name=name, since=crawler.created, before=None, limit=_LOOKED_AT
    )
    active = runs.active_crawl(connection, name)
    last = next((run for _, run in newest if run.state in TERMINAL), None)
    members = {
        "Name": crawler.name,
        **crawler.document,
        "DatabaseName": crawler.database_name,
        "State": crawler_state(active),
        "Schedule": _schedule(crawler),
        "CrawlElapsedTime": 0 if active is None else max(0, int((now - active.submitted) * 1000)),
        "CreationTime": crawler.created,
        "LastUpdated": crawler.modified,
        "LastCrawl": None if last is None else _last_crawl(crawler.name, last),
        "Version": crawler.version,
    }
    return {name: value for name, value in members.items() if value is not None}


def _schedule(crawler: Crawler) -> dict[str, str] | None:
    if crawler.schedule is None:
        return None
    state = "NOT_SCHEDULED" if crawler.activated is None else "SCHEDULED"
    return {"ScheduleExpression": crawler.schedule, "State": state}


def _last_crawl(name: str, run: Run) -> dict[str, Any]:
    """Return AWS's `LastCrawlInfo` shape."""
    members = {
        "Status": last_status(run.state),
        "ErrorMessage": run.error_message,
        "LogGroup": LOG_GROUP,
        "LogStream": name,
        "MessagePrefix": run.id,
        "StartTime": run.submitted,
    }
    return {member: value for member, value in members.items() if value is not None}


def _place(operation: str, request: Mapping[str, Any]) -> tuple[str, int]:
    after = decode_token(request.get("NextToken"), operation, "") or ""
    return after, min(request.get("MaxResults", _PAGE), _MAX_PAGE)


def _next(operation: str, names: Sequence[str], size: int) -> dict[str, str]:
    """Return the token of the next page; `names` are those of this one, and one more if any."""
    return {"NextToken": encode_token(operation, "", names[size - 1])} if len(names) > size else {}


def _arn(context: Context, name: str) -> str:
    return resource_arn(context.account, "crawler", name)
