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
        super().__init__(
            f"Path does not exist: {path}. There is no object at it or below it. Check bucket and "
            "prefix; a bucket that was made after the run began is seen by the next run."
        )


class UnreadableFileError(GlueError, OSError):
    """A file is there, and its beginning cannot be read.

    Args:
        path: of the file.
        reason: what the file system said.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"{path} cannot be read: {reason}. The file is damaged, or its name ends like that of "
            "a packed file and it is none. Upload it again, or leave it out by exclusions."
        )


class DuplicateFieldsError(GlueError, ValueError):
    """A DataFrame has several columns of one name, and records cannot.

    Args:
        names: the names that occur more than once.
    """

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            f"The DataFrame has several columns named {', '.join(map(repr, names))}. Rename or "
            "drop all but one before it becomes a DynamicFrame."
        )


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
        super().__init__(
            f"{found} records failed, and {what} allows {allowed}. errorsAsDynamicFrame() without "
            "the threshold shows them."
        )
