"""docs/operations.md, made from the code. To write it anew: `python -m docs.operations_page`.

Run that in service/tests.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import glueball
from glueball.api.context import Context
from glueball.server import _MODULES, operations

ROOT = Path(glueball.__file__).parents[3]
PAGE = ROOT / "docs" / "operations.md"
#: what people call the services, in the order of the page
_TITLES: Mapping[str, str] = {
    "glue": "Glue",
    "s3": "S3",
    "logs": "CloudWatch Logs",
    "events": "EventBridge",
    "cloudtrail": "CloudTrail",
    "iam": "IAM",
    "sts": "STS",
}
#: the door between a job and the service; not for clients
_PRIVATE = {"glueball-runtime", "glueball-crawl"}
_INTRODUCTION = """\
# Operations that work

This page is made from the code, and a test compares them. Any other operation of these services is
refused with an error that names it.
"""


def available(service: str) -> list[str]:
    """Return the names of the operations that a service of ours has."""
    return sorted(operations(service, _MODULES[service], Context))


def services() -> set[str]:
    """Return the services of AWS that we have, by botocore's names."""
    return set(_MODULES) - _PRIVATE


def render() -> str:
    """Return the text of the page."""
    assert services() == set(_TITLES), "give the new service a title"
    parts = [_INTRODUCTION]
    for service, title in _TITLES.items():
        names = available(service)
        body = textwrap.fill(", ".join(names), 100, break_on_hyphens=False)
        parts.append(f"## {title}\n\n{body}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(render())
