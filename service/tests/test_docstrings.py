from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import glueball

_ROOT = Path(glueball.__file__).parents[1]
_FILES = sorted(path for path in _ROOT.rglob("*.py") if ">>> " in path.read_text("utf-8"))


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_examples_in_docstrings_are_true(path: Path) -> None:
    name = ".".join(path.relative_to(_ROOT).with_suffix("").parts)
    results = doctest.testmod(importlib.import_module(name))
    assert results.attempted > 0
    assert results.failed == 0
