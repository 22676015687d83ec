"""The jars beside Spark's own: which, for what, and where they lie.

This is the only place that names them. `glueball_runtime.ivy` fetches them when a runtime is
installed. Without them everything else works; what needs one says how to get it.

Licences: Apache-2.0 (Spark, Kafka, Commons, Ion), BSD-2-Clause (PostgreSQL), MIT (SQL Server),
LGPL-2.1 (MariaDB, which is for MySQL too: MySQL's own driver is GPL). Oracle's and Redshift's own
drivers are brought by who wants them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Jar:
    """A jar by its Maven coordinates."""

    organisation: str
    name: str
    version: str

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name}-{self.version}.jar"

    @classmethod
    def parse(cls, coordinates: str) -> Jar:
        """Return the jar of `organisation:name:version`."""
        organisation, name, version = coordinates.split(":")
        return cls(organisation=organisation, name=name, version=version)


#: what serves both versions of Spark, by feature
_COMMON = {
    "PostgreSQL and Redshift": ("org.postgresql:postgresql:42.7.8",),
    "MySQL": ("org.mariadb.jdbc:mariadb-java-client:3.5.6",),
    "SQL Server": ("com.microsoft.sqlserver:mssql-jdbc:12.10.2.jre11",),
    "Ion": ("com.amazon.ion:ion-java:1.11.11",),
}
#: each jar is listed with those that it needs and Spark does not have, so nothing else is fetched.
#: Spark's own modules may be of a later patch than Spark.
_BY_SPARK: dict[tuple[int, ...], dict[str, tuple[str, ...]]] = {
    (3, 5): {
        "Avro": ("org.apache.spark:spark-avro_2.12:3.5.7",),
        "Kafka": (
            "org.apache.spark:spark-sql-kafka-0-10_2.12:3.5.7",
            "org.apache.spark:spark-token-provider-kafka-0-10_2.12:3.5.7",
            "org.apache.kafka:kafka-clients:3.4.1",
            "org.apache.commons:commons-pool2:2.11.1",
        ),
    },
    (4, 1): {
        "Avro": ("org.apache.spark:spark-avro_2.13:4.1.1",),
        "Kafka": (
            "org.apache.spark:spark-sql-kafka-0-10_2.13:4.1.1",
            "org.apache.spark:spark-token-provider-kafka-0-10_2.13:4.1.1",
            "org.apache.kafka:kafka-clients:3.9.1",
            "org.apache.commons:commons-pool2:2.12.1",
        ),
    },
}


def groups(spark: tuple[int, ...]) -> dict[str, tuple[Jar, ...]]:
    """Return the jars for each feature.

    Args:
        spark: its version, (3, 5, 6) say; one that no runtime has gets what serves any.
    """
    features = {**_COMMON, **_BY_SPARK.get(spark[:2], {})}
    return {feature: tuple(map(Jar.parse, names)) for feature, names in features.items()}


def folder() -> Path:
    """Return where this environment keeps them."""
    return Path(sys.prefix) / "share" / "glueball" / "jars"


def present(spark: tuple[int, ...]) -> tuple[Path, ...]:
    """Return the files that are there, always in the same order.

    A feature of which a jar is missing has none: half of it would only fail later.
    """
    place = folder()
    return tuple(
        path
        for jars in groups(spark).values()
        if all((place / jar.file).is_file() for jar in jars)
        for path in (place / jar.file for jar in jars)
    )


def missing(spark: tuple[int, ...]) -> dict[str, tuple[Jar, ...]]:
    """Return the features that lack a jar, each with all of its jars."""
    there = {path.name for path in present(spark)}
    return {
        feature: jars
        for feature, jars in groups(spark).items()
        if any(jar.file not in there for jar in jars)
    }
