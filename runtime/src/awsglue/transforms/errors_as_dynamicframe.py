"""`ErrorsAsDynamicFrame`."""

from __future__ import annotations

from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms.transform import GlueTransform


class ErrorsAsDynamicFrame(GlueTransform):
    """Returns the failed records of a frame."""

    def __call__(self, frame: DynamicFrame) -> DynamicFrame:
        """Apply the transform; see `DynamicFrame.errorsAsDynamicFrame`."""
        return frame.errorsAsDynamicFrame()
