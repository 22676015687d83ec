"""The sentences that users read when a job cannot go on."""

from __future__ import annotations


class GlueError(Exception):
    """The base of the errors that this library raises itself."""


class NotAvailableError(GlueError, NotImplementedError):
    """A feature of AWS Glue that this release does not have.

    Args:
        feature: what was asked for, as the subject of a sentence.
        instead: what works today.
    """

    def __init__(self, feature: str, instead: str) -> None:
        super().__init__(f"{feature} comes with a later release of Glueball. {instead}")


class PathNotFoundError(GlueError, FileNotFoundError):
    """There is nothing at a path.

    Args:
        path: as the script wrote it.
    """

    def __init__(self, path: str) -> None:
        super().__init__(f"Path does not exist: {path}")


class FieldNotFoundError(GlueError, ValueError):
    """A frame has no field of the name that a step needs.

    Args:
        path: the path asked for.
        known: the fields at the top of the frame.
    """

    def __init__(self, path: str, known: list[str]) -> None:
        fields = ", ".join(known) or "none"
        super().__init__(f"The frame has no field {path!r}. Its fields are: {fields}.")


class ErrorThresholdError(GlueError):
    """More records failed than a step allows.

    Args:
        found: how many failed.
        allowed: how many may, at most.
        what: `stageThreshold` or `totalThreshold`.
    """

    def __init__(self, found: int, allowed: int, what: str) -> None:
        super().__init__(f"{found} records failed, and {what} allows {allowed}.")
