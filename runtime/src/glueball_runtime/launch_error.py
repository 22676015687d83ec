"""The error of a run whose script was never reached."""

from __future__ import annotations


class LaunchError(Exception):
    """The run cannot start as its job asks; the text says why and what to change.

    Its text becomes the run's ErrorMessage, with AWS's "LAUNCH ERROR | " before it.

    Args:
        sentence: what is wrong and what to do.
        category: one of AWS's error categories.
    """

    def __init__(self, sentence: str, category: str = "LAUNCH_ERROR") -> None:
        super().__init__(sentence)
        self.category = category


class InvalidArgument(LaunchError):
    """One of the job's special arguments cannot be followed.

    Args:
        name: the argument, with its dashes.
        value: what is wrong in it.
        remedy: why, and what to write instead.
    """

    def __init__(self, name: str, value: str, remedy: str) -> None:
        shown = value if len(value) <= 200 else value[:199] + "…"
        super().__init__(f"{name}: {shown!r} is refused. {remedy}", "INVALID_ARGUMENT_ERROR")
