"""A busy machine is no failure: generated examples have no deadline here."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
