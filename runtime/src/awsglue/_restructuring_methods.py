"""The methods of `DynamicFrame` that change the structure of records.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from awsglue._catalog.client import table_schema
from awsglue._collection import DynamicFrameCollection
from awsglue._python.partition_functions import Raw
from awsglue._python.python_steps import Origin, map_partitions
from awsglue._records import Records
from awsglue._steps import choices, dynamodb_json, relationalize, spigot, unbox, unnest

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame


class _Step(Protocol):
    def __call__(
        self, step: Any, stage_threshold: int = 0, total_threshold: int = 0, *, later: bool = False
    ) -> DynamicFrame: ...


class RestructuringMethods:
    """What `DynamicFrame` inherits from here."""

    if TYPE_CHECKING:
        glue_ctx: GlueContext
        name: str
        _step: _Step

        @property
        def _records(self) -> Records: ...

    def mapPartitions(
        self,
        f: Callable[[Iterator[Raw]], Iterable[Raw]],
        preservesPartitioning: bool = True,
        transformation_ctx: str = "",
        info: str | None = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Return what `f` makes of each partition; see `mapPartitionsWithIndex`."""
        return self.mapPartitionsWithIndex(
            lambda _, records: f(records),
            preservesPartitioning,
            transformation_ctx,
            info,
            stageThreshold,
            totalThreshold,
        )

    def mapPartitionsWithIndex(
        self,
        f: Callable[[int, Iterator[Raw]], Iterable[Raw]],
        preservesPartitioning: bool = False,
        transformation_ctx: str = "",
        info: str | None = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Return what `f` makes of each partition, with the types that it really returned.

        A record is as `map` shows it, without the fields that it lacks. Fields of the same name
        keep their types as long as the values fit.

        Args:
            f: gets the number of the partition and its records, and gives records. Each is a dict
                of `record`, `isError` and `errorMessage`; one with `isError` becomes an error
                record. An exception of `f` ends the job.
            preservesPartitioning: accepted; records stay in their partitions.
            transformation_ctx: accepted; the step has no state.
            info: goes into error records.
            stageThreshold: errors allowed in this step.
            totalThreshold: errors allowed up to this step.
        """
        origin = Origin.here(info)
        return self._step(
            lambda records: map_partitions(records, f, origin),
            stageThreshold,
            totalThreshold,
            later=True,
        )

    def unnest(
        self,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Return the records with the fields of structs at the top, as `a.b`; arrays stay.

        Raises:
            FlattenedNamesError: two fields would get one name.
        """
        return self._step(unnest.unnest, stageThreshold, totalThreshold)

    def relationalize(
        self,
        root_table_name: str,
        staging_path: str | None = None,
        options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrameCollection:
        """Return the records as flat tables: the root table, and one for each array.

        A table of an array is named `<root>_<path of the array>`; its `id` is the key that stands
        in the place of the array in the table above it.

        Args:
            root_table_name: the name of the root table.
            staging_path: where records that cannot be computed twice alike are written; without it
                the job's `--TempDir`. What is written there stays.
            options: accepted; AWS uses none either.
            transformation_ctx: the name under which the job bookmark keeps the last key, so that
                no later run gives a key again.
            info: accepted; no record can fail here.
            stageThreshold: errors allowed in this step.
            totalThreshold: errors allowed up to this step.

        Raises:
            FlattenedNamesError: two fields of a table would get one name.
            RuntimeError: there is no directory to stage in.
        """
        staging = relationalize.staging_path(staging_path)
        tables = relationalize.relationalize(
            self._records, root_table_name, staging, transformation_ctx
        )
        frames: dict[str, DynamicFrame] = {}
        for name, records in tables.items():
            frames[name] = self._step(
                lambda _, table=records: table, stageThreshold, totalThreshold
            )
            frames[name].name = name
        return DynamicFrameCollection(frames, self.glue_ctx)

    def unbox(
        self,
        path: str,
        format: str,
        transformation_ctx: str = "",
        info: str | None = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
        **options: Any,
    ) -> DynamicFrame:
        """Return the records with a text field replaced by the value that its text holds.

        A record whose text is malformed becomes an error record. Types are found as when a file
        is read, which takes a Spark job.

        Args:
            path: the path of the text field. One that no record has is passed over, with a warning.
            format: `json` or `csv`.
            transformation_ctx: accepted; the step has no state.
            info: goes into error records.
            stageThreshold: errors allowed in this step.
            totalThreshold: errors allowed up to this step.
            options: `withSchema`, the JSON of a `StructType`; for csv `separator`, `escaper`,
                `skipFirst`, `withHeader`.

        Raises:
            NotAvailableError: fields of this format cannot be read.
            ValueError: the field is no text, or an option is none.
        """
        origin = Origin.here(info)
        return self._step(
            lambda records: unbox.unbox(records, path, format, options, origin),
            stageThreshold,
            totalThreshold,
        )

    def unnest_ddb_json(
        self,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Return the records of a DynamoDB export with plain values; fields of maps are `a.b`.

        Raises:
            FlattenedNamesError: two fields would get one name.
        """
        return self._step(dynamodb_json.unnest, stageThreshold, totalThreshold)

    def simplify_ddb_json(self) -> DynamicFrame:
        """Return the records of a DynamoDB export with plain values; maps become structs."""
        return self._step(dynamodb_json.simplify)

    def spigot(
        self,
        path: str,
        options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Write a sample of the records as JSON, one in a line, and return all of them.

        Args:
            path: the directory to write to.
            options: `topk`, the first so many (100 when nothing is said); `prob`, the probability
                of each record to be taken.

        Raises:
            ValueError: an option is out of its bounds, or unknown.
        """
        spigot.write_sample(self._records, path, options or {})
        return self._step(lambda records: records, stageThreshold, totalThreshold)

    def resolveChoice(
        self,
        specs: Any = None,
        choice: str = "",
        database: str | None = None,
        table_name: str | None = None,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
        catalog_id: str | None = None,
    ) -> DynamicFrame:
        """Return the records with fields of several types resolved.

        Args:
            specs: pairs of a path and an action: `cast:<type>`, `project:<type>`, `make_cols`,
                `make_struct`. `list[].price` is a field of the elements of an array.
            choice: one action for all choices instead; also `match_catalog`, which casts each to
                the type that a table has for it.
            database: the database of that table.
            table_name: its name.
            transformation_ctx: accepted; the step has no state.
            info: accepted; no record can fail here.
            stageThreshold: errors allowed in this step.
            totalThreshold: errors allowed up to this step.
            catalog_id: the Data Catalog of that table.

        Raises:
            Exception: both specs and choice are given, or neither.
            ValueError: an action is unknown, or match_catalog has no table.
            EntityNotFoundError: there is no such table.
        """
        if specs is not None and choice:
            raise Exception("Parameter specs and option are both specified, choose one.")
        if specs is None and not choice:
            raise Exception("Parameter specs and option are both missing, add one.")
        limits = (stageThreshold, totalThreshold)
        if choice == choices.MATCH_CATALOG:
            if not database or not table_name:
                raise ValueError("match_catalog needs the arguments database and table_name.")
            schema = table_schema(self.glue_ctx, database, table_name, catalog_id)
            return self._step(lambda records: choices.match(records, schema), *limits)
        if choice:
            action = choices.Action.parse(choice)
            return self._step(lambda records: choices.resolve_all(records, action), *limits)
        pairs = [specs] if isinstance(specs, tuple) else specs
        parsed = [(path, choices.Action.parse(text)) for path, text in pairs]
        return self._step(lambda records: choices.resolve(records, parsed), *limits)
