"""What the credentials of a run may do.

A role here carries no policies that are evaluated. In their place one setting, `run_permissions`,
holds for all runs: `all` lets a script do what the account may, as under a role with
AdministratorAccess; `data` lets it work with data and with what `awsglue` needs, and keeps it from
changing what runs: jobs, triggers, workflows, crawlers, connections, rules, roles.
"""

from __future__ import annotations

import re

ALL = "all"
DATA = "data"
#: the values of the setting
RUN_PERMISSIONS = (ALL, DATA)

#: operations that only look
_READING = re.compile(r"(Get|List|BatchGet|Search|Describe|Lookup|Filter|Head|Test)[A-Z]\w*")
_CATALOG = re.compile(
    r"(Create|Update|Delete|BatchCreate|BatchUpdate|BatchDelete)"
    r"(Database|Table|TableVersion|Partition|PartitionIndex|UserDefinedFunction"
    r"|ColumnStatisticsForTable|ColumnStatisticsForPartition)"
)
#: services of which a run needs everything: what it prints, its bookmarks
_WHOLE = frozenset({"logs", "glueball-runtime"})
#: further operations, by service
_FURTHER = {
    "glue": frozenset(
        {
            "StartJobRun",
            "BatchStopJobRun",
            "StartCrawler",
            "StopCrawler",
            "StartWorkflowRun",
            "PutWorkflowRunProperties",
            "ResetJobBookmark",
        }
    ),
    "events": frozenset({"PutEvents"}),
}
#: hand out credentials that do not end with the run
_CREDENTIALS = frozenset({"GetSessionToken", "GetFederationToken"})
#: of S3: what says who may read, and what buckets tell others
_BUCKET_RULES = re.compile(
    r"(Put|Delete)Bucket[A-Z]\w*|PutPublicAccessBlock|DeletePublicAccessBlock"
)


def is_permitted(run_permissions: str, service: str, operation: str) -> bool:
    """Tell whether the credentials of a run may call an operation.

    Args:
        run_permissions: the setting; one of `RUN_PERMISSIONS`.
        service: botocore's name, or that of the runs' own door.
        operation: AWS's name, `CreateJob`.
    """
    if run_permissions == ALL or service in _WHOLE:
        return True
    if _READING.fullmatch(operation):
        return operation not in _CREDENTIALS
    if service == "s3":
        return not _BUCKET_RULES.fullmatch(operation)
    if operation in _FURTHER.get(service, ()):
        return True
    return service == "glue" and bool(_CATALOG.fullmatch(operation))
