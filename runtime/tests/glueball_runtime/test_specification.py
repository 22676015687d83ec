from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from glueball_runtime.launch_error import LaunchError
from glueball_runtime.specification import load
from tests.glueball_runtime.runs import Home, start


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "cannot be read"),
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[]", 'lacks the object "run"'),
        ('{"run": []}', 'lacks the object "run"'),
        ('{"run": {}}', "lacks the member 'run_id'"),
    ],
)
def test_a_malformed_file_is_named_with_its_fault(
    tmp_path: Path, text: str | None, complaint: str
) -> None:
    path = tmp_path / "launch.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(LaunchError, match=complaint) as caught:
        load(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("member", "value"),
    [("arguments", 5), ("cores", "many"), ("memory_mb", None), ("notes", 1), ("java", 5)],
)
def test_members_of_wrong_types_are_refused(tmp_path: Path, member: str, value: Any) -> None:
    launch = Home(tmp_path).specification(**{member: value})
    with pytest.raises(LaunchError, match="wrong type"):
        load(launch)


def test_the_program_says_what_is_wrong_without_a_traceback(tmp_path: Path) -> None:
    launch = tmp_path / "launch.json"
    launch.write_text("{")
    outcome = start(launch)
    assert outcome.status == 1
    assert outcome.error.startswith(f"LAUNCH ERROR | {launch} is not JSON")
    assert "Traceback" not in outcome.error + outcome.output
    assert json.loads((tmp_path / "failure.json").read_text())["category"] == "LAUNCH_ERROR"
