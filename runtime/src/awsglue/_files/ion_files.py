"""Reading Ion, text or binary: each value of a file is a record.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-ion-home.html

Values have the types that they would have in JSON. A decimal that a double does not hold exactly is
a text, and so are moments; blobs are texts in base64. Annotations are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import SparkSession

from awsglue._errors import MissingJarError
from awsglue._files.inference import read_files
from awsglue._files.listing import Group
from awsglue._records import Records
from glueball_runtime import scala


def read(spark: SparkSession, groups: Sequence[Group], options: Mapping[str, Any]) -> Records:
    """Return the records of Ion files; from the first malformed value, a file is an error record.

    Args:
        spark: the session.
        groups: the files.
        options: accepted; AWS has none for Ion either.

    Raises:
        MissingJarError: Ion's library is not there.
    """
    if not scala.reads_ion():
        raise MissingJarError("The format ion", "ion-java", fetched=True)
    return read_files(spark, groups, {"format": "ion"})
