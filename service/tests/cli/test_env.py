from __future__ import annotations

from pathlib import Path

import botocore.session
import pytest
from typer.testing import CliRunner

from glueball.cli.main import app
from glueball.credentials import load_or_create
from glueball.server import _MODULES


@pytest.mark.parametrize("service", sorted(set(_MODULES) - {"glueball-runtime", "glueball-crawl"}))
def test_no_endpoint_of_a_real_account_wins_over_ours(service: str, tmp_path: Path) -> None:
    load_or_create(tmp_path)
    model = botocore.session.get_session().get_service_model(service)
    name = "AWS_ENDPOINT_URL_" + model.service_id.upper().replace(" ", "_")
    printed = CliRunner().invoke(app, ["env", "--home", str(tmp_path)]).stdout.splitlines()
    unset = next(line for line in printed if line.startswith("unset "))
    assert name in unset.split()
