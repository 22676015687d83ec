from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import awsglue
import glueball_runtime
from glueball_runtime.aws_package import AwsPackageFound, refuse
from tests.glueball_runtime.runs import Home


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("AWSGlueDataplanePython-5.1.0.dist-info", "5.1.0"),
        ("awsgluedataplanepython-6.0.0.dist-info", "6.0.0"),  # names that pip has made lower case
        ("AWSGlueDataplanePython-0.0.1.egg-info", "0.0.1"),
    ],
)
def test_the_distribution_is_found_and_the_remedy_said(
    tmp_path: Path, name: str, version: str
) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(AwsPackageFound, match="pip uninstall AWSGlueDataplanePython") as found:
        refuse(["/nonexistent", tmp_path])
    assert found.value.version == version
    assert str(tmp_path) in str(found.value)


@pytest.mark.parametrize(
    "name", ["AWSGlueDataplanePython-5.1.0", "aws_glue-1.dist-info", "glueball_runtime-1.dist-info"]
)
def test_nothing_else_is_taken_for_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    refuse([tmp_path, ""])


def test_importing_awsglue_beside_it_fails(tmp_path: Path) -> None:
    """As in site-packages: both in one directory."""
    for package in (awsglue, glueball_runtime):
        place = Path(package.__path__[0])
        (tmp_path / place.name).symlink_to(place)
    (tmp_path / "AWSGlueDataplanePython-5.1.0.dist-info").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", "import awsglue.utils"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"AWSGlueDataplanePython 5.1.0 is installed in {tmp_path}" in done.stderr


def test_a_run_that_brings_it_says_what_to_take_out(tmp_path: Path) -> None:
    """The folder of `--additional-python-modules` comes before the runtime's packages."""
    home = Home(tmp_path)
    brought = tmp_path / "brought"
    (brought / "awsgluedataplanepython-5.1.0.dist-info").mkdir(parents=True)
    outcome = home.run("print('never')", environment={"PYTHONPATH": _path(brought)})
    assert (outcome.status, outcome.started, outcome.output) == (1, False, "")
    assert outcome.failure is not None
    assert outcome.failure["message"].startswith("LAUNCH ERROR | AWSGlueDataplanePython 5.1.0 is")
    assert "runs have awsglue already" in outcome.failure["message"]


def _path(*places: Path) -> str:
    return os.pathsep.join([*map(str, places), str(Path(glueball_runtime.__path__[0]).parent)])
