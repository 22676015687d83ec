"""The program, where no service is needed: what it says of its end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crawl.specifications import CRAWLER
from glueball.crawl import __main__ as program


def _launch(directory: Path, **crawler: Any) -> Path:
    run = {
        "run_id": "run-1",
        "token": "t",
        "region": "us-east-1",
        "account_id": "123456789012",
        "endpoint_url": "http://127.0.0.1:1",
        "notify_fifo": str(directory / "none"),
        "crawler": {**CRAWLER, **crawler},
    }
    path = directory / "launch.json"
    path.write_text(json.dumps({"run": run}))
    return path


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")


def _failure(directory: Path) -> dict[str, Any]:
    failure: dict[str, Any] = json.loads((directory / "failure.json").read_text())
    return failure


def test_a_launch_that_cannot_be_read_is_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.main(tmp_path / "launch.json") == 1
    assert _failure(tmp_path)["category"] == "LAUNCH_ERROR"
    assert f"[{tmp_path.name}] ERROR : " in capsys.readouterr().out


def test_a_target_that_cannot_be_crawled_is_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    targets = {"JdbcTargets": [{"Path": "db/%"}]}
    assert program.main(_launch(tmp_path, Targets=targets)) == 1
    failure = _failure(tmp_path)
    assert (failure["category"], failure["line"]) == ("INVALID_TARGET", None)
    said = capsys.readouterr()
    assert said.out == f"[run-1] ERROR : {failure['message']}\n"
    assert said.err == ""


def test_credentials_that_are_missing_are_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert program.main(_launch(tmp_path)) == 1
    assert _failure(tmp_path)["message"] == "The environment lacks 'AWS_SECRET_ACCESS_KEY'."


def test_an_error_that_nobody_expects_leaves_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("one by none")

    monkeypatch.setattr(program, "run_crawl", fail)
    assert program.main(_launch(tmp_path)) == 1
    failure = _failure(tmp_path)
    assert failure["category"] == "INTERNAL_ERROR"
    assert "ZeroDivisionError: one by none" in failure["message"]
    said = capsys.readouterr()
    assert "Traceback" in said.err
    assert "[run-1] ERROR : " in said.out
    assert (tmp_path / "started.json").exists()
