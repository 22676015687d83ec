"""What can go wrong between a job script and the service that started it.

::

    RuntimeFault
    ├── RunSpecUnreadable          GLUEBALL_RUN_SPEC names a file that does not describe a run
    ├── MissingCredentials         the environment lacks what signing a request needs
    ├── BookmarkUnreadable         the stored bookmark is not one that this runtime understands
    ├── ServiceUnreachable         no answer within the time that a restart may take
    └── ServiceError               the service answered with an error
        ├── BookmarkVersionMismatch
        ├── NotFound
        └── NotPermitted

The text of each says what happened and what to do; a run shows it as its ErrorMessage.
"""

from __future__ import annotations


class RuntimeFault(Exception):
    """Every error that the runtime itself raises about the service."""


class RunSpecUnreadable(RuntimeFault):
    """The file that describes this run is missing or broken."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"Cannot read the description of this run, {path} (named by GLUEBALL_RUN_SPEC):"
            f" {reason}. Start the run again, or unset GLUEBALL_RUN_SPEC to run without a service."
        )


class MissingCredentials(RuntimeFault):
    """The environment has no keys to sign a request with."""

    def __init__(self, variable: str) -> None:
        super().__init__(
            f"The environment variable {variable} is not set, so requests to the service cannot"
            " be signed. A script must not remove the credentials that its run was started with."
        )


class BookmarkUnreadable(RuntimeFault):
    """The stored bookmark is damaged, or written by a newer runtime."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The job's bookmark cannot be read: {reason}. Run the job with the runtime that wrote"
            " it, or forget what was processed with `aws glue reset-job-bookmark --job-name NAME`."
        )


class ServiceUnreachable(RuntimeFault):
    """The service did not answer in time."""

    def __init__(self, endpoint_url: str, operation: str, seconds: float, reason: str) -> None:
        super().__init__(
            f"The service at {endpoint_url} did not answer {operation} within {seconds:.0f}"
            f" seconds ({reason}). Start it again (`glueball up`), then run the job again."
        )


class ServiceError(RuntimeFault):
    """The service refused a request.

    Args:
        operation: what was asked.
        code: AWS's error code.
        message: the service's sentence.
    """

    def __init__(self, operation: str, code: str, message: str) -> None:
        super().__init__(self.sentence(operation, code, message))
        self.operation = operation
        self.code = code

    def sentence(self, operation: str, code: str, message: str) -> str:
        """Return the text of the error."""
        return f"The service refused {operation}: {message} ({code})"


class BookmarkVersionMismatch(ServiceError):
    """The bookmark moved since this run read it: another run committed, or it was reset."""

    def sentence(self, operation: str, code: str, message: str) -> str:
        return (
            f"GLUE_JOB_BOOKMARK_VERSION_MISMATCH_ERROR: the bookmark was not written. {message}"
            " Let one run of the job at a time use the bookmark (MaxConcurrentRuns 1), then run it"
            " again."
        )


class NotFound(ServiceError):
    """The job, its run or its bookmark does not exist (any more)."""


class NotPermitted(ServiceError):
    """The run may not do this: its attempt was replaced, or its credentials expired."""
