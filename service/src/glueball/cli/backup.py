"""`glueball backup`: a copy of a home, while its service works."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from glueball.cli.options import HomeOption, resolve_home
from glueball.core.errors import ConfigurationError


def backup(
    target: Annotated[
        Path, typer.Argument(help="New directory, or new file: .tar, .tar.gz or .tgz.")
    ],
    home: HomeOption = None,
) -> None:
    """Copy everything of a home, keys included, while its service works."""
    from glueball.server import lock_home
    from glueball.stores.backup import DATABASE, back_up
    from glueball.stores.database import Database

    place = resolve_home(home)
    if (place / DATABASE).is_file():
        try:
            lock = lock_home(place)
        except ConfigurationError:
            lock = None  # a service works with it, and has looked after the database
        if lock is not None:
            with lock:
                database = Database(place / DATABASE)
                for warning in database.warnings:
                    typer.echo(f"glueball: {warning}", err=True)
                database.close()
    size = back_up(place, Path(os.path.abspath(target)))
    typer.echo(f"{target} holds a copy of {place} ({size / 1e6:.1f} MB). It contains its keys.")
