"""The door for runs: what `Job.init` reads, what `Job.commit` writes, and what a crawl has done.

Not part of AWS's public API; only a run's own temporary credentials open it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from glueball.api.context import Context
from glueball.core.crawls import crawler_of
from glueball.core.errors import AccessDenied, EntityNotFound, VersionMismatch
from glueball.core.runs import HOLDING, Run
from glueball.stores import bookmarks, crawlers, jobs, runs
from glueball.stores.bookmarks import Bookmark

if TYPE_CHECKING:
    from sqlalchemy import Connection


class ReadJobBookmarkRequest(TypedDict):
    JobName: str
    RunId: str


class ReportCrawlRequest(TypedDict):
    RunId: str
    Token: str
    Summary: dict[str, Any]


class CommitJobBookmarkRequest(TypedDict):
    JobName: str
    RunId: str
    Token: str
    Version: int  #: the version that the run read; 0 where there was none
    JobBookmark: str


def read_job_bookmark(context: Context, request: ReadJobBookmarkRequest) -> dict[str, Any]:
    """Give a run the newest bookmark of its job."""
    with context.database.read() as connection:
        _own_run(context, connection, request["JobName"], request["RunId"])
        bookmark = bookmarks.latest(connection, request["JobName"])
    if bookmark is None:
        return {"Version": 0, "JobBookmark": "", "Run": 0, "Attempt": 0}
    return {
        "Version": bookmark.version,
        "JobBookmark": bookmark.state,
        "Run": bookmark.run_number,
        "Attempt": bookmark.attempt,
    }


def commit_job_bookmark(context: Context, request: CommitJobBookmarkRequest) -> dict[str, Any]:
    """Advance a job's bookmark, all contexts at once.

    Raises:
        AccessDenied: the run is not the caller's, has ended, or shows an old fencing token.
        EntityNotFound: the job was deleted since the run was submitted, and its bookmark with it.
        VersionMismatch: another run committed, or the bookmark was reset, since this run began.
    """
    name, run_id = request["JobName"], request["RunId"]
    with context.database.write_behind() as connection:
        run = _own_run(context, connection, name, run_id)
        _check_alive(run, request["Token"], "write the bookmark")
        job = jobs.get(connection, name)
        if job is None or job.created > run.submitted:
            raise EntityNotFound(f"The job {name} was deleted, and its bookmark with it.")
        newest = bookmarks.latest(connection, name)
        found = 0 if newest is None else newest.version
        if found != request["Version"]:
            raise VersionMismatch(
                f"The bookmark of job {name} is at version {found}; this run read version "
                f"{request['Version']}. Another run committed meanwhile, or it was reset."
            )
        bookmark = _advanced(newest, run, request["JobBookmark"], context.clock.now())
        bookmarks.append(connection, bookmark)
    return {"Version": bookmark.version}


def report_crawl(context: Context, request: ReportCrawlRequest) -> dict[str, Any]:
    """Keep what a crawl has done; the last that it tells counts.

    Raises:
        AccessDenied: the crawl is not the caller's, has ended, or shows an old fencing token.
    """
    run_id = request["RunId"]
    with context.database.write_behind() as connection:
        run = _own(context, connection, run_id)
        if run is None or crawler_of(run) is None:
            raise EntityNotFound(f"Crawl {run_id} not found.")
        _check_alive(run, request["Token"], "report")
        crawlers.keep_report(connection, run_id, request["Summary"])
    return {}


def _advanced(newest: Bookmark | None, run: Run, state: str, now: float) -> Bookmark:
    return Bookmark(
        job_name=run.job_name,
        version=1 if newest is None else newest.version + 1,
        run_number=1 if newest is None else newest.run_number + 1,
        attempt=run.attempt,
        run_id=run.id,
        previous_run_id=None if newest is None else newest.run_id,
        state=state,
        committed=now,
    )


def _own_run(context: Context, connection: Connection, job_name: str, run_id: str) -> Run:
    run = _own(context, connection, run_id)
    if run is None or run.job_name != job_name:
        raise EntityNotFound(f"Job run {run_id} of job {job_name} not found.")
    return run


def _own(context: Context, connection: Connection, run_id: str) -> Run | None:
    """Return the run that asks, if there is one of this id.

    Raises:
        AccessDenied: it is another one.
    """
    if context.call.caller.run_id != run_id:
        raise AccessDenied("Only the run itself may use what belongs to it.")
    return runs.get(connection, run_id)


def _check_alive(run: Run, token: str, what: str) -> None:
    if run.token != token or run.state not in HOLDING:
        raise AccessDenied(f"The attempt {run.id} has ended; it may not {what}.")
