"""`UnnestFrame`."""

from __future__ import annotations

from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms.transform import GlueTransform


class UnnestFrame(GlueTransform):
    """Brings the fields of structs to the top."""

    errors = (("FlattenedNamesError", "Two fields would get one name."),)

    def __call__(
        self,
        frame: DynamicFrame,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Apply the transform; see `DynamicFrame.unnest`."""
        return frame.unnest(transformation_ctx, info, stageThreshold, totalThreshold)
