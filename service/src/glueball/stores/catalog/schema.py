"""The tables of the Data Catalog.

A partition is found by its table's number and its values, written as a JSON list of strings: one
text for any values, and near enough their order.
"""

from __future__ import annotations

import sqlalchemy as sa

catalog_metadata = sa.MetaData()

#: compared byte by byte, so that pages have one order everywhere; SQLite does so by itself
_Key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

databases = sa.Table(
    "catalog_databases",
    catalog_metadata,
    sa.Column("name", _Key, primary_key=True),  # in lower case
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),  # JSON: members of DatabaseInput
)

tables = sa.Table(
    "catalog_tables",
    catalog_metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column(
        "database_name",
        _Key,
        sa.ForeignKey("catalog_databases.name", ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Column("name", _Key, nullable=False),  # in lower case
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("updated", sa.Float, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),  # JSON: members of TableInput
    sa.Index("catalog_tables_by_name", "database_name", "name", unique=True),
    sqlite_autoincrement=True,  # a number is never given twice
)

#: what a table was before its updates
table_versions = sa.Table(
    "catalog_table_versions",
    catalog_metadata,
    sa.Column(
        "table_id",
        sa.Integer,
        sa.ForeignKey("catalog_tables.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("updated", sa.Float, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
)

partition_indexes = sa.Table(
    "catalog_partition_indexes",
    catalog_metadata,
    sa.Column(
        "table_id",
        sa.Integer,
        sa.ForeignKey("catalog_tables.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("name", _Key, primary_key=True),
    sa.Column("indexed", sa.LargeBinary, nullable=False),  # JSON: names of partition keys
)

partitions = sa.Table(
    "catalog_partitions",
    catalog_metadata,
    sa.Column(
        "table_id",
        sa.Integer,
        sa.ForeignKey("catalog_tables.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("key", _Key, primary_key=True),  # JSON: the values
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),  # JSON: members of PartitionInput
    # JSON: of its StorageDescriptor, most of what there is to read, and mostly passed on unread
    sa.Column("columns", sa.LargeBinary),
)

#: of a table's columns, where `partition` is "", or of those of one partition, by its key
column_statistics = sa.Table(
    "catalog_column_statistics",
    catalog_metadata,
    sa.Column(
        "table_id",
        sa.Integer,
        sa.ForeignKey("catalog_tables.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("partition", _Key, primary_key=True),
    sa.Column("column_name", _Key, primary_key=True),  # in lower case
    sa.Column("document", sa.LargeBinary, nullable=False),  # JSON: ColumnStatistics
)

functions = sa.Table(
    "catalog_functions",
    catalog_metadata,
    sa.Column(
        "database_name",
        _Key,
        sa.ForeignKey("catalog_databases.name", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("name", _Key, primary_key=True),  # in lower case
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),  # JSON: of UserDefinedFunctionInput
)

connections = sa.Table(
    "catalog_connections",
    catalog_metadata,
    sa.Column("name", _Key, primary_key=True),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("updated", sa.Float, nullable=False),
    sa.Column("updated_by", sa.Text, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),  # JSON: members of ConnectionInput
)
