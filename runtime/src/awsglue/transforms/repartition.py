"""`Repartition`."""

from __future__ import annotations

from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms.transform import GlueTransform


class Repartition(GlueTransform):
    """Shuffles records into a number of partitions."""

    def __call__(
        self,
        frame: DynamicFrame,
        num_partitions: int,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Apply the transform; see `DynamicFrame.repartition`."""
        return frame.repartition(
            num_partitions, transformation_ctx, info, stageThreshold, totalThreshold
        )
