"""`DynamicFrame`: records that describe themselves, with the errors met on their way.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html

Differences from AWS: a frame with thresholds, or behind a step with some, is computed when its
records are first asked for (`toDF`, `count`, `show`, `write`), kept on local disk, and fails before
any record goes anywhere; a Map function runs once for each record, when the frame's types are first
needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame

from awsglue import _paths, _schema_text
from awsglue._collection import DynamicFrameCollection
from awsglue._jvm import naming_unreadable_files, wrap_dataframe
from awsglue._options import amount
from awsglue._python import python_steps
from awsglue._python.functions import as_json
from awsglue._python.shapes import from_arrow, plain
from awsglue._reader import DynamicFrameReader
from awsglue._records import Lazy, Records
from awsglue._restructuring_methods import RestructuringMethods
from awsglue._steps import choices, error_records, field_paths, mapping
from awsglue._steps.pairs import join, merge_staged, split_rows, union
from awsglue._streaming.payloads import inferred
from awsglue._types import ddl
from awsglue._writer import DynamicFrameWriter
from awsglue.gluetypes import DataType, StructType

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from awsglue.gluetypes import DynamicRecord

__all__ = [
    "DynamicFrame",
    "DynamicFrameCollection",
    "DynamicFrameReader",
    "DynamicFrameWriter",
    "ResolveOption",
]


class ResolveOption:
    """How `toDF` treats one choice.

    Args:
        path: the field.
        action: `KeepAsStruct`, `Project` or `Cast`.
        target: the type of `Project` and `Cast`: of `awsglue.gluetypes`, or its name.
    """

    def __init__(self, path: str, action: str, target: DataType | str | None = None) -> None:
        self.path = path
        self.action = action
        self.target = target

    def as_action(self) -> choices.Action:
        """Return the option as an action of `resolveChoice`.

        Raises:
            Exception: the action needs a type and has none.
        """
        if self.action.lower() == "keepasstruct":
            return choices.Action(kind="make_struct")
        if self.target is None:
            raise Exception(f"The action {self.action!r} needs a target type.")
        name = self.target if isinstance(self.target, str) else ddl(self.target)
        return choices.Action.parse(f"{self.action.lower()}:{name}")


class DynamicFrame(RestructuringMethods):
    """Records of any shape, in partitions, made when they are needed.

    The arguments `transformation_ctx` of transforms name a state that none of them has here, and
    are accepted; `info` goes into error records. `stageThreshold` and `totalThreshold` are the
    errors allowed in this step and up to it; 0 allows any number.

    Args:
        jdf: a DataFrame of the JVM, or PySpark's.
        glue_ctx: the context that the frame belongs to.
        name: a name for collections and files.
    """

    def __init__(self, jdf: Any, glue_ctx: GlueContext, name: str = "") -> None:
        self.glue_ctx = glue_ctx
        self.name = name
        self._lazy = Lazy(lambda: Records.none(glue_ctx.spark_session))
        if isinstance(jdf, DynamicFrame):
            raise TypeError("A DataFrame is needed; this is a DynamicFrame already.")
        if not isinstance(jdf, Lazy):
            frame = (
                jdf if isinstance(jdf, DataFrame) else wrap_dataframe(jdf, glue_ctx.spark_session)
            )
            jdf = Lazy.made(Records.of(frame))
        self._lazy = jdf

    @property
    def _records(self) -> Records:
        return self._lazy.get()

    def _step(
        self,
        step: Callable[[Records], Records],
        stage_threshold: int = 0,
        total_threshold: int = 0,
        *,
        later: bool = False,
    ) -> DynamicFrame:
        """Return the frame after a step; `later` puts off a step that runs a Spark job."""

        def limited(records: Records) -> Records:
            return step(records).limited(stage_threshold, total_threshold)

        lazy = Lazy(lambda: limited(self._records)) if later else self._lazy.then(limited)
        return DynamicFrame(lazy, self.glue_ctx, self.name)

    def _checked(self) -> Records:
        """Return the records for an action, which fails when too many others failed."""
        if self._records.limits:
            self.assertErrorThreshold()
        return self._records

    def with_frame_schema(self, schema: StructType) -> DynamicFrame:
        """Return a frame whose values are cast to a schema; its other fields are left out."""
        mappings = [
            mapping.Mapping(
                source=_paths.quote(field.name),
                target=_paths.quote(field.name),
                type=field.dataType,
            )
            for field in schema
        ]
        return self._step(lambda records: mapping.apply(records, mappings, True))

    def schema(self) -> StructType:
        """Return the types of the records."""
        return self._records.schema

    def printSchema(self) -> None:
        """Print the schema as a tree."""
        print(_schema_text.tree(self.schema()))

    @naming_unreadable_files()
    def show(self, num_rows: int = 20) -> None:
        """Print the first records as JSON, one in a line; fields that one lacks are left out."""
        records = self._checked()
        convert = from_arrow(records.schema) or plain
        for row in records.frame.take(num_rows):
            print(as_json(convert(row.asDict(recursive=True))))

    @naming_unreadable_files()
    def count(self) -> int:
        """Return the number of records."""
        return self._checked().frame.count()

    def toDF(self, options: Iterable[ResolveOption] | None = None) -> DataFrame:
        """Return the records as a DataFrame; a choice is a struct with one field for each type.

        A field that a record lacks is null.

        Args:
            options: how to treat choices instead.
        """
        records = self._checked()
        specs = [(option.path, option.as_action()) for option in options or ()]
        resolved = choices.resolve(records, specs) if specs else records
        return resolved.complete().frame

    @classmethod
    def fromDF(cls, dataframe: DataFrame, glue_ctx: GlueContext, name: str = "") -> DynamicFrame:
        """Return the rows of a DataFrame as a frame.

        Of several columns of one name, as `SELECT *` of a join has them, the last one counts, and
        there is a warning.

        Raises:
            TypeError: it is no DataFrame.
        """
        if not isinstance(dataframe, (DataFrame, DynamicFrame)):
            raise TypeError(
                f"fromDF needs a DataFrame of Spark; this is a {type(dataframe).__name__}. "
                "spark.createDataFrame(…) makes one of rows, of an RDD, or of pandas."
            )
        return cls(inferred(dataframe), glue_ctx, name)

    def getNumPartitions(self) -> int:
        """Return the number of partitions."""
        return self._records.frame.rdd.getNumPartitions()

    def repartition(
        self,
        num_partitions: int,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Return the records shuffled into a number of partitions.

        Raises:
            ValueError: the number is none from 1 on.
        """
        number = amount("num_partitions", num_partitions)
        return self._step(
            lambda records: records.next(frame=records.frame.repartition(number)),
            stageThreshold,
            totalThreshold,
        )

    def coalesce(
        self,
        num_partitions: int,
        shuffle: bool = False,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Return the records in fewer partitions; `shuffle` balances them, and can also add.

        Raises:
            ValueError: the number is none from 1 on.
        """
        number = amount("num_partitions", num_partitions)
        if shuffle:
            return self.repartition(
                number, transformation_ctx, info, stageThreshold, totalThreshold
            )
        return self._step(
            lambda records: records.next(frame=records.frame.coalesce(number)),
            stageThreshold,
            totalThreshold,
        )

    def filter(
        self,
        f: Callable[[DynamicRecord], Any],
        transformation_ctx: str = "",
        info: str | None = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Return the records for which `f` is true.

        A record for which `f` raises KeyError, ValueError or TypeError is dropped; any other
        exception makes it an error record. A null field is None; a field that the record lacks is
        no key of it, and `record["name"]` raises KeyError.
        """
        origin = python_steps.Origin.here(info)
        return self._step(
            lambda records: python_steps.filter_records(records, f, origin),
            stageThreshold,
            totalThreshold,
        )

    def map(
        self,
        f: Callable[[DynamicRecord], Any],
        preservesPartitioning: bool = False,
        transformation_ctx: str = "",
        info: str | None = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Return what `f` makes of each record, with the types that it returned.

        A field of several types becomes a choice; one that `f` leaves alone keeps its type. A
        record for which `f` raises, or returns nothing, becomes an error record. `f` sees records
        as `filter` does. Without records the fields are those before `f`.
        """
        origin = python_steps.Origin.here(info)
        return self._step(
            lambda records: python_steps.map_records(records, f, origin),
            stageThreshold,
            totalThreshold,
            later=True,
        )

    def apply_mapping(
        self,
        mappings: Any,
        case_sensitive: bool = False,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Return the mapped fields only, cast, renamed and nested as the mappings say.

        Args:
            mappings: tuples of (source, source type, target, target type).
            case_sensitive: whether source names must match in case.

        Raises:
            TypeError: a mapping is not a tuple.
            ValueError: a mapping has not 2 to 4 parts, or names an unknown type.
        """
        parsed = mapping.parse(mappings)
        return self._step(
            lambda records: mapping.apply(records, parsed, case_sensitive),
            stageThreshold,
            totalThreshold,
        )

    def applyMapping(self, *args: Any, **kwargs: Any) -> DynamicFrame:
        """Do what `apply_mapping` does; a frame as the first argument stands for itself."""
        if args and isinstance(args[0], DynamicFrame):
            return args[0].apply_mapping(*args[1:], **kwargs)
        return self.apply_mapping(*args, **kwargs)

    def drop_fields(
        self,
        paths: str | Sequence[str],
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Return the records without these fields; `friends.age` reaches into arrays."""
        return self._step(
            lambda records: field_paths.drop(records, _paths.as_list(paths)),
            stageThreshold,
            totalThreshold,
        )

    def select_fields(
        self,
        paths: str | Sequence[str],
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Return the records with these fields only, in this order."""
        return self._step(
            lambda records: field_paths.select(records, _paths.as_list(paths)),
            stageThreshold,
            totalThreshold,
        )

    def rename_field(
        self,
        oldName: str,
        newName: str,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Return the records with a field at another path."""
        return self._step(
            lambda records: field_paths.rename(records, oldName, newName),
            stageThreshold,
            totalThreshold,
        )

    def split_fields(
        self,
        paths: str | Sequence[str],
        name1: str,
        name2: str,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrameCollection:
        """Return two frames: `name1` with these fields, `name2` with the others."""
        limits = (stageThreshold, totalThreshold)
        return self._two(
            self.select_fields(paths, "", "", *limits),
            name1,
            self.drop_fields(paths, "", "", *limits),
            name2,
        )

    def split_rows(
        self,
        comparison_dict: Mapping[str, Mapping[str, Any]],
        name1: str,
        name2: str,
        transformation_ctx: str = "",
        info: str | None = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrameCollection:
        """Return two frames: `name1` with the records that satisfy all comparisons, `name2`.

        No record satisfies a comparison of a field that none has; the log tells of it.

        Args:
            comparison_dict: by path, values by operator: `{"age": {">": 10, "<": 20}}`.
        """
        limits = (stageThreshold, totalThreshold)
        both = Lazy(lambda: split_rows(self._records, comparison_dict))
        return self._two(
            self._step(lambda _: both.get()[0], *limits),
            name1,
            self._step(lambda _: both.get()[1], *limits),
            name2,
        )

    def _two(
        self, one: DynamicFrame, name1: str, two: DynamicFrame, name2: str
    ) -> DynamicFrameCollection:
        one.name, two.name = name1, name2
        return DynamicFrameCollection({name1: one, name2: two}, self.glue_ctx)

    def join(
        self,
        paths1: str | Sequence[str],
        paths2: str | Sequence[str],
        frame2: DynamicFrame,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Return the pairs of records whose keys are equal, with all fields of both.

        A field of `frame2` whose name this frame has gets a leading dot.

        Raises:
            ValueError: the numbers of keys differ.
        """
        keys1, keys2 = _paths.as_list(paths1), _paths.as_list(paths2)
        if len(keys1) != len(keys2):
            raise ValueError(f"Each key needs its counterpart: {keys1} and {keys2} do not pair.")
        keys = list(zip(keys1, keys2, strict=True))
        frame = self._step(
            lambda records: join(records, frame2._records, keys), stageThreshold, totalThreshold
        )
        frame.name = self.name + frame2.name
        return frame

    def union(
        self,
        other_frame: DynamicFrame,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Return the records of both frames, by field name; a field of two types is a choice.

        A record lacks the fields that only the other frame has.
        """
        return self._step(
            lambda records: union(records, other_frame._records), stageThreshold, totalThreshold
        )

    def mergeDynamicFrame(
        self,
        stage_dynamic_frame: DynamicFrame,
        primary_keys: str | Sequence[str],
        transformation_ctx: str = "",
        options: Mapping[str, Any] | None = None,
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Return the staged records, and those of this frame whose keys are not staged."""
        keys = _paths.as_list(primary_keys)
        return self._step(
            lambda records: merge_staged(records, stage_dynamic_frame._records, keys),
            stageThreshold,
            totalThreshold,
        )

    def write(
        self,
        connection_type: str,
        connection_options: Mapping[str, Any] | None = None,
        format: str | None = None,
        format_options: Mapping[str, Any] | None = None,
        accumulator_size: int = 0,
    ) -> DynamicFrame:
        """Write the records; see `GlueContext.write_dynamic_frame_from_options`."""
        return self.glue_ctx.write_dynamic_frame_from_options(
            self, connection_type, connection_options or {}, format, format_options or {}
        )

    @naming_unreadable_files()
    def errorsCount(self) -> int:
        """Return how many records failed in this step and before it.

        A step that an action has computed knows its errors; another one is computed for them.
        """
        return error_records.count(self._records.errors)

    @naming_unreadable_files()
    def stageErrorsCount(self) -> int:
        """Return how many records failed in the step that made this frame."""
        return error_records.count(self._records.stage_errors)

    def errorsAsDynamicFrame(self) -> DynamicFrame:
        """Return the failed records, each as a struct `error`."""
        return self._step(error_records.as_records, later=True)

    @naming_unreadable_files()
    def assertErrorThreshold(self) -> None:
        """Compute the records, keep them, and compare the errors with all thresholds up to here.

        Raises:
            ErrorThresholdError: there are more.
        """
        self._lazy = Lazy.made(error_records.enforce(self._records))
