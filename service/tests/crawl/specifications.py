"""What the service says about a crawl, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glueball.crawl.specification import Specification

#: AWS's `Crawler`, as the service fills it in
CRAWLER: Mapping[str, Any] = {
    "Name": "c",
    "DatabaseName": "d",
    "Targets": {
        "S3Targets": [{"Path": "s3://data/a", "Exclusions": []}],
        "CatalogTargets": [],
        "JdbcTargets": [],
    },
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
    "SchemaChangePolicy": {
        "UpdateBehavior": "UPDATE_IN_DATABASE",
        "DeleteBehavior": "DEPRECATE_IN_DATABASE",
    },
    "LastCrawlStarted": None,
}


def specification(directory: Path, endpoint_url: str = "http://127.0.0.1:1") -> Specification:
    """Return a specification of a run in a directory."""
    return Specification(
        directory=directory,
        run_id="run-1",
        token="token-1",
        region="us-east-1",
        account_id="123456789012",
        endpoint_url=endpoint_url,
        notify_fifo=directory / "engine.fifo",
        crawler=CRAWLER,
    )
