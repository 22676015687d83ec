"""The tables of the Data Catalog.

Statistics find their partition by its values, written as a JSON list of strings.
"""

from __future__ import annotations

import sqlalchemy as sa

catalog_metadata = sa.MetaData()

#: partition keys that have columns, and indexes, of their own; tables seldom have more
VALUE_COLUMNS = 8

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

#: what SearchTables looks for, apart from the definitions, which are larger
table_texts = sa.Table(
    "catalog_table_texts",
    catalog_metadata,
    sa.Column(
        "table_id",
        sa.Integer,
        sa.ForeignKey("catalog_tables.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("texts", sa.Text, nullable=False),  # in lower case, a line for each
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

#: where each partition of a table lies in the order of values, and what expressions look at. The
#: rows are small, so that a predicate that no index helps reads little
partitions = sa.Table(
    "catalog_partitions",
    catalog_metadata,
    sa.Column(
        "table_id",
        sa.Integer,
        sa.ForeignKey("catalog_tables.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    # see `core/partition_order.py`; behind the sort texts, the values as JSON
    sa.Column("position", _Key, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),  # of its row in `partition_documents`
    sa.Column("bucket", sa.SmallInteger, nullable=False),  # by a hash of the values, for segments
    *(sa.Column(f"value_{place}", _Key) for place in range(VALUE_COLUMNS)),  # sort texts
    sa.Column("more_values", sa.Text),  # JSON: those behind the last of these columns
    sqlite_with_rowid=False,
)
for _value in list(partitions.c)[5 : 4 + VALUE_COLUMNS]:  # the first one leads in `position`
    sa.Index(
        f"catalog_partitions_by_{_value.name}",
        partitions.c.table_id,
        _value,
        partitions.c.position,
        sqlite_where=_value.is_not(None),
        postgresql_where=_value.is_not(None),
    )

#: what partitions are, apart from their values
partition_documents = sa.Table(
    "catalog_partition_documents",
    catalog_metadata,
    sa.Column(
        "table_id",
        sa.Integer,
        sa.ForeignKey("catalog_tables.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("number", sa.Integer, primary_key=True),  # counted within the table
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("column_schema", sa.LargeBinary),  # the digest of its columns, if it has any
    sa.Column("document", sa.LargeBinary, nullable=False),  # JSON: members of PartitionInput
    sqlite_with_rowid=False,
)

#: the columns of StorageDescriptors: most partitions of a table have the same ones
column_schemas = sa.Table(
    "catalog_column_schemas",
    catalog_metadata,
    sa.Column(
        "table_id",
        sa.Integer,
        sa.ForeignKey("catalog_tables.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("uses", sa.Integer, nullable=False),  # partitions that have these columns
    sa.Column("columns", sa.LargeBinary, nullable=False),  # JSON: a list of AWS's `Column` shapes
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
