"""Work that may take long runs in threads: other requests are answered meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from glueball.wire.models import long_operations, operation_names
from wire.gateways import World, running


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("service", "name", "long"),
    [
        pytest.param("glue", "GetTables", True, id="pages"),
        pytest.param("glue", "SearchTables", True, id="a search"),
        pytest.param("glue", "BatchGetJobs", True, id="a batch without pages"),
        pytest.param("glue", "DeleteDatabase", True, id="deletes what it holds"),
        pytest.param("logs", "FilterLogEvents", True, id="a filter"),
        pytest.param("events", "TestEventPattern", True, id="a pattern"),
        pytest.param("events", "PutEvents", True, id="meets all rules"),
        pytest.param("iam", "ListRoles", True, id="a marker"),
        pytest.param("glue", "GetJob", False, id="one thing"),
        pytest.param("glue", "StartJobRun", False, id="one row"),
        pytest.param("sts", "GetCallerIdentity", False, id="nothing"),
    ],
)
def test_which_operations_may_take_long(service: str, name: str, long: bool) -> None:
    assert name in operation_names(service)
    assert (name in long_operations(service)) is long


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        pytest.param("GetTables", b'{"DatabaseName":"d"}', id="an operation that may take long"),
        pytest.param(
            "GetJob", b'{"JobName":"a","Unknown":"%s"}' % (b"x" * 70_000), id="a large body"
        ),
    ],
)
def test_others_are_answered_while_long_work_runs(
    world: World, operation: str, body: bytes
) -> None:
    began, may_end = threading.Event(), threading.Event()

    def wait(_request: Any) -> dict[str, Any]:
        began.set()
        assert may_end.wait(20)
        return {}

    def send(name: str, content: bytes) -> int:
        headers = world.signed(content, target=f"AWSGlue.{name}")
        return world.send("POST", "/", content, headers)[0]

    world.recorder.replies[operation] = wait
    with ThreadPoolExecutor(1) as other:
        answer = other.submit(send, operation, body)
        try:
            assert began.wait(20)
            assert send("GetWorkflow", b'{"Name":"a"}') == 200
            assert not answer.done()
        finally:
            may_end.set()
        assert answer.result(20) == 200
    assert world.recorder.settled == 2
