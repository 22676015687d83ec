"""Every example of the reference runs, and prints what the page says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

import awsglue.context
import awsglue.data_sink
import awsglue.data_source
import awsglue.dataframereader
import awsglue.dynamicframe
import awsglue.job
from awsglue import transforms
from awsglue.context import GlueContext

PAGES = Path(__file__).parents[3] / "docs" / "reference"
#: a piece of Python, and what it prints if the page says so
_EXAMPLE = re.compile(r"^```python\n(.*?)^```\n(?:\n?^```text\n(.*?)^```\n)?", re.M | re.S)
_CLASSES = (
    *(getattr(transforms, name) for name in transforms.__all__),
    awsglue.context.GlueContext,
    awsglue.data_sink.DataSink,
    awsglue.data_source.DataSource,
    awsglue.dataframereader.DataFrameReader,
    awsglue.dynamicframe.DynamicFrame,
    awsglue.dynamicframe.DynamicFrameCollection,
    awsglue.dynamicframe.DynamicFrameReader,
    awsglue.dynamicframe.DynamicFrameWriter,
    awsglue.dynamicframe.ResolveOption,
    awsglue.job.Job,
)


def page_of(name: str) -> Path:
    return PAGES / f"{name}.md"


@pytest.mark.parametrize("kind", _CLASSES, ids=lambda kind: str(kind.__name__))
def test_every_class_has_a_page_with_an_example(kind: Any) -> None:
    text = page_of(kind.__name__).read_text()
    assert text.startswith(f"# {kind.__name__}\n")
    assert any(printed for _, printed in _EXAMPLE.findall(text)), "no example shows what it prints"
    public = [name for name in vars(kind) if not name.startswith("_")]
    missing = [name for name in public if f"`{name}" not in text]
    assert missing == [], "every method has its line"


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: str(page.stem))
def test_the_examples_print_what_the_page_says(page: Path, glue: GlueContext, uri: str) -> None:
    known: dict[str, Any] = {"glueContext": glue, "spark": glue.spark_session, "path": uri}
    examples = _EXAMPLE.findall(page.read_text())
    assert examples
    for code, expected in examples:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(page), "exec"), known)
        # Trailing blanks would not survive in a page.
        lines = [line.rstrip() for line in printed.getvalue().splitlines()]
        if expected:
            assert lines == expected.splitlines(), f"{page.name} shows another output of:\n{code}"
