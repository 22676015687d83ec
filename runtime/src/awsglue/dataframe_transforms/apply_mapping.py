"""`ApplyMapping` for a DataFrame."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame

from awsglue._records import Records
from awsglue._steps import mapping


class ApplyMapping:
    """Chooses, renames, nests and casts the columns of a DataFrame."""

    @staticmethod
    def apply(frame: DataFrame, mappings: Any) -> DataFrame:
        """Return the mapped columns only.

        Args:
            frame: what to map.
            mappings: tuples of (source, source type, target, target type), as for
                `DynamicFrame.apply_mapping`.

        Raises:
            TypeError: a mapping is not a tuple.
            ValueError: a mapping has not 2 to 4 parts, or names an unknown type.
        """
        return mapping.apply(Records.of(frame), mapping.parse(mappings), False).frame
