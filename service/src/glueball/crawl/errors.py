"""Why a crawl fails.

::

    CrawlFailed
    ├── LaunchUnreadable      launch.json is missing or malformed
    ├── InvalidTarget         what the crawler asks for cannot be crawled
    ├── MissingBucket         a target's bucket is not there
    ├── MissingTable          a target's table is not there
    ├── TooManyTables         more tables were found than the crawler may write
    ├── ServiceRefused        the service answered with an error
    └── ServiceUnreachable    nobody answered for a minute
"""

from __future__ import annotations

from typing import Any, ClassVar

from glueball.core.errors import GlueballError


class CrawlFailed(GlueballError):
    """The crawl cannot go on; the text says why and what to do."""

    #: a word for programs
    category: ClassVar[str] = "INTERNAL_ERROR"

    def __reduce__(self) -> tuple[Any, ...]:
        """Let an error come out of the process that met it."""
        return _restored, (type(self), str(self), self.__dict__)


def _restored(kind: type[CrawlFailed], text: str, members: dict[str, Any]) -> CrawlFailed:
    error = kind.__new__(kind, text)
    error.__dict__.update(members)
    return error


class LaunchUnreadable(CrawlFailed):
    category = "LAUNCH_ERROR"


class InvalidTarget(CrawlFailed):
    category = "INVALID_TARGET"


class MissingBucket(CrawlFailed):
    """There is no such bucket.

    Args:
        bucket: its name.
    """

    category = "NO_SUCH_BUCKET"

    def __init__(self, bucket: str) -> None:
        super().__init__(
            f"There is no bucket {bucket}. Create it, or correct the path among the crawler's "
            "S3Targets."
        )


class MissingTable(CrawlFailed):
    """There is no such table.

    Args:
        database: where it should be.
        table: its name.
        why: what is wrong with it, as the end of "The table … ".
    """

    category = "NO_SUCH_TABLE"

    def __init__(self, database: str, table: str, why: str = "does not exist") -> None:
        super().__init__(
            f"The table {database}.{table} {why}. Correct it, or take it out of the crawler's "
            "CatalogTargets."
        )


class TooManyTables(CrawlFailed):
    """More tables were found than the crawler may write.

    Args:
        threshold: the crawler's TableThreshold.
        found: how many tables there would be.
    """

    category = "TABLE_THRESHOLD"

    def __init__(self, threshold: int, found: int) -> None:
        super().__init__(
            f"Table Threshold value = {threshold}, Tables detected - {found}. Nothing was written. "
            "The log names them; combine them (TableGroupingPolicy), exclude files, or raise "
            "CrawlerOutput.Tables.TableThreshold in the crawler's Configuration."
        )


class ServiceRefused(CrawlFailed):
    """The service answered with an error.

    Args:
        operation: what was asked: "UpdateTable".
        code: AWS's error code.
        message: the sentence of the answer.
    """

    category = "SERVICE_REFUSED"

    def __init__(self, operation: str, code: str, message: str) -> None:
        super().__init__(f"{operation} was refused: {message} ({code})")
        self.code = code


class ServiceUnreachable(CrawlFailed):
    """Nobody answered.

    Args:
        operation: what was asked.
        seconds: how long it was tried.
        reason: the last fault.
    """

    category = "SERVICE_UNREACHABLE"

    def __init__(self, operation: str, seconds: float, reason: str) -> None:
        super().__init__(
            f"The service did not answer {operation} for {seconds:.0f} s ({reason}). See that it "
            "runs, and start the crawler again."
        )
