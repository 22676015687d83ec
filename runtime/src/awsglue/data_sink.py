"""`GlueContext.getSink`: a target whose format is set before it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from awsglue._catalog.client import Catalog
from awsglue._catalog.target import CatalogTarget, behavior_of
from awsglue._jvm import naming_unreadable_files
from awsglue._options import flag
from awsglue._targets import FileTarget, Target

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from awsglue._collection import DynamicFrameCollection
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame

    Frames = TypeVar("Frames", DynamicFrame, DynamicFrameCollection)


class DataSink:
    """A target to add records to.

    Args:
        glue_context: the context that writes.
        connection_options: see `GlueContext.write_dynamic_frame_from_options`.
    """

    def __init__(self, glue_context: GlueContext, connection_options: Mapping[str, Any]) -> None:
        self._glue_context = glue_context
        self._connection_options = connection_options
        self._format = ""
        self._format_options: Mapping[str, Any] = {}
        self._table: tuple[str, str, str] | None = None

    def setFormat(self, format: str, **options: Any) -> None:
        """Set the format and its options."""
        self._format = format.lower()
        self._format_options = options

    def setAccumulableSize(self, size: int) -> None:
        """Accept a size for AWS's accumulators; nothing here needs one."""

    def setCatalogInfo(
        self, catalogDatabase: str, catalogTableName: str, catalogId: str = ""
    ) -> None:
        """Name the table that the files make up.

        It is made or updated when the sink has `enableUpdateCatalog`; its `updateBehavior` is
        `UPDATE_IN_DATABASE` (the default: the table gets the frame's columns) or `LOG`.
        """
        self._table = (catalogDatabase, catalogTableName, catalogId)

    @naming_unreadable_files()
    def writeFrame(self, dynamic_frame: DynamicFrame, info: str = "") -> DynamicFrame:
        """Write a frame; return the records that could not be written, which are none.

        Raises:
            ValueError: no format was set, or no path.
            EntityNotFoundError: the database of the table to register is not there.
            TableError: the table has other partition keys, or files of another format.
        """
        return self._write_to(self._target(), dynamic_frame)

    def writeDataFrame(
        self, data_frame: DataFrame, glue_context: GlueContext, info: str = ""
    ) -> DynamicFrame:
        """Write a DataFrame; see `writeFrame`."""
        from awsglue.dynamicframe import DynamicFrame

        return self.writeFrame(DynamicFrame.fromDF(data_frame, glue_context, ""), info)

    def write(self, dynamic_frame_or_dfc: Frames, info: str = "") -> Frames:
        """Write a frame, or each frame of a collection to a target of its name below this one.

        Raises:
            TypeError: it is neither.
        """
        from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection

        if isinstance(dynamic_frame_or_dfc, DynamicFrame):
            return self.writeFrame(dynamic_frame_or_dfc, info)
        if not isinstance(dynamic_frame_or_dfc, DynamicFrameCollection):
            raise TypeError(
                "A sink writes a DynamicFrame or a DynamicFrameCollection, not a "
                f"{type(dynamic_frame_or_dfc).__name__}."
            )
        target = self._target()
        errors = {
            name: self._write_to(target.below(name), dynamic_frame_or_dfc[name])
            for name in dynamic_frame_or_dfc.keys()  # noqa: SIM118 - a collection is no mapping
        }
        return DynamicFrameCollection(errors, self._glue_context)

    def _target(self) -> Target:
        options = self._connection_options
        files = FileTarget.of(options, self._format, self._format_options)
        if self._table is None or not flag(options.get("enableUpdateCatalog")):
            return files
        database, name, catalog_id = self._table
        return CatalogTarget(
            catalog=Catalog(catalog_id or None),
            database=database,
            name=name,
            files=files,
            update_behavior=behavior_of(options.get("updateBehavior")),
        )

    def _write_to(self, target: Target, dynamic_frame: DynamicFrame) -> DynamicFrame:
        from awsglue.dynamicframe import DynamicFrame

        target.write(dynamic_frame._checked())
        nothing = self._glue_context.spark_session.range(0).select()
        return DynamicFrame(nothing, self._glue_context, f"{dynamic_frame.name}_errors")
