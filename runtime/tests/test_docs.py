from __future__ import annotations

import re
from pathlib import Path

import glueball_runtime
from awsglue import transforms
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from glueball_runtime import modules, provided

DOCS = Path(__file__).parents[2] / "docs"


def test_every_argument_that_the_runtime_reads_is_documented() -> None:
    documented = (DOCS / "job-arguments.md").read_text()
    read = {modules.MODULES, modules.OPTIONS}
    for source in Path(glueball_runtime.__path__[0]).rglob("*.py"):
        read.update(re.findall(r'get\("(--[\w-]+)"', source.read_text()))
    assert len(read) > 5, "the pattern finds how arguments are read"
    assert [name for name in sorted(read) if f"`{name}`" not in documented] == []


def test_the_table_of_modules_that_are_installed_when_needed_is_that_of_the_code() -> None:
    page = (DOCS / "runtimes.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| `([\w=.]+)` \|$", page, re.MULTILINE)
    assert dict(rows) == dict(provided.PACKAGES)


def test_every_bookmark_option_is_documented() -> None:
    documented = (DOCS / "bookmarks.md").read_text()
    names = [*Job.job_bookmark_options(), *Job.job_bookmark_range_options()]
    assert [name for name in names if name not in documented] == []


def test_every_transform_and_method_is_documented() -> None:
    documented = (DOCS / "awsglue.md").read_text()
    public = [name for name in dir(DynamicFrame) if not name.startswith("_")]
    names = [*transforms.__all__, *public]
    assert [name for name in names if f"`{name}`" not in documented] == []


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*DOCS.rglob("*.md"), *(DOCS.parent / name for name in ("README.md", "CHANGELOG.md"))]
    links = {
        (page, target, anchor)
        for page in pages
        for target, anchor in re.findall(
            r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", page.read_text()
        )
    }
    assert len(links) > 50, "the pattern finds links"
    assert [link for link in links if not _leads_somewhere(*link)] == []


def _leads_somewhere(page: Path, target: str, anchor: str) -> bool:
    found = page.parent / target if target else page
    if not found.exists():
        return False
    headings = re.findall(r"^#+ (.*)$", found.read_text(), re.M) if anchor else []
    return not anchor or anchor in {
        re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-") for one in headings
    }
