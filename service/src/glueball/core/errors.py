"""The one exception tree.

::

    GlueballError
    ├── ConfigurationError          what the operator must mend; its text is the remedy
    └── AwsError                    becomes an AWS-shaped answer; `wire` alone knows the bytes
        ├── InvalidInput            (InvalidInputException)
        ├── AlreadyExists           (AlreadyExistsException)
        ├── ConcurrentModification  (ConcurrentModificationException)
        ├── EntityNotFound          (EntityNotFoundException)
        ├── IdempotentParameterMismatch
        ├── ConcurrentRunsExceeded
        ├── IllegalWorkflowState
        ├── ResourceNumberLimitExceeded
        ├── VersionMismatch
        ├── CrawlerRunning          (a crawler runs, and what is asked for must wait)
        ├── CrawlerNotRunning
        ├── CrawlerStopping
        ├── NoSchedule              (a crawler has none)
        ├── SchedulerRunning        (its schedule is in force already)
        ├── SchedulerNotRunning
        ├── AccessDenied
        ├── ValidationFailed        (ValidationException)
        └── ServiceUnavailable      (disk full, home directory gone: nothing was written)

Other services derive their own leaves beside the operations that raise them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar


class GlueballError(Exception):
    """Every error that Glueball raises on purpose."""


class ConfigurationError(GlueballError):
    """Something the operator must mend; the text says what to do. Shown without a traceback."""


class AwsError(GlueballError):
    """An error that a client sees.

    Args:
        message: the sentence the client reads.
        code: AWS's error code; by default that of the class.
        fields: further members of the error's shape (S3's `Key`, say).
    """

    code: str = "InternalServiceException"
    status: ClassVar[int] = 400
    #: headers that the answer carries beside those of every answer, by name
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self, message: str, **fields: str) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields


class InvalidInput(AwsError):
    code = "InvalidInputException"


class EntityNotFound(AwsError):
    code = "EntityNotFoundException"


class AlreadyExists(AwsError):
    code = "AlreadyExistsException"


class ConcurrentModification(AwsError):
    code = "ConcurrentModificationException"


class IdempotentParameterMismatch(AwsError):
    code = "IdempotentParameterMismatchException"


class ConcurrentRunsExceeded(AwsError):
    code = "ConcurrentRunsExceededException"


class IllegalWorkflowState(AwsError):
    code = "IllegalWorkflowStateException"


class ResourceNumberLimitExceeded(AwsError):
    code = "ResourceNumberLimitExceededException"


class VersionMismatch(AwsError):
    code = "VersionMismatchException"


class CrawlerRunning(AwsError):
    code = "CrawlerRunningException"


class CrawlerNotRunning(AwsError):
    code = "CrawlerNotRunningException"


class CrawlerStopping(AwsError):
    code = "CrawlerStoppingException"


class NoSchedule(AwsError):
    code = "NoScheduleException"


class SchedulerRunning(AwsError):
    code = "SchedulerRunningException"


class SchedulerNotRunning(AwsError):
    code = "SchedulerNotRunningException"


class AccessDenied(AwsError):
    code = "AccessDeniedException"
    status = 403


class ValidationFailed(AwsError):
    code = "ValidationException"


class ServiceUnavailable(AwsError):
    """The machine cannot keep a promise now (disk full, home gone); nothing was written."""

    code = "ServiceUnavailableException"
    status = 503
