from __future__ import annotations

import socket
import threading

import pytest

from glueball_runtime.errors import (
    BookmarkVersionMismatch,
    MissingCredentials,
    NotFound,
    NotPermitted,
    ServiceError,
    ServiceUnreachable,
)
from glueball_runtime.service import GLUE_TARGET, RUNTIME_TARGET, ServiceClient
from tests.bookmark_service import (
    GARBAGE,
    HANG_UP,
    REGION,
    UNAVAILABLE,
    BookmarkService,
    serving,
)

READ = {"JobName": "flights", "RunId": "jr_1"}


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def client(bookmark_service: BookmarkService, pauses: list[float]) -> ServiceClient:
    return ServiceClient(bookmark_service.endpoint_url, REGION, pause=pauses.append)


def test_a_request_is_signed_and_its_answer_returned(client: ServiceClient) -> None:
    answer = client.call(RUNTIME_TARGET, "ReadJobBookmark", READ)
    assert answer == {"Version": 0, "JobBookmark": "", "Run": 0, "Attempt": 0}


def test_a_wrong_key_is_refused(client: ServiceClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(ServiceError, match="signature does not match"):
        client.call(RUNTIME_TARGET, "ReadJobBookmark", READ)


@pytest.mark.parametrize("variable", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_missing_credentials_are_named(
    client: ServiceClient, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv(variable)
    with pytest.raises(MissingCredentials, match=variable):
        client.call(RUNTIME_TARGET, "ReadJobBookmark", READ)


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        ([UNAVAILABLE], "the service is starting"),
        ([HANG_UP], "the service was killed while it read the request"),
        ([GARBAGE], "another program answered on the port meanwhile"),
        ([UNAVAILABLE, HANG_UP] * 4, "a slow restart"),
    ],
)
def test_a_restart_is_waited_for(
    client: ServiceClient,
    bookmark_service: BookmarkService,
    pauses: list[float],
    faults: list[str],
    reason: str,
) -> None:
    bookmark_service.faults = list(faults)
    assert client.call(RUNTIME_TARGET, "ReadJobBookmark", READ)["Version"] == 0, reason
    assert len(pauses) == len(faults)
    longest = [0.1, 0.2, 0.4, 0.8, 1.6, 3.0, 3.0, 3.0]
    for pause, limit in zip(pauses, longest, strict=False):
        assert limit / 2 <= pause <= limit, "pauses double, with chance in their upper half"


def test_a_refused_connection_is_tried_again(bookmark_service: BookmarkService) -> None:
    port = _free_port()
    started = threading.Event()
    stop = threading.Event()

    def start_late() -> None:
        with serving(BookmarkService(tokens={"jr_1": "t"}), port):
            started.set()
            stop.wait(10)

    thread = threading.Thread(target=start_late)

    def pause(seconds: float) -> None:
        if not thread.is_alive():
            thread.start()
        started.wait(10)

    client = ServiceClient(f"http://127.0.0.1:{port}", REGION, pause=pause)
    try:
        assert client.call(RUNTIME_TARGET, "ReadJobBookmark", READ)["Version"] == 0
    finally:
        stop.set()
        thread.join()


def test_nobody_answers_for_too_long(bookmark_service: BookmarkService) -> None:
    client = ServiceClient(f"http://127.0.0.1:{_free_port()}", REGION, restart_seconds=0.25)
    with pytest.raises(ServiceUnreachable, match=r"did not answer ReadJobBookmark.*glueball up"):
        client.call(RUNTIME_TARGET, "ReadJobBookmark", READ)


@pytest.mark.parametrize(
    ("target", "operation", "request_", "error", "text"),
    [
        # the run was deleted with its job
        (RUNTIME_TARGET, "ReadJobBookmark", READ | {"RunId": "jr_9"}, NotFound, "jr_9 not found"),
        # an attempt that was replaced
        (
            RUNTIME_TARGET,
            "CommitJobBookmark",
            READ | {"Token": "old", "Version": 0, "JobBookmark": ""},
            NotPermitted,
            "attempt has ended",
        ),
        # another run committed first
        (
            RUNTIME_TARGET,
            "CommitJobBookmark",
            READ | {"Token": "token-1", "Version": 7, "JobBookmark": ""},
            BookmarkVersionMismatch,
            "GLUE_JOB_BOOKMARK_VERSION_MISMATCH_ERROR",
        ),
        # an error that no class of its own exists for keeps its code
        (RUNTIME_TARGET, "Surprise", READ, ServiceError, "UnknownOperationException"),
        (GLUE_TARGET, "GetJobBookmark", READ, NotFound, "committed none"),
    ],
)
def test_refusals(
    client: ServiceClient,
    target: str,
    operation: str,
    request_: dict[str, object],
    error: type[ServiceError],
    text: str,
) -> None:
    with pytest.raises(error, match=text) as caught:
        client.call(target, operation, request_)
    assert caught.value.operation == operation


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
