"""Every example of the reference runs, and prints what the page says."""

from __future__ import annotations

import contextlib
import inspect
import io
import re
from pathlib import Path
from typing import Any

import pytest

import awsglue.context
import awsglue.data_sink
import awsglue.data_source
import awsglue.dataframereader
import awsglue.dataframewriter
import awsglue.dynamicframe
import awsglue.job
import awsglue.streaming_data_source
from awsglue import transforms
from awsglue.context import GlueContext

PAGES = Path(__file__).parents[3] / "docs" / "reference"
#: a piece of Python, and what it prints if the page says so
_EXAMPLE = re.compile(r"^```python\n(.*?)^```\n(?:\n?^```text\n(.*?)^```\n)?", re.M | re.S)
_CLASSES = (
    *(getattr(transforms, name) for name in transforms.__all__),
    transforms.GlueTransform,
    awsglue.context.GlueContext,
    awsglue.data_sink.DataSink,
    awsglue.data_source.DataSource,
    awsglue.dataframereader.DataFrameReader,
    awsglue.dataframewriter.DataFrameWriter,
    awsglue.dynamicframe.DynamicFrame,
    awsglue.dynamicframe.DynamicFrameCollection,
    awsglue.dynamicframe.DynamicFrameReader,
    awsglue.dynamicframe.DynamicFrameWriter,
    awsglue.dynamicframe.ResolveOption,
    awsglue.job.Job,
    awsglue.streaming_data_source.StreamingDataSource,
)
#: what an example may use besides, by name: the fixture that makes it
_FIXTURES = {"database": "database", "login": "postgresql"}


def page_of(name: str) -> Path:
    return PAGES / f"{name}.md"


def public_methods(kind: type) -> set[str]:
    """Return the methods of a class and of those of ours that it is composed of.

    What all transforms inherit is told on the page of their base.
    """
    ours = [
        one
        for one in kind.__mro__
        if one.__module__.startswith("awsglue.")
        and (one is kind or one is not transforms.GlueTransform)
    ]
    names = {name for one in ours for name in vars(one) if not name.startswith("_")}
    return {name for name in names if inspect.isroutine(getattr(kind, name))}


@pytest.mark.parametrize("kind", _CLASSES, ids=lambda kind: str(kind.__name__))
def test_every_class_has_a_page_with_an_example(kind: Any) -> None:
    text = page_of(kind.__name__).read_text()
    assert text.startswith(f"# {kind.__name__}\n")
    assert any(printed for _, printed in _EXAMPLE.findall(text)), "no example shows what it prints"
    missing = [name for name in public_methods(kind) if f"`{name}" not in text]
    assert missing == [], "every method has its line"


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: str(page.stem))
def test_the_examples_print_what_the_page_says(
    page: Path, glue: GlueContext, uri: str, request: pytest.FixtureRequest
) -> None:
    examples = _EXAMPLE.findall(page.read_text())
    assert examples
    known: dict[str, Any] = {
        "__name__": "__main__",
        "glueContext": glue,
        "spark": glue.spark_session,
        "path": uri,
    }
    for name, fixture in _FIXTURES.items():
        if any(re.search(rf"\b{name}\b", code) for code, _ in examples):
            made = request.getfixturevalue(fixture)
            known[name] = made.options if fixture == "postgresql" else made
    for code, expected in examples:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(page), "exec"), known)
        # Trailing blanks would not survive in a page.
        lines = [line.rstrip() for line in printed.getvalue().splitlines()]
        if expected:
            assert lines == expected.splitlines(), f"{page.name} shows another output of:\n{code}"
