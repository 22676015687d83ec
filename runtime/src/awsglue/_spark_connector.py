"""Connectors that users bring: any data source of Spark's, by its class or its short name.

https://docs.aws.amazon.com/glue/latest/dg/developing-custom-connectors.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from awsglue._errors import ConnectionOptionError
from awsglue._files import sampling
from awsglue._records import Lazy, Records
from awsglue.data_sink import DataSink
from awsglue.data_source import DataSource

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame

#: options that are ours and not the connector's
_OWN = (
    *("className", "connectionName", "useConnectionProperties"),
    *(sampling.PARTITIONS, sampling.FILES_PER_PARTITION),
)


def _class_name(options: Mapping[str, Any]) -> str:
    name = str(options.get("className") or "")
    if not name:
        raise ConnectionOptionError(
            "className", "is missing: the connector's class, or its short name in Spark."
        )
    return name


def _for_the_connector(options: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in options.items() if name not in _OWN}


class SparkConnectorSource(DataSource):
    """What a data source of Spark's reads."""

    def getFrame(self, **options: Any) -> DynamicFrame:
        """Return the records.

        Raises:
            ConnectionOptionError: there is no className.
        """
        from awsglue.dynamicframe import DynamicFrame

        given = self._connection_options
        reader = self._glue_context.spark_session.read.format(_class_name(given))
        frame = reader.options(**_for_the_connector(given)).load()
        if self._predicate:
            frame = frame.where(self._predicate)
        return DynamicFrame(Lazy.made(Records.of(frame)), self._glue_context)


@dataclass(frozen=True, kw_only=True, slots=True)
class SparkConnectorTarget:
    """What a data source of Spark's writes to."""

    class_name: str
    options: Mapping[str, str]

    def write(self, records: Records) -> None:
        """Add the records."""
        writer = records.complete().frame.write.format(self.class_name).mode("append")
        writer.options(**self.options).save()

    def below(self, name: str) -> SparkConnectorTarget:
        """Return the target whose table, or path, has the name of a frame."""
        options = dict(self.options)
        if "path" in options:
            options["path"] = f"{options['path'].rstrip('/')}/{name}"
        else:
            options["dbTable"] = name
        return replace(self, options=options)


class SparkConnectorSink(DataSink):
    """A target of a connector's."""

    def _target(self) -> SparkConnectorTarget:
        given = self._connection_options
        return SparkConnectorTarget(
            class_name=_class_name(given), options=_for_the_connector(given)
        )
