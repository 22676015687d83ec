"""The base of all transforms."""

from __future__ import annotations

from typing import Any


class GlueTransform:
    """A step over frames; `apply` makes one and calls it.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-GlueTransform.html
    """

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Apply the transform; the arguments are those of calling it."""
        transform: Any = cls()
        return transform(*args, **kwargs)

    @classmethod
    def name(cls) -> str:
        """Return the name of the transform."""
        return cls.__name__

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return self.name()
