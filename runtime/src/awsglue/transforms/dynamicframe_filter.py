"""`Filter`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from awsglue.dynamicframe import DynamicFrame
from awsglue.gluetypes import DynamicRecord
from awsglue.transforms.transform import GlueTransform


class Filter(GlueTransform):
    """Keeps the records for which a function is true."""

    def __call__(
        self,
        frame: DynamicFrame,
        f: Callable[[DynamicRecord], Any],
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Apply the transform; see `DynamicFrame.filter`."""
        return frame.filter(f, transformation_ctx, info, stageThreshold, totalThreshold)
