"""Job arguments that the service itself reads.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
"""

from __future__ import annotations

from collections.abc import Mapping

AUTO_SCALING = "--enable-auto-scaling"


def is_auto_scaled(arguments: Mapping[str, str]) -> bool:
    """Tell whether a run asked for auto scaling."""
    return arguments.get(AUTO_SCALING, "").lower() == "true"
