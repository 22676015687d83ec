"""The base of all transforms."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

from awsglue.transforms._arguments import DESCRIPTIONS, RETURNS


class GlueTransform:
    """A step over frames; `apply` makes one and calls it.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-GlueTransform.html
    """

    #: the errors that calling it raises at once, as pairs of type and description
    errors: ClassVar[tuple[tuple[str, str], ...]] = ()

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Apply the transform; the arguments are those of calling it."""
        transform: Any = cls()
        return transform(*args, **kwargs)

    @classmethod
    def name(cls) -> str:
        """Return the name of the transform."""
        return cls.__name__

    @classmethod
    def describeArgs(cls) -> list[dict[str, Any]]:
        """Return the arguments: `name`, `type`, `description`, `optional` and `defaultValue`."""
        _, *parameters = cls._signature().parameters.values()
        return [_describe(parameter) for parameter in parameters]

    @classmethod
    def describeReturn(cls) -> dict[str, str]:
        """Return the `type` and the `description` of what the transform returns."""
        kind = str(cls._signature().return_annotation)
        return {"type": kind, "description": RETURNS[kind]}

    @classmethod
    def describeTransform(cls) -> str:
        """Return what the transform does, as a sentence."""
        cls._signature()
        return str(inspect.getdoc(cls)).partition("\n")[0]

    @classmethod
    def describeErrors(cls) -> list[dict[str, str]]:
        """Return the errors that the transform may raise: `type` and `description`."""
        return [{"type": kind, "description": description} for kind, description in cls.errors]

    @classmethod
    def describe(cls) -> dict[str, dict[str, Any]]:
        """Return all descriptions, except for what the transform does, below `transform`."""
        return {
            "transform": {
                "name": cls.name(),
                "args": cls.describeArgs(),
                "returns": cls.describeReturn(),
                "raises": cls.describeErrors(),
                "location": "internal",
            }
        }

    @classmethod
    def _signature(cls) -> inspect.Signature:
        call = vars(cls).get("__call__")
        if call is None:
            raise NotImplementedError(f"{cls.name()} defines no __call__ to describe.")
        return inspect.signature(call)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return self.name()


def _describe(parameter: inspect.Parameter) -> dict[str, Any]:
    needed = parameter.default is inspect.Parameter.empty
    others = parameter.kind is inspect.Parameter.VAR_KEYWORD
    return {
        "name": parameter.name,
        "type": str(parameter.annotation),
        "description": DESCRIPTIONS[parameter.name],
        "optional": others or not needed,
        "defaultValue": None if needed or parameter.default is None else str(parameter.default),
    }
