"""AWS Glue's Python library for job scripts, on plain PySpark.

`from awsglue.utils import getResolvedOptions` needs no Spark: `DynamicFrame` is imported when asked
for.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from glueball_runtime import aws_package

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame

__all__ = ["DynamicFrame"]

aws_package.refuse([Path(__file__).parents[1]])  # else files of both would be mixed here


def __getattr__(name: str) -> Any:
    if name == "DynamicFrame":
        from awsglue.dynamicframe import DynamicFrame

        return DynamicFrame
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
