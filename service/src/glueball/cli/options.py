"""Options that several commands have."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from glueball.settings import default_home

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Home directory; by default $GLUEBALL_HOME or ~/.glueball."),
]


def resolve_home(home: Path | None) -> Path:
    """Return the home directory that is meant, as an absolute path."""
    return Path(os.path.abspath(home or default_home(os.environ)))
