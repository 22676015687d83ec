"""`DropNullFields`."""

from __future__ import annotations

from awsglue._steps import field_paths
from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms.transform import GlueTransform


class DropNullFields(GlueTransform):
    """Drops the fields that are null in all records: those of the type null.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-DropNullFields.html
    """

    def __call__(
        self,
        frame: DynamicFrame,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Return the frame without its null fields, and print their paths."""
        print(f"null_fields {field_paths.null_fields(frame.schema())}")
        return frame._step(field_paths.drop_nulls, stageThreshold, totalThreshold)
