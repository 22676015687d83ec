"""`python -m glueball` is `glueball`."""

from __future__ import annotations

from glueball.cli.main import main

main()
