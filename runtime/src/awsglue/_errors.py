"""The sentences that users read when a job cannot go on."""

from __future__ import annotations

from collections.abc import Sequence

from awsglue import _unreadable


class GlueError(Exception):
    """The base of the errors that this library raises itself."""


class NotAvailableError(GlueError, NotImplementedError):
    """A feature of AWS Glue that this release does not have.

    Args:
        feature: what was asked for, as the subject of a sentence.
        instead: what works today.
    """

    def __init__(self, feature: str, instead: str) -> None:
        super().__init__(f"{feature} is not in this release of Glueball. {instead}")


class PathNotFoundError(GlueError, FileNotFoundError):
    """There is nothing at a path.

    Args:
        path: as the script wrote it.
    """

    def __init__(self, path: str) -> None:
        super().__init__(
            f"Path does not exist: {path}. There is no object at it or below it. Check bucket and "
            "prefix; a bucket that was made after the run began is seen by the next run."
        )


class BucketNotFoundError(GlueError, FileNotFoundError):
    """A bucket that is to be written to is not there.

    Args:
        bucket: its name.
        path: as the script wrote it.
    """

    def __init__(self, bucket: str, path: str) -> None:
        super().__init__(
            f"The specified bucket does not exist: {bucket} ({path}). Make it before the run "
            f"begins: `aws s3 mb s3://{bucket}`. Spark does not see one that the script makes."
        )


class UnreadableFileError(GlueError, OSError):
    """A file is there, and cannot be read.

    Args:
        path: of the file.
        reason: what its reader said.
    """

    def __init__(self, path: str, reason: str) -> None:
        said = reason.removesuffix(".")
        super().__init__(f"{path} cannot be read: {said}. {_unreadable.sentence(reason)}")


class TwinColumnsError(GlueError, ValueError):
    """A file has columns that Spark cannot tell apart.

    Args:
        names: those that differ in case only.
    """

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            f"The files have columns whose names differ in case only: "
            f"{', '.join(map(repr, names))}. Spark takes them for one, unless the job has "
            "--conf spark.sql.caseSensitive=true."
        )


class FlattenedNamesError(GlueError, ValueError):
    """Fields of structs, or tables of arrays, named by their paths, would share a name.

    Args:
        names: the names that would occur more than once.
    """

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            f"Several fields would be named {', '.join(map(repr, names))} once structs are "
            "flattened, or several tables. Rename or drop one of them before."
        )


class ColumnNamesError(GlueError, ValueError):
    """Columns made of a choice would have the name of another field.

    Args:
        names: the names that would occur more than once.
    """

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            f"make_cols would make several fields named {', '.join(map(repr, names))}. Rename the "
            "field that has the name already, or resolve the choice in another way."
        )


class FieldNotFoundError(GlueError, ValueError):
    """A frame has no field of the name that a step needs.

    Args:
        path: the path asked for.
        known: the fields at the top of the frame.
    """

    def __init__(self, path: str, known: list[str]) -> None:
        fields = ", ".join(known) or "none"
        super().__init__(f"The frame has no field {path!r}. Its fields are: {fields}.")


class ErrorThresholdError(GlueError):
    """More records failed than a step allows.

    Args:
        found: how many failed.
        allowed: how many may, at most.
        what: `stageThreshold` or `totalThreshold`.
    """

    def __init__(self, found: int, allowed: int, what: str) -> None:
        super().__init__(
            f"{found} records failed, and {what} allows {allowed}. errorsAsDynamicFrame() without "
            "the threshold shows them."
        )


class EntityNotFoundError(GlueError, LookupError):
    """The Data Catalog has no such database or table.

    The sentence has the name of the service's error, which people look for in logs.

    Args:
        what: "Database sales", "Table sales.orders".
    """

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} not found (EntityNotFoundException). Check the name; `aws glue get-databases` "
            "and `aws glue get-tables` list those that exist."
        )


