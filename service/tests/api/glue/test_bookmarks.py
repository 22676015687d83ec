from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from glueball.api import runtime
from glueball.api.context import Context
from glueball.api.glue import bookmarks, jobs, runs
from glueball.core.errors import AccessDenied, EntityNotFound, VersionMismatch
from glueball.core.runs import RunState
from glueball.stores import bookmarks as stored_bookmarks
from glueball.stores import runs as stored_runs
from support.clocks import VirtualClock
from support.contexts import call
from support.runs import BASE_TIME


@pytest.fixture(autouse=True)
def _job(context: Context) -> None:
    create(context)


def create(context: Context) -> None:
    request: Any = {
        "Name": "etl",
        "Role": "r",
        "Command": {"Name": "glueetl", "ScriptLocation": "s3://scripts/etl.py"},
        "ExecutionProperty": {"MaxConcurrentRuns": 10},
    }
    jobs.create_job(context, request)


def started(context: Context) -> str:
    run_id = str(runs.start_job_run(context, {"JobName": "etl"})["JobRunId"])
    with context.database.write() as connection:
        run = stored_runs.get(connection, run_id)
        assert run is not None
        stored_runs.change(connection, run, to=RunState.STARTING, now=BASE_TIME)
    return run_id


def end(context: Context, run_id: str) -> None:
    with context.database.write() as connection:
        run = stored_runs.get(connection, run_id)
        assert run is not None
        stored_runs.change(connection, run, to=RunState.FAILED, now=BASE_TIME)


def token(context: Context, run_id: str) -> str:
    with context.database.read() as connection:
        run = stored_runs.get(connection, run_id)
    assert run is not None
    return run.token


def commit(context: Context, run_id: str, version: int, state: str, **changes: Any) -> int:
    request: Any = {
        "JobName": "etl",
        "RunId": run_id,
        "Token": token(context, run_id),
        "Version": version,
        "JobBookmark": state,
        **changes,
    }
    caller = replace(context, call=call(run_id))
    return int(runtime.commit_job_bookmark(caller, request)["Version"])


def read(context: Context, run_id: str) -> dict[str, Any]:
    caller = replace(context, call=call(run_id))
    return runtime.read_job_bookmark(caller, {"JobName": "etl", "RunId": run_id})


def test_a_commit_is_what_the_next_run_reads(context: Context) -> None:
    first = started(context)
    assert read(context, first) == {"Version": 0, "JobBookmark": "", "Run": 0, "Attempt": 0}
    assert commit(context, first, 0, '{"a":1}') == 1
    second = started(context)
    assert read(context, second)["JobBookmark"] == '{"a":1}'
    assert commit(context, second, 1, '{"a":2}') == 2
    entry = bookmarks.get_job_bookmark(context, {"JobName": "etl"})["JobBookmarkEntry"]
    assert (entry["Version"], entry["Run"], entry["RunId"], entry["PreviousRunId"]) == (
        2,
        2,
        second,
        first,
    )


def test_of_two_runs_that_collide_one_wins(context: Context) -> None:
    first, second = started(context), started(context)
    commit(context, first, 0, "{}")
    with pytest.raises(VersionMismatch, match="this run read version 0"):
        commit(context, second, 0, "{}")


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.STOPPING])
def test_a_late_process_writes_nothing(context: Context, state: RunState) -> None:
    run_id = started(context)
    with context.database.write() as connection:
        run = stored_runs.get(connection, run_id)
        assert run is not None
        stored_runs.change(connection, run, to=state, now=BASE_TIME)
    if state is RunState.STOPPING:  # it still holds its capacity, and its token
        assert commit(context, run_id, 0, "{}") == 1
        return
    with pytest.raises(AccessDenied, match="has ended"):
        commit(context, run_id, 0, "{}")


def test_an_old_token_writes_nothing(context: Context) -> None:
    run_id = started(context)
    with pytest.raises(AccessDenied):
        commit(context, run_id, 0, "{}", Token="of an earlier attempt")


@pytest.mark.parametrize("created_again", [False, True])
def test_a_run_of_a_deleted_job_leaves_no_bookmark(context: Context, created_again: bool) -> None:
    run_id = started(context)
    jobs.delete_job(context, {"JobName": "etl"})
    if created_again:
        create(replace(context, clock=VirtualClock(BASE_TIME + 1)))
    with pytest.raises(EntityNotFound, match="was deleted"):
        commit(context, run_id, 0, "{}")


def test_only_the_run_itself_comes_in(context: Context) -> None:
    run_id, other = started(context), started(context)
    for caller in (call(), call(other)):
        with pytest.raises(AccessDenied, match="Only the run itself"):
            runtime.read_job_bookmark(
                replace(context, call=caller), {"JobName": "etl", "RunId": run_id}
            )


def test_a_reset_forgets_and_defeats_runs_that_began_before(context: Context) -> None:
    first, second = started(context), started(context)
    commit(context, first, 0, '{"a":1}')
    bookmarks.reset_job_bookmark(context, {"JobName": "etl"})
    assert read(context, second) == {"Version": 2, "JobBookmark": "", "Run": 1, "Attempt": 0}
    with pytest.raises(VersionMismatch):
        commit(context, second, 1, "{}")


def test_a_bookmark_is_wound_back_to_a_run(context: Context) -> None:
    first, second = started(context), started(context)
    commit(context, first, 0, '{"a":1}')
    commit(context, second, 1, '{"a":2}')
    answer = bookmarks.reset_job_bookmark(context, {"JobName": "etl", "RunId": first})
    assert answer["JobBookmarkEntry"]["JobBookmark"] == '{"a":1}'
    assert answer["JobBookmarkEntry"]["Version"] == 3
    assert read(context, started(context))["JobBookmark"] == '{"a":1}'


def test_a_bookmark_is_wound_back_as_far_as_it_is_kept(context: Context) -> None:
    committed = []
    for version in range(stored_bookmarks.KEPT + 1):
        run_id = started(context)
        assert commit(context, run_id, version, f'{{"a":{version}}}') == version + 1
        committed.append(run_id)
        end(context, run_id)
    with pytest.raises(EntityNotFound, match="not among the last 100"):
        bookmarks.reset_job_bookmark(context, {"JobName": "etl", "RunId": committed[0]})
    answer = bookmarks.reset_job_bookmark(context, {"JobName": "etl", "RunId": committed[1]})
    assert answer["JobBookmarkEntry"]["JobBookmark"] == '{"a":1}'
    with context.database.read() as connection:
        kept = connection.exec_driver_sql("SELECT count(*) FROM bookmarks").scalar_one()
    assert kept == stored_bookmarks.KEPT


@pytest.mark.parametrize("request_", [{"JobName": "etl"}, {"JobName": "etl", "RunId": "jr_none"}])
def test_what_nobody_committed_is_not_there(context: Context, request_: Any) -> None:
    for operation in (bookmarks.get_job_bookmark, bookmarks.reset_job_bookmark):
        with pytest.raises(EntityNotFound, match="No bookmark found"):
            operation(context, request_)
