from __future__ import annotations

import json
from pathlib import Path

import pytest
from botocore.credentials import Credentials

from crawl.specifications import specification
from crawl.stub_server import stub_server
from glueball.crawl.client import Patience
from glueball.crawl.errors import ServiceRefused, ServiceUnreachable
from glueball.crawl.reports import ServiceReports, Summary
from glueball.credentials import load
from support.service_process import ServiceProcess

CREDENTIALS = Credentials("ACCESS", "secret", "session")
SUMMARY = Summary(
    tables_created=["a", "b"],
    tables_updated=["c"],
    partitions_created=3,
    partitions_deleted=1,
)


def no_pause() -> Patience:
    return Patience(pause=lambda _: None)


def test_documents() -> None:
    assert SUMMARY.document() == {
        "TablesCreated": ["a", "b"],
        "TablesUpdated": ["c"],
        "TablesDeleted": [],
        "PartitionsCreated": 3,
        "PartitionsUpdated": 0,
        "PartitionsDeleted": 1,
    }


@pytest.mark.parametrize(
    ("summary", "lines"),
    [
        pytest.param(Summary(), [], id="nothing"),
        pytest.param(
            SUMMARY,
            [
                "Run Summary For TABLE:",
                "ADD: 2",
                "UPDATE: 1",
                "Run Summary For PARTITION:",
                "ADD: 3",
                "DELETE: 1",
            ],
            id="both",
        ),
        pytest.param(
            Summary(tables_deleted=["a"]), ["Run Summary For TABLE:", "DELETE: 1"], id="tables"
        ),
        pytest.param(
            Summary(partitions_updated=7),
            ["Run Summary For PARTITION:", "UPDATE: 7"],
            id="partitions",
        ),
    ],
)
def test_lines(summary: Summary, lines: list[str]) -> None:
    assert summary.lines() == lines


@pytest.mark.parametrize("end", ["", "/", "/below", "/below/"])
def test_a_report_is_handed_in(tmp_path: Path, end: str) -> None:
    with stub_server([(200, b"{}")]) as stub:
        ServiceReports(specification(tmp_path, stub.url + end), CREDENTIALS).report(SUMMARY)
    [asked] = stub.asked
    assert asked.path == end.rstrip("/") + "/"
    assert asked.headers["x-amz-target"] == "GlueballRuntime.ReportCrawl"
    assert asked.headers["x-amz-security-token"] == "session"
    assert "Credential=ACCESS/" in asked.headers["authorization"]
    assert json.loads(asked.body) == {
        "RunId": "run-1",
        "Token": "token-1",
        "Summary": SUMMARY.document(),
    }


def test_a_report_is_handed_in_until_it_is_taken(tmp_path: Path) -> None:
    """The service hangs up, fails, is not ready, and is."""
    answers = [(0, b""), (500, b""), (503, b"{}"), (200, b"{}")]
    with stub_server(answers) as stub:
        reports = ServiceReports(specification(tmp_path, stub.url), CREDENTIALS, no_pause())
        reports.report(SUMMARY)
    assert len({asked.body for asked in stub.asked}) == 1
    assert len(stub.asked) == 4


def test_nobody_is_there(tmp_path: Path) -> None:
    reports = ServiceReports(
        specification(tmp_path, "http://127.0.0.1:1"), CREDENTIALS, Patience(restart_seconds=0.0)
    )
    with pytest.raises(ServiceUnreachable, match="did not answer ReportCrawl"):
        reports.report(SUMMARY)


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        pytest.param(b'{"__type": "X", "message": "so"}', "X", "so", id="plain"),
        pytest.param(b'{"__type": "com.a#X", "Message": "so"}', "X", "so", id="a prefix"),
        pytest.param(b'{"__type": "X:http://a/b", "message": "so"}', "X", "so", id="a suffix"),
        pytest.param(b"{}", "HTTP 400", "it gave no reason", id="nothing"),
        pytest.param(b"[]", "HTTP 400", "it gave no reason", id="a list"),
        pytest.param(b"<html>", "HTTP 400", "it gave no reason", id="no JSON"),
        pytest.param(b"\xff", "HTTP 400", "it gave no reason", id="no text"),
    ],
)
def test_refusals_are_told(tmp_path: Path, body: bytes, code: str, message: str) -> None:
    with stub_server([(400, body)]) as stub, pytest.raises(ServiceRefused) as raised:
        ServiceReports(specification(tmp_path, stub.url), CREDENTIALS).report(SUMMARY)
    assert raised.value.code == code
    assert str(raised.value) == f"ReportCrawl was refused: {message} ({code})"


def test_the_service_takes_the_signature_and_refuses_a_stranger(tmp_path: Path) -> None:
    process = ServiceProcess(tmp_path / "home")
    try:
        url = process.start().endpoint_url
        found = load(process.home)
        reports = ServiceReports(
            specification(tmp_path, url), Credentials(found.access_key, found.secret_key)
        )
        with pytest.raises(ServiceRefused) as raised:
            reports.report(SUMMARY)
        assert raised.value.code == "AccessDeniedException"
        assert "Only the run itself" in str(raised.value)
        wrong = ServiceReports(specification(tmp_path, url), Credentials(found.access_key, "other"))
        with pytest.raises(ServiceRefused) as raised:
            wrong.report(SUMMARY)
        assert raised.value.code == "InvalidSignatureException"
    finally:
        process.close()
