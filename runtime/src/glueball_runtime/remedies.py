"""What a run's `ErrorMessage` says besides the error itself, where that does not name the way out.

Errors of this library have their remedy in their own text; these are those of Python, Spark and
Hadoop. One table: what is recognised, and the sentence.
"""

from __future__ import annotations

import re

NANOSECONDS = (
    "The file is whole: it has times in nanoseconds, and Spark has microseconds. Write them as "
    "such (pandas and pyarrow: coerce_timestamps='us', with allow_truncated_timestamps=True), or "
    "give the job --conf spark.sql.legacy.parquet.nanosAsLong=true: then they are numbers, "
    "nanoseconds since 1970."
)
_LAKE_JARS = (
    "This runtime brings no jars of Iceberg, Delta Lake and Hudi, whatever --datalake-formats "
    "says. Name the jar of yours in --extra-jars: the one for this Spark and its Scala, such as "
    "iceberg-spark-runtime-3.5_2.12 for Glue 5.1 and …-4.1_2.13 for 6.0."
)
_NO_CATALOG_IN_SQL = (
    "If it is a table of the Data Catalog: Spark SQL does not see that here, also not with "
    "--enable-glue-datacatalog. Read it with glueContext.create_dynamic_frame.from_catalog("
    'database="…", table_name="…").toDF().createOrReplaceTempView("…"), and ask for the view.'
)
_GLUE_STUDIO = (
    "Glue Studio's gs_… modules are AWS's own, and are not here. Do their step with functions of "
    "Spark; a module that AWS has put into your bucket beside the script is brought by "
    "--extra-py-files."
)

#: what is recognised in `<type>: <text>` of an error, Java's stack included; the first counts
_REMEDIES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (r"No module named 'delta'",
         "The module is that of the package delta-spark: --additional-python-modules "
         f"delta-spark==3.3.2 (Glue 6.0: the one for Spark 4) brings it. {_LAKE_JARS}"),
        (r"No module named 'gs_\w+'", _GLUE_STUDIO),
        (r"No module named '(awsglueml|awsglue\.(blueprint|devutils))\b",
         "AWS's module is not in this release. The page on awsglue says what works instead."),
        (r"Cannot find catalog plugin class .*(iceberg|delta|[Hh]oodie)", _LAKE_JARS),
        (r"Failed to find the data source: (iceberg|delta|hudi)", _LAKE_JARS),
        (r"ClassNotFoundException: (org\.apache\.(iceberg|hudi)|io\.delta|"
         r"org\.apache\.spark\.sql\.(delta|hudi))", _LAKE_JARS),
        (r"TABLE_OR_VIEW_NOT_FOUND\][^\n]*`(glue_catalog|s3tablescatalog)`",
         f"A catalog of Iceberg has to be configured by --conf spark.sql.catalog.…. {_LAKE_JARS}"),
        (r"(TABLE_OR_VIEW|SCHEMA)_NOT_FOUND", _NO_CATALOG_IN_SQL),
        (r"Failed to find the data source|Cannot find catalog plugin class",
         "Its jar is not on the class path: name it in --extra-jars."),
        (r"No suitable driver|ClassNotFoundException: \S*[dD]river",
         "The driver of the database is not on the class path: name its jar in --extra-jars."),
        (r"UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE[^\n]*VOID|support writing empty or nested|"
         r"Cannot write a schema with an empty group|each serializer expression should contain",
         "A field is null, or empty, in all records: DropNullFields.apply(frame) before toDF() "
         "leaves such fields out."),
        (r"TIMESTAMP\(NANOS", NANOSECONDS),
        (r"Could not initialize target File System for URI",
         "There is no such bucket, or it was made after the run began."),
        (r"Unexpected end of input stream", "A compressed file is cut off; upload it again."),
    )
)  # fmt: skip
_NO_MODULE = re.compile(r"No module named '(\w+)'$")
#: packages that are not called as their modules are
_PACKAGES = {
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "google": "protobuf",
    "jwt": "PyJWT",
    "psycopg2": "psycopg2-binary",
    "PIL": "pillow",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}


def remedy(exception: BaseException, text: str) -> str:
    """Return the way out of an error, a sentence; "" where none is known, or the text has it.

    Args:
        exception: what the script raised.
        text: what it says, whole.
    """
    types = [base.__name__ for base in type(exception).__mro__]
    if "GlueError" in types:
        return ""
    said = f"{types[0]}: {text}"
    for pattern, sentence in _REMEDIES:
        if pattern.search(said):
            return sentence
    if isinstance(exception, ModuleNotFoundError) and (module := _NO_MODULE.search(text)):
        package = _PACKAGES.get(module[1], module[1].replace("_", "-"))
        return (
            f"If it is a package, --additional-python-modules {package} installs it for the job; a "
            "file of yours is brought by --extra-py-files."
        )
    return ""
