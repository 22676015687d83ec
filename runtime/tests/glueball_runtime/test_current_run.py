from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from glueball_runtime import jvm
from glueball_runtime.current_run import RUN_SPEC, CurrentRun, current_run, glue_version
from glueball_runtime.errors import RunSpecUnreadable
from glueball_runtime.launch_error import LaunchError

RUN: dict[str, Any] = {
    "job_name": "flights",
    "run_id": "jr_1",
    "arguments": {"--job-bookmark-option": "job-bookmark-enable"},
    "endpoint_url": "http://127.0.0.1:4566",
    "region": "us-east-1",
    "glue_version": "4.0",
}


def test_outside_a_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(RUN_SPEC, raising=False)
    assert current_run() is None


@pytest.mark.parametrize(
    ("spark", "version"), [((3, 5, 6), "5.1"), ((4, 1, 1), "6.0"), (None, "5.1")]
)
def test_outside_a_run_the_installed_spark_says_the_version(
    monkeypatch: pytest.MonkeyPatch, spark: tuple[int, ...] | None, version: str
) -> None:
    def spark_version() -> tuple[int, ...]:
        if spark is None:
            raise LaunchError("The runtime has no pyspark.")
        return spark

    monkeypatch.delenv(RUN_SPEC, raising=False)
    monkeypatch.setattr(jvm, "spark_version", spark_version)
    assert glue_version() == version


def test_inside_a_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "launch.json"
    path.write_text(json.dumps({"run_id": "jr_1", "token": "t", "run": RUN}))
    monkeypatch.setenv(RUN_SPEC, str(path))
    assert glue_version() == "4.0"  # whatever Spark serves it
    assert current_run() == CurrentRun(
        job_name="flights",
        run_id="jr_1",
        token="t",
        arguments={"--job-bookmark-option": "job-bookmark-enable"},
        endpoint_url="http://127.0.0.1:4566",
        region="us-east-1",
        glue_version="4.0",
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file"),
        ("{", "Expecting property name"),
        ("[]", "list indices"),
        (json.dumps({"token": "t"}), "it lacks 'run'"),
        (json.dumps({"run": RUN}), "it lacks 'token'"),
        (json.dumps({"token": "t", "run": {"job_name": "x"}}), "it lacks 'run_id'"),
    ],
)
def test_a_broken_description_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None, reason: str
) -> None:
    path = tmp_path / "launch.json"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv(RUN_SPEC, str(path))
    with pytest.raises(RunSpecUnreadable, match=reason) as caught:
        current_run()
    assert str(path) in str(caught.value)
