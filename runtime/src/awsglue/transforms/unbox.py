"""`Unbox`."""

from __future__ import annotations

from typing import Any

from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms.transform import GlueTransform


class Unbox(GlueTransform):
    """Parses a text field into what it says."""

    errors = (
        ("ValueError", "The format is not one that a field can have, or the field is no text."),
    )

    def __call__(
        self,
        frame: DynamicFrame,
        path: str,
        format: str,
        transformation_ctx: str = "",
        info: str | None = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
        **options: Any,
    ) -> DynamicFrame:
        """Apply the transform; see `DynamicFrame.unbox`."""
        return frame.unbox(
            path, format, transformation_ctx, info, stageThreshold, totalThreshold, **options
        )
