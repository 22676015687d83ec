"""What `GlueContext` does with samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from awsglue._files import sampling

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame


class SampleMethods:
    """The methods of `GlueContext` that read a sample. None of them moves a job bookmark.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html
    """

    def create_sample_dynamic_frame_from_options(
        self,
        connection_type: str,
        connection_options: Mapping[str, Any] | None = None,
        num: int | None = None,
        sample_options: Mapping[str, Any] | None = None,
        format: str | None = None,
        format_options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **kwargs: Any,
    ) -> DynamicFrame:
        """Return the first records of a source; see `create_dynamic_frame_from_options`.

        Args:
            connection_type: as for the whole source.
            connection_options: as for the whole source.
            num: how many records at most.
            sample_options: of files, how many to look at: `maxSamplePartitions` (10) directories
                and `maxSampleFilesPerPartition` (10) files in each.
            format: as for the whole source.
            format_options: as for the whole source.
            transformation_ctx: accepted; a sample is read again each time.
            push_down_predicate: as for the whole source.

        Raises:
            ValueError: `num` is missing, or negative.
        """
        context = cast("GlueContext", self)
        source = context.getSource(
            connection_type,
            push_down_predicate=push_down_predicate,
            **(connection_options or {}),
        )
        if format:
            source.setFormat(format, **(format_options or {}))
        return source.getSampleFrame(num, **(sample_options or {}))

    def create_sample_dynamic_frame_from_catalog(
        self,
        database: str | None = None,
        table_name: str | None = None,
        num: int | None = None,
        sample_options: Mapping[str, Any] | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        additional_options: Mapping[str, Any] | None = None,
        catalog_id: str | None = None,
        erieTxId: str = "",
        asOfTime: str = "",
        **kwargs: Any,
    ) -> DynamicFrame:
        """Return the first records of a table; see `create_dynamic_frame_from_catalog`.

        Args:
            database: as for the whole table.
            table_name: as for the whole table.
            num: how many records at most.
            sample_options: as in `create_sample_dynamic_frame_from_options`.
            redshift_tmp_dir: as for the whole table.
            transformation_ctx: accepted; a sample is read again each time.
            push_down_predicate: as for the whole table.
            additional_options: as for the whole table.
            catalog_id: as for the whole table.
            erieTxId: accepted; AWS has it for governed tables, which are no more.
            asOfTime: accepted, as well.

        Raises:
            ValueError: `num` is missing, or negative.
        """
        frame = cast("GlueContext", self).create_dynamic_frame_from_catalog(
            database,
            table_name,
            redshift_tmp_dir,
            push_down_predicate=push_down_predicate,
            additional_options={
                **(additional_options or {}),
                **sampling.options_of(sample_options),
            },
            catalog_id=catalog_id,
            **kwargs,
        )
        return sampling.first(frame, num)
