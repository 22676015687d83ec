from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.object_stores import S3Parts, object_store


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[S3Parts]:
    """What operations of S3 work with, and a bucket called `data`."""
    with object_store(tmp_path) as store:
        store.create_bucket("data", region="us-east-1", now=1.0)
        yield S3Parts(objects=store)
