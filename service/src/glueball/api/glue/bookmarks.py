"""Job bookmarks as clients see them.

https://docs.aws.amazon.com/glue/latest/webapi/API_GetJobBookmark.html,
https://docs.aws.amazon.com/glue/latest/webapi/API_ResetJobBookmark.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.glue.jobs import existing
from glueball.core.errors import EntityNotFound
from glueball.stores import bookmarks
from glueball.stores.bookmarks import Bookmark

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        GetJobBookmarkRequestTypeDef,
        ResetJobBookmarkRequestTypeDef,
    )
    from sqlalchemy import Connection


def get_job_bookmark(context: Context, request: GetJobBookmarkRequestTypeDef) -> dict[str, Any]:
    """Show the newest bookmark of a job, or the one that a run committed."""
    with context.database.read() as connection:
        existing(connection, request["JobName"])
        return {"JobBookmarkEntry": shown(_found(connection, request))}


def reset_job_bookmark(context: Context, request: ResetJobBookmarkRequestTypeDef) -> dict[str, Any]:
    """Forget what was processed, or wind back to what was known after a run.

    The version goes on growing, so a run that began before the reset cannot commit over it.
    """
    name = request["JobName"]
    with context.database.write_behind() as connection:
        existing(connection, name)
        newest = bookmarks.latest(connection, name)
        if newest is None:
            raise EntityNotFound(f"No bookmark found for job {name}: no run has committed one.")
        entry = replace(newest, run_id=None, state="", attempt=0, previous_run_id=newest.run_id)
        if "RunId" in request:
            entry = _found(connection, request)
        entry = replace(entry, version=newest.version + 1, committed=context.clock.now())
        bookmarks.append(connection, entry)
    return {"JobBookmarkEntry": shown(entry)}


def shown(bookmark: Bookmark) -> dict[str, Any]:
    """Return AWS's `JobBookmarkEntry` shape."""
    members = {
        "JobName": bookmark.job_name,
        "Version": bookmark.version,
        "Run": bookmark.run_number,
        "Attempt": bookmark.attempt,
        "PreviousRunId": bookmark.previous_run_id,
        "RunId": bookmark.run_id,
        "JobBookmark": bookmark.state or "{}",
    }
    return {name: value for name, value in members.items() if value is not None}


def _found(
    connection: Connection,
    request: GetJobBookmarkRequestTypeDef | ResetJobBookmarkRequestTypeDef,
) -> Bookmark:
    name, run_id = request["JobName"], request.get("RunId")
    if run_id is None:
        bookmark = bookmarks.latest(connection, name)
        sentence = f"No bookmark found for job {name}: no run has committed one."
    else:
        bookmark = bookmarks.of_run(connection, name, run_id)
        sentence = (
            f"No bookmark found for job {name}: its run {run_id} has committed none, or it is not "
            f"among the last {bookmarks.KEPT}."
        )
    if bookmark is None:
        raise EntityNotFound(sentence)
    return bookmark
