"""The report of a crawl that succeeded: what it has done to the catalog."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from botocore.credentials import Credentials

from glueball.crawl.client import Patience
from glueball.crawl.private_calls import PrivateCalls
from glueball.crawl.specification import Specification

_TARGET = "GlueballRuntime.ReportCrawl"


@dataclass(slots=True)
class Summary:
    """What a crawl has done so far."""

    tables_created: list[str] = field(default_factory=list)
    tables_updated: list[str] = field(default_factory=list)
    tables_deleted: list[str] = field(default_factory=list)
    partitions_created: int = 0
    partitions_updated: int = 0
    partitions_deleted: int = 0

    def document(self) -> dict[str, Any]:
        """Return it as the service takes it."""
        return {
            "TablesCreated": self.tables_created,
            "TablesUpdated": self.tables_updated,
            "TablesDeleted": self.tables_deleted,
            "PartitionsCreated": self.partitions_created,
            "PartitionsUpdated": self.partitions_updated,
            "PartitionsDeleted": self.partitions_deleted,
        }

    def lines(self) -> list[str]:
        """Return it as the log says it, in AWS's manner; what was not done is left out."""
        counts = {
            "TABLE": (self.tables_created, self.tables_updated, self.tables_deleted),
            "PARTITION": (
                range(self.partitions_created),
                range(self.partitions_updated),
                range(self.partitions_deleted),
            ),
        }
        lines = []
        for what, done in counts.items():
            named = zip(("ADD", "UPDATE", "DELETE"), done, strict=True)
            if said := [f"{verb}: {len(some)}" for verb, some in named if some]:
                lines += [f"Run Summary For {what}:", *said]
        return lines


class ServiceReports:
    """Hands reports in at the service, by a private operation."""

    def __init__(
        self,
        specification: Specification,
        credentials: Credentials,
        patience: Patience | None = None,
    ) -> None:
        """Takes the run, its credentials, and how to wait for a service that restarts."""
        self._specification = specification
        self._calls = PrivateCalls(specification, credentials, patience)

    def report(self, summary: Summary) -> None:
        """Hand in what the crawl has done. Doing it again changes nothing.

        Raises:
            ServiceRefused: the run has ended, or its token is an old one.
            ServiceUnreachable: nobody answered for a minute.
        """
        request = {
            "RunId": self._specification.run_id,
            "Token": self._specification.token,
            "Summary": summary.document(),
        }
        try:
            self._calls.call(_TARGET, request)
        finally:
            self._calls.close()