class CatalogUnreachableError(GlueError, ConnectionError):
    """There is no Data Catalog to ask.

    Args:
        reason: what the client said.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The Data Catalog cannot be reached: {reason} A run of the service finds it by itself;"
            ' elsewhere start `glueball up` and set the environment by `eval "$(glueball env)"`.'
        )


class TableError(GlueError, ValueError):
    """A table of the Data Catalog cannot be used as a script asks.

    Args:
        table: "sales.orders".
        reason: a sentence about it, with the remedy.
    """

    def __init__(self, table: str, reason: str) -> None:
        super().__init__(f"Table {table}: {reason}")


class ConnectionOptionError(GlueError, ValueError):
    """An option of a connection is missing, or cannot be used.

    Args:
        option: its name.
        problem: what is wrong, the rest of a sentence; never a secret.
    """

    def __init__(self, option: str, problem: str) -> None:
        super().__init__(f"The option {option} {problem}")


class DatabaseError(GlueError):
    """A database refused what it was asked.

    Args:
        url: of the database, without secrets.
        what: what was asked, as the subject of a sentence.
        reason: what the driver said, without secrets.
    """

    def __init__(self, url: str, what: str, reason: str) -> None:
        super().__init__(f"{what} failed at {url}: {reason}")


class DatabaseUnreachableError(DatabaseError, ConnectionError):
    """A database does not answer."""


class DatabaseAccessError(DatabaseError, PermissionError):
    """A database does not know who asks, or lets them not."""


class MissingJarError(GlueError, ImportError):
    """A feature needs a jar that is not there.

    Args:
        feature: what needs it, as the subject of a sentence.
        jar: the jar, or the class in it.
        fetched: whether it belongs to those that are fetched with a runtime.
    """

    def __init__(self, feature: str, jar: str, fetched: bool) -> None:
        again = (
            "Fetch it with a network at hand (`glueball runtime install`; in a project of your own "
            "`python -m glueball_runtime.ivy`), or "
            if fetched
            else "Its licence lets only its users fetch it: "
        )
        super().__init__(
            f"{feature} needs {jar}, which is not on the class path. {again}bring the jar by "
            "--extra-jars; for a database also by the option customJdbcDriverS3Path."
        )


class UnwritableFieldError(GlueError, ValueError):
    """A field has a type that a target does not take.

    Args:
        field: its name.
        type_name: its type.
        target: what does not take it.
        remedy: how to change the frame, a sentence.
    """

    def __init__(self, field: str, type_name: str, target: str, remedy: str) -> None:
        super().__init__(f"{target} takes no {type_name}: field {field!r}. {remedy}")


class UnwritableNameError(GlueError, ValueError):
    """A field has a name that a format does not take.

    Args:
        field: the name.
        format: as a subject: "Avro".
        rule: what its names are.
    """

    def __init__(self, field: str, format: str, rule: str) -> None:
        super().__init__(
            f"{format} takes no field named {field!r}; its names are {rule}. Rename the field "
            "before, with rename_field or ApplyMapping."
        )


class PartitionKeysError(GlueError, ValueError):
    """Partition keys do not work together.

    Args:
        keys: as the script gave them.
        problem: the rest of a sentence, with the remedy.
    """

    def __init__(self, keys: Sequence[str], problem: str) -> None:
        super().__init__(f"partitionKeys {list(keys)} {problem}")


class StorageError(GlueError, OSError):
    """Files that were to be deleted or changed are as they were.

    Args:
        what: what did not happen: "deleted".
        count: the number of such files.
        path: of the first.
        reason: why it failed.
    """

    def __init__(self, what: str, count: int, path: str, reason: str) -> None:
        super().__init__(
            f"{count} files could not be {what}; the others were. The first is {path}: {reason} "
            "With manifestFilePath, Failed.csv lists them all."
        )


class TransactionsEndedError(GlueError, NotImplementedError):
    """Transactions were those of governed tables, which AWS has ended."""

    def __init__(self) -> None:
        super().__init__(
            "Transactions belonged to governed tables of Lake Formation, which AWS has ended at "
            "the end of 2024. Tables of Apache Iceberg, Hudi or Delta Lake have transactions."
        )
