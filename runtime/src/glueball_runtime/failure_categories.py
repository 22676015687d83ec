"""The error category of an exception.

The names are those of the metric `glue.error.<CATEGORY>`:
https://docs.aws.amazon.com/glue/latest/dg/monitor-observability.html. Exceptions are known by their
class names, so that nothing has to be imported to judge them. AWS does not publish its rules; these
are ours.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping

UNCLASSIFIED = "UNCLASSIFIED_ERROR"
UNCLASSIFIED_SPARK = "UNCLASSIFIED_SPARK_ERROR"
BOOKMARK_MISMATCH = "GLUE_JOB_BOOKMARK_VERSION_MISMATCH_ERROR"

#: by class name; the nearest base class that is listed decides
_BY_TYPE: Mapping[str, str] = {
    "SyntaxError": "SYNTAX_ERROR",
    "ImportError": "IMPORT_ERROR",
    "SystemExit": "SYSTEM_EXIT_ERROR",
    "MemoryError": "OUT_OF_MEMORY_ERROR",
    "PermissionError": "PERMISSION_ERROR",
    "FileNotFoundError": "RESOURCE_NOT_FOUND_ERROR",
    "FileExistsError": "RESOURCES_ALREADY_EXISTS_ERROR",
    "ConnectionError": "CONNECTION_ERROR",
    "TimeoutError": "TIMEOUT_ERROR",
    "NotImplementedError": "UNSUPPORTED_OPERATION_ERROR",
    # argparse's is what a name asked for twice raises
    "GlueArgumentError": "INVALID_ARGUMENT_ERROR",
    "ArgumentError": "INVALID_ARGUMENT_ERROR",
    # awsglue
    "FieldNotFoundError": "INVALID_ARGUMENT_ERROR",
    "EntityNotFoundError": "RESOURCE_NOT_FOUND_ERROR",
    "TableError": "INVALID_ARGUMENT_ERROR",
    "DataQualityError": "INVALID_ARGUMENT_ERROR",
    "StorageError": "S3_ERROR",
    "ConnectionOptionError": "INVALID_ARGUMENT_ERROR",
    "UnwritableFieldError": "INVALID_ARGUMENT_ERROR",
    "UnwritableNameError": "INVALID_ARGUMENT_ERROR",
    "PartitionKeysError": "INVALID_ARGUMENT_ERROR",
    "TwinColumnsError": "INVALID_ARGUMENT_ERROR",
    "DatabaseUnreachableError": "CONNECTION_ERROR",
    "DatabaseAccessError": "PERMISSION_ERROR",
    "DatabaseError": "QUERY_ERROR",
    # botocore
    "NoCredentialsError": "PERMISSION_ERROR",
    "EndpointConnectionError": "CONNECTION_ERROR",
    "ConnectTimeoutError": "CONNECTION_ERROR",
    "ReadTimeoutError": "TIMEOUT_ERROR",
    "ParamValidationError": "INVALID_ARGUMENT_ERROR",
    # this runtime
    "BookmarkVersionMismatch": BOOKMARK_MISMATCH,
    "ServiceUnreachable": "CONNECTION_ERROR",
    "NotPermitted": "PERMISSION_ERROR",
    "MissingCredentials": "PERMISSION_ERROR",
    "NotFound": "RESOURCE_NOT_FOUND_ERROR",
    "RuntimeFault": "GLUE_ERROR",
}

#: by the code of an error that an AWS service answered (boto3's ClientError)
_BY_CODE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"AccessDenied|UnauthorizedOperation|Forbidden|^403$"), "PERMISSION_ERROR"),
    (re.compile(r"ExpiredToken|InvalidClientTokenId|Signature"), "PERMISSION_ERROR"),
    (re.compile(r"Throttl|SlowDown|TooManyRequests|RequestLimit|Throughput"), "THROTTLING_ERROR"),
    (re.compile(r"AlreadyExists|AlreadyOwnedByYou"), "RESOURCES_ALREADY_EXISTS_ERROR"),
    (re.compile(r"NoSuch|NotFound|^404$"), "RESOURCE_NOT_FOUND_ERROR"),
    (re.compile(r"Validation|InvalidInput|InvalidArgument"), "INVALID_ARGUMENT_ERROR"),
)

#: by what an error of the JVM says, message and stack; the first that is found decides
_BY_JAVA_TEXT: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(BOOKMARK_MISMATCH), BOOKMARK_MISMATCH),
    (
        re.compile(r"OutOfMemoryError|exceeding memory limits|\bMemoryError\b"),
        "OUT_OF_MEMORY_ERROR",
    ),
    (re.compile(r"No space left on device"), "DISK_NO_SPACE_ERROR"),
    (re.compile(r"AccessDenied|AccessControlException|Permission denied"), "PERMISSION_ERROR"),
    (re.compile(r"ThrottlingException|SlowDown|TooManyRequests"), "THROTTLING_ERROR"),
    (
        re.compile(r"(?<!COLUMN_)ALREADY_EXISTS|AlreadyExistsException"),
        "RESOURCES_ALREADY_EXISTS_ERROR",
    ),
    (re.compile(r"PATH_NOT_FOUND|[Pp]ath does not exist"), "RESOURCE_NOT_FOUND_ERROR"),
    (re.compile(r"FileNotFoundException|NoSuchKey|NoSuchBucket"), "RESOURCE_NOT_FOUND_ERROR"),
    # Hadoop's words for a bucket that was not there when the run began
    (re.compile(r"initialize target File System for URI"), "RESOURCE_NOT_FOUND_ERROR"),
    (re.compile(r"\bio\.delta\.\S*Exception"), "DATA_LAKE_FRAMEWORK_ERROR"),
    (re.compile(r"org\.apache\.(iceberg|hudi)\.\S*Exception"), "DATA_LAKE_FRAMEWORK_ERROR"),
    (re.compile(r"S3Exception|S3IOException"), "S3_ERROR"),
    (re.compile(r"ConnectException|UnknownHostException"), "CONNECTION_ERROR"),
    (re.compile(r"SocketException|ConnectTimeout|Communications link"), "CONNECTION_ERROR"),
    (re.compile(r"TimeoutException"), "TIMEOUT_ERROR"),
    (re.compile(r"spark\.sql\.AnalysisException|ParseException"), "QUERY_ERROR"),
    (re.compile(r"UnsupportedOperationException"), "UNSUPPORTED_OPERATION_ERROR"),
)

#: pyspark's own classes, when the text says nothing more special
_BY_SPARK_TYPE: Mapping[str, str] = {
    "AnalysisException": "QUERY_ERROR",  # also the base of ParseException
    "IllegalArgumentException": "INVALID_ARGUMENT_ERROR",
}


def is_java(exception: BaseException) -> bool:
    """Say whether the JVM, or pyspark about it, raised the exception."""
    return not {"Py4JError", "PySparkException"}.isdisjoint(_type_names(exception))


def category_of(exception: BaseException) -> str:
    """Return the error category of an exception, "UNCLASSIFIED_ERROR" when none fits better."""
    if is_java(exception):
        return _of_java(exception)
    if isinstance(exception, OSError) and exception.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "DISK_NO_SPACE_ERROR"
    code = _service_code(exception)
    if code is not None:
        return _first(_BY_CODE, code) or _of_service(exception)
    return _by_name(_BY_TYPE, exception) or UNCLASSIFIED


def _of_java(exception: BaseException) -> str:
    return (
        _first(_BY_JAVA_TEXT, str(exception))
        or _by_name(_BY_SPARK_TYPE, exception)
        or UNCLASSIFIED_SPARK
    )


def _service_code(exception: BaseException) -> str | None:
    response = getattr(exception, "response", None)
    if "ClientError" not in _type_names(exception) or not isinstance(response, dict):
        return None
    return str(response.get("Error", {}).get("Code", ""))


def _of_service(exception: BaseException) -> str:
    """Judge an answer whose code says nothing by the operation that was called."""
    operation = str(getattr(exception, "operation_name", ""))
    return "S3_ERROR" if re.search(r"Object|Bucket|MultipartUpload", operation) else UNCLASSIFIED


def _first(rules: tuple[tuple[re.Pattern[str], str], ...], text: str) -> str | None:
    return next((category for pattern, category in rules if pattern.search(text)), None)


def _by_name(categories: Mapping[str, str], exception: BaseException) -> str | None:
    return next(
        (categories[name] for name in _type_names(exception) if name in categories),
        None,
    )


def _type_names(exception: BaseException) -> list[str]:
    return [base.__name__ for base in type(exception).__mro__]
