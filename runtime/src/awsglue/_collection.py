"""`DynamicFrameCollection`: frames by name, as steps return them that make several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, KeysView, Mapping, ValuesView
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame


class DynamicFrameCollection:
    """Frames by name.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame-collection.html

    Args:
        dynamic_frames: the frames by name, or frames whose own names count.
        glue_ctx: the context that they belong to.
    """

    def __init__(
        self,
        dynamic_frames: Mapping[str, DynamicFrame] | Iterable[DynamicFrame],
        glue_ctx: GlueContext,
    ) -> None:
        self._frames: dict[str, DynamicFrame]
        if isinstance(dynamic_frames, Mapping):
            self._frames = dict(dynamic_frames)
        else:
            self._frames = {frame.name: frame for frame in dynamic_frames}
        self._glue_ctx = glue_ctx

    def __getitem__(self, key: str) -> DynamicFrame:
        return self._frames[key]

    def __len__(self) -> int:
        return len(self._frames)

    def keys(self) -> KeysView[str]:
        """Return the names."""
        return self._frames.keys()

    def values(self) -> ValuesView[DynamicFrame]:
        """Return the frames."""
        return self._frames.values()

    def select(self, key: str, transformation_ctx: str = "") -> DynamicFrame:
        """Return the frame of a name; an empty one when there is none."""
        from awsglue.dynamicframe import DynamicFrame

        if key in self._frames:
            return self._frames[key]
        empty = self._glue_ctx.spark_session.range(0).select()
        return DynamicFrame.fromDF(empty, self._glue_ctx, key)

    def map(
        self, callable: Callable[[DynamicFrame, str], DynamicFrame], transformation_ctx: str = ""
    ) -> DynamicFrameCollection:
        """Return the frames that a function makes of these, by the same names.

        Args:
            callable: gets a frame and a transformation context of its own.
            transformation_ctx: the beginning of those contexts.
        """
        return DynamicFrameCollection(
            {
                name: callable(frame, transformation_ctx + name)
                for name, frame in self._frames.items()
            },
            self._glue_ctx,
        )

    def flatmap(
        self,
        f: Callable[[DynamicFrame, str], DynamicFrame | DynamicFrameCollection],
        transformation_ctx: str = "",
    ) -> DynamicFrameCollection:
        """Return all frames that a function makes of these; `<name>_<inner>` for several of one.

        Args:
            f: gets a frame and a transformation context of its own.
            transformation_ctx: the beginning of those contexts.
        """
        frames: dict[str, DynamicFrame] = {}
        for name, frame in self._frames.items():
            made = f(frame, transformation_ctx + name)
            if isinstance(made, DynamicFrameCollection):
                frames |= {f"{name}_{inner}": made[inner] for inner in made.keys()}  # noqa: SIM118
            else:
                frames[name] = made
        return DynamicFrameCollection(frames, self._glue_ctx)
