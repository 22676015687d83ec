"""`Relationalize`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.transforms.transform import GlueTransform


class Relationalize(GlueTransform):
    """Makes flat tables of nested records."""

    errors = (
        ("FlattenedNamesError", "Two fields of a table would get one name."),
        ("RuntimeError", "There is no directory to stage in."),
    )

    def __call__(
        self,
        frame: DynamicFrame,
        staging_path: str | None = None,
        name: str = "roottable",
        options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrameCollection:
        """Apply the transform; see `DynamicFrame.relationalize`."""
        return frame.relationalize(
            name, staging_path, options, transformation_ctx, info, stageThreshold, totalThreshold
        )
