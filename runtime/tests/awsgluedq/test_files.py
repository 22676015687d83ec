"""The rules about files."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from tests.awsgluedq.conftest import Evaluate, Make, Outcomes

NOW = datetime.now(UTC)
#: Files by name: content and age in hours.
FILES = {
    "in/a.csv": ("id\n1\n", 1),
    "in/b.csv": ("id\n2\n" * 200, 30),
    "in/deep/c.json": ('{"id": 3}', 50),
    "same/x.csv": ("id\n1\n", 1),
    "same/y.csv": ("id\n1\n", 1),
    "same/z.csv": ("id\n7\n", 1),
    "copy/a.csv": ("id\n1\n", 1),
    "renamed/other.csv": ("id\n1\n", 1),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("files")
    for name, (content, hours) in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        changed = (NOW - timedelta(hours=hours)).timestamp()
        os.utime(path, (changed, changed))
    (root / "empty").mkdir()
    return root


def digest(algorithm: str, name: str) -> str:
    return hashlib.new(algorithm, FILES[name][0].encode()).hexdigest()


CASES = [
    pytest.param('FileFreshness "in/a.csv" > (now() - 24 hours)', None, id="one file"),
    pytest.param('FileFreshness "in/" > (now() - 24 hours)', "0.333", id="a folder, and below"),
    pytest.param(
        'FileFreshness "in/" > (now() - 24 hours) with threshold > 0.3', None, id="enough"
    ),
    pytest.param(
        'FileFreshness "in/" > (now() - 24 hours) with recentFiles = 1', None, id="newest"
    ),
    pytest.param(
        'FileFreshness "in/" between (now() - 2 days) and now() with uriRegex = "\\.csv$"',
        None,
        id="csv",
    ),
    pytest.param(
        'FileFreshness "in/" < (now() - 24 hours) with recentFiles = 1 with uriRegex = "json"',
        "There are no files to evaluate.",
        id="newest first",
    ),
    pytest.param(
        'FileFreshness "in/" < (now() - 24 hours) with recentFiles = 1 with uriRegex = "json" '
        'with filterOrder = ["uriRegex","recentFiles"]',
        None,
        id="json first",
    ),
    pytest.param('FileFreshness "in/" > "2020-01-01"', None, id="a day"),
    pytest.param(
        'FileFreshness "in/" not between "2020-01-01" and "2020-01-02"', None, id="not then"
    ),
    pytest.param('FileFreshness "in/" > "soon"', "is no date and no time", id="no time"),
    pytest.param(
        'FileFreshness "in/" > "21:45" with timeZone = "X/Y"', "no time zone 'X/Y'", id="no zone"
    ),
    pytest.param('FileFreshness "nope/" > now()', "There is no file at", id="no path"),
    pytest.param(
        'FileFreshness "empty/" > now()', "There are no files to evaluate.", id="no files"
    ),
    pytest.param('FileSize "in/a.csv" = 5 B', None, id="bytes"),
    pytest.param('FileSize "in/a.csv" = 5', None, id="a bare number is bytes"),
    pytest.param('FileSize "in/" between 4 B and 1 KB with threshold > 0.6', None, id="a range"),
    pytest.param('FileSize "in/" < 1 KB', None, id="none is greater"),
    pytest.param('FileSize "in/" > 6 B with failFast = "true"', "0.666", id="the first decides"),
    pytest.param('FileSize "in/" in [5 B,1000 B]', "0.666", id="some sizes"),
    pytest.param('FileUniqueness "same/" > 0.3', None, id="one of three"),
    pytest.param('FileUniqueness "same/" = 1', "0.3333333333333333", id="two are equal"),
    pytest.param('FileUniqueness "same/" = 1 with matchFileName = "true"', None, id="by name"),
    pytest.param(f'FileMatch "in/a.csv" in ["{digest("sha256", "in/a.csv")}"]', None, id="SHA-256"),
    pytest.param(
        f'FileMatch "in/a.csv" in ["{digest("md5", "in/a.csv").upper()}"] '
        'with hashAlgorithm = "MD5"',
        None,
        id="MD5",
    ),
    pytest.param(
        f'FileMatch "in/a.csv" in ["{digest("sha1", "in/a.csv")}"] with hashAlgorithm = "SHA-1"',
        None,
        id="SHA-1",
    ),
    pytest.param(
        'FileMatch "in/a.csv" in ["abc"]', digest("sha256", "in/a.csv"), id="the checksum is told"
    ),
    pytest.param(
        'FileMatch "in/a.csv" in ["abc"] with hashAlgorithm = "CRC"',
        "no hash algorithm CRC",
        id="unknown",
    ),
    pytest.param('FileMatch "in/a.csv" "copy/"', None, id="the same files"),
    pytest.param('FileMatch "in/a.csv" "renamed/"', None, id="another name"),
    pytest.param(
        'FileMatch "in/a.csv" "renamed/" with matchFileName = "true"', "differ", id="names count"
    ),
    pytest.param('FileMatch "in/" "copy/"', "differ.", id="other files"),
    pytest.param(
        'FileMatch "in/a.csv"', "needs a second path, or checksums", id="nothing to match"
    ),
]


@pytest.fixture(scope="module")
def outcomes(root: Path, make: Make, evaluate: Evaluate) -> Outcomes:
    rules = [str(case.values[0]) for case in CASES]
    placed = [absolute(rule, root) for rule in rules]
    found = evaluate(make("a int", (1,)), *placed)
    return {rule: found[place] for rule, place in zip(rules, placed, strict=True)}


def absolute(rule: str, root: Path) -> str:
    """Return a rule with its paths below a directory."""
    for folder in ("in", "same", "copy", "renamed", "empty", "nope"):
        rule = rule.replace(f'"{folder}/', f'"file:{root}/{folder}/')
    return rule


@pytest.mark.parametrize(("rule", "fails"), CASES)
def test_outcome(rule: str, fails: str | None, outcomes: Outcomes) -> None:
    found = outcomes[rule]
    assert found["Outcome"] == ("Passed" if fails is None else "Failed"), found
    assert (fails or "") in (found["FailureReason"] or "")


def test_metrics(outcomes: Outcomes) -> None:
    assert outcomes['FileSize "in/" < 1 KB']["EvaluatedMetrics"] == {
        "Dataset.*.FileSize.Compliance": 1.0,
        "Dataset.*.FileCount": 3.0,
        "Dataset.*.MinimumFileSize": 5.0,
        "Dataset.*.MaximumFileSize": 1000.0,
    }
    assert outcomes['FileUniqueness "same/" > 0.3']["EvaluatedMetrics"] == {
        "Dataset.*.FileUniquenessRatio": pytest.approx(1 / 3),
        "Dataset.*.FileCount": 3.0,
    }


def test_files_of_the_frame(glue: GlueContext, root: Path, evaluate: Evaluate) -> None:
    read = glue.spark_session.read.option("header", "true").csv(f"file:{root}/in/*.csv")
    outcomes = evaluate(
        DynamicFrame.fromDF(read, glue, "read"), "FileSize > 1 B", "FileUniqueness = 1"
    )
    for found in outcomes.values():
        assert found["Outcome"] == "Passed", found
        assert found["EvaluatedMetrics"]["Dataset.*.FileCount"] == 2.0
