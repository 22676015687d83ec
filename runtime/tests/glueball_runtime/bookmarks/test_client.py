from __future__ import annotations

import pytest

from glueball_runtime.bookmarks import SourceFile, documents
from glueball_runtime.bookmarks.client import ServiceBookmarks, open_bookmarks
from glueball_runtime.current_run import CurrentRun
from glueball_runtime.errors import BookmarkVersionMismatch, NotFound, NotPermitted
from glueball_runtime.service import ServiceClient
from tests.bookmark_service import HANG_UP, HANG_UP_AFTERWARDS, REGION, BookmarkService

A = SourceFile(path="s3://b/a", modified_ms=1_000, size=1)
B = SourceFile(path="s3://b/b", modified_ms=2_000, size=1)


def run_of(service: BookmarkService, run_id: str, token: str) -> CurrentRun:
    return CurrentRun(
        job_name="flights",
        run_id=run_id,
        token=token,
        arguments={},
        endpoint_url=service.endpoint_url,
        region=REGION,
        glue_version="5.1",
    )


@pytest.fixture
def client(bookmark_service: BookmarkService) -> ServiceClient:
    return ServiceClient(bookmark_service.endpoint_url, REGION, pause=lambda seconds: None)


@pytest.fixture
def first(bookmark_service: BookmarkService) -> CurrentRun:
    return run_of(bookmark_service, "jr_1", "token-1")


@pytest.fixture
def second(bookmark_service: BookmarkService) -> CurrentRun:
    return run_of(bookmark_service, "jr_2", "token-2")


def test_two_runs_one_after_the_other(
    client: ServiceClient, first: CurrentRun, second: CurrentRun
) -> None:
    bookmarks = open_bookmarks(client, first)
    assert bookmarks.select_files("source", [A]) == [A]
    bookmarks.commit()
    assert open_bookmarks(client, second).select_files("source", [A, B]) == [B]


def test_a_commit_without_an_answer_is_not_taken_for_a_foreign_one(
    client: ServiceClient, first: CurrentRun, bookmark_service: BookmarkService
) -> None:
    bookmarks = open_bookmarks(client, first)
    bookmarks.select_files("source", [A])
    bookmark_service.faults = [HANG_UP, HANG_UP_AFTERWARDS]
    bookmarks.commit()
    assert bookmark_service.newest("flights").version == 1
    bookmarks.select_files("source", [A, B])
    bookmarks.commit()
    assert bookmark_service.newest("flights").version == 2


def test_of_two_runs_at_once_one_commits(
    client: ServiceClient, first: CurrentRun, second: CurrentRun, bookmark_service: BookmarkService
) -> None:
    one, two = open_bookmarks(client, first), open_bookmarks(client, second)
    # Both read the same: only the name of the run tells their commits apart.
    assert one.select_files("source", [A]) == two.select_files("source", [A])
    one.commit()
    bookmark_service.faults = [HANG_UP]
    with pytest.raises(BookmarkVersionMismatch, match="GLUE_JOB_BOOKMARK_VERSION_MISMATCH_ERROR"):
        two.commit()
    assert bookmark_service.newest("flights").run_id == "jr_1"


def test_an_attempt_that_was_replaced_writes_nothing(
    client: ServiceClient, bookmark_service: BookmarkService
) -> None:
    late = open_bookmarks(client, run_of(bookmark_service, "jr_1", "token-0"))
    late.select_files("source", [A])
    with pytest.raises(NotPermitted):
        late.commit()
    assert bookmark_service.history == {}


def test_a_range_of_runs(
    client: ServiceClient, first: CurrentRun, second: CurrentRun, bookmark_service: BookmarkService
) -> None:
    for run, files in ((first, [A]), (second, [A, B])):
        bookmarks = open_bookmarks(client, run)
        bookmarks.select_files("source", files)
        bookmarks.commit()
    later = open_bookmarks(client, second, read_only=True, run_range=("jr_1", "jr_2"))
    assert later.select_files("source", [A, B]) == [B]
    later.commit()
    assert bookmark_service.newest("flights").version == 2


def test_a_range_that_names_a_run_without_a_bookmark(
    client: ServiceClient, first: CurrentRun
) -> None:
    with pytest.raises(NotFound, match="jr_9"):
        open_bookmarks(client, first, read_only=True, run_range=("jr_9", "jr_9"))


def test_the_bookmark_of_a_run(
    client: ServiceClient, first: CurrentRun, bookmark_service: BookmarkService
) -> None:
    text = documents.encode({}, "jr_other")
    bookmark_service.put("flights", text)
    store = ServiceBookmarks(client, first)
    assert store.read_run("jr_other") == store.read()
    assert store.read().text == text
