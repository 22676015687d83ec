"""What the files of the object store cannot say of themselves.

A file is the object; its row only adds to it. A row counts while the file's size and modification
time are those that it recorded, so a file that Spark rewrote sheds its old row by itself.
"""

from __future__ import annotations

import sqlalchemy as sa

objects_metadata = sa.MetaData()

#: compared byte by byte, as S3 orders keys; SQLite does so by itself
_Key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

buckets = sa.Table(
    "buckets",
    objects_metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
)

#: what is set of buckets, by S3's name of the setting ("BucketPolicy"); a setting that a new bucket
#: has and that was taken away has a row without a record
bucket_settings = sa.Table(
    "bucket_settings",
    objects_metadata,
    sa.Column("bucket", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("record", sa.LargeBinary),  # JSON
)

#: a key may have two rows: of the file that is there and of the one about to replace it
objects = sa.Table(
    "objects",
    objects_metadata,
    sa.Column("bucket", sa.Text, primary_key=True),
    sa.Column("key", _Key, primary_key=True),
    sa.Column("size", sa.BigInteger, primary_key=True),
    sa.Column("mtime_ns", sa.BigInteger, primary_key=True),
    sa.Column("etag", sa.Text, nullable=False),
    sa.Column("attributes", sa.LargeBinary, nullable=False),  # JSON: object_metadata.Attributes
)

#: folder markers (`k/`); each counts while its directory is there
folders = sa.Table(
    "folders",
    objects_metadata,
    sa.Column("bucket", sa.Text, primary_key=True),
    sa.Column("key", _Key, primary_key=True),
    sa.Column("mtime_ns", sa.BigInteger, nullable=False),
    sa.Column("attributes", sa.LargeBinary, nullable=False),
)

uploads = sa.Table(
    "uploads",
    objects_metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("bucket", sa.Text, nullable=False),
    sa.Column("key", _Key, nullable=False),
    sa.Column("initiated", sa.Float, nullable=False),
    sa.Column("checksum_algorithm", sa.Text),
    sa.Column("attributes", sa.LargeBinary, nullable=False),
    sa.Index("uploads_of_bucket", "bucket", "key", "initiated", "id"),
)

upload_parts = sa.Table(
    "upload_parts",
    objects_metadata,
    sa.Column("upload_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("etag", sa.Text, nullable=False),
    sa.Column("modified", sa.Float, nullable=False),
    sa.Column("file", sa.Text, nullable=False),  # its name in the upload's directory
    sa.Column("checksums", sa.LargeBinary, nullable=False),  # JSON: digests by algorithm
)
