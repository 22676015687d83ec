"""What the wire knows of a request once it has been let in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Whose signature it was."""

    access_key: str
    account_id: str
    arn: str
    #: the run whose temporary credentials signed the request; None for the operator's own keys
    run_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One authenticated request, as operations see it beside its typed content."""

    service: str  #: botocore's service name: "glue", "logs", "s3", …
    operation: str  #: "CreateJob"
    request_id: str
    caller: Caller
    #: that the signature was made for; None where it names none
    region: str | None = None
