"""Transforms of collections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.transforms.transform import GlueTransform


class SelectFromCollection(GlueTransform):
    """Takes one frame out of a collection."""

    def __call__(
        self, dfc: DynamicFrameCollection, key: str, transformation_ctx: str = ""
    ) -> DynamicFrame:
        """Return the frame of a name; an empty one when there is none."""
        return dfc.select(key, transformation_ctx)


class MapToCollection(GlueTransform):
    """Replaces each frame of a collection by what a function makes of it."""

    def __call__(
        self,
        dfc: DynamicFrameCollection,
        callable: Callable[[DynamicFrame, str], DynamicFrame],
        transformation_ctx: str = "",
    ) -> DynamicFrameCollection:
        """Apply the transform; see `DynamicFrameCollection.map`."""
        return dfc.map(callable, transformation_ctx)


class FlatMap(GlueTransform):
    """Applies a transform to each frame of a collection."""

    def __call__(
        self,
        dfc: DynamicFrameCollection,
        BaseTransform: type[GlueTransform],
        frame_name: str,
        transformation_ctx: str = "",
        **base_kwargs: Any,
    ) -> DynamicFrameCollection:
        """Return all the frames that the transform makes.

        Args:
            dfc: the frames.
            BaseTransform: the transform.
            frame_name: the name of the transform's argument that takes the frame.
            transformation_ctx: the beginning of the contexts that the transform gets.
            base_kwargs: its other arguments.
        """

        def apply(frame: DynamicFrame, context: str) -> Any:
            given = {frame_name: frame, "transformation_ctx": context, **base_kwargs}
            return BaseTransform.apply(**given)

        return dfc.flatmap(apply, transformation_ctx)
