from __future__ import annotations

import pytest

from glueball.core.permissions import ALL, DATA, is_permitted

_DATA = [
    # service, operation, permitted, why
    ("glue", "CreateTable", True, "sinks update the catalog"),
    ("glue", "BatchCreatePartition", True, "as above"),
    ("glue", "GetConnection", True, "sources read connections"),
    ("glue", "StartJobRun", True, "scripts start the next job"),
    ("glue", "PutWorkflowRunProperties", True, "jobs of a workflow tell each other"),
    ("glue", "GetJobRun", True, "looking changes nothing"),
    ("glue", "CreateJob", False, "what runs is the operator's"),
    ("glue", "UpdateJob", False, "as above"),
    ("glue", "DeleteJob", False, "as above"),
    ("glue", "CreateTrigger", False, "a trigger runs code later, without the run"),
    ("glue", "DeleteWorkflow", False, "as above"),
    ("glue", "CreateCrawler", False, "as above"),
    ("glue", "UpdateConnection", False, "could send passwords elsewhere"),
    ("glueball-runtime", "CommitJobBookmark", True, "Job.commit"),
    ("logs", "PutLogEvents", True, "what it prints"),
    ("s3", "PutObject", True, "data"),
    ("s3", "CreateBucket", True, "data"),
    ("s3", "PutBucketPolicy", False, "says who may read"),
    ("s3", "PutBucketNotificationConfiguration", False, "starts what is outside of the run"),
    ("events", "PutEvents", True, "tells others"),
    ("events", "PutRule", False, "starts what is outside of the run"),
    ("iam", "CreateRole", False, "roles are the operator's"),
    ("iam", "GetRole", True, "looking changes nothing"),
    ("sts", "GetCallerIdentity", True, "looking changes nothing"),
    ("sts", "AssumeRole", False, "its credentials would not end with the run"),
    ("sts", "GetSessionToken", False, "as above"),
]


@pytest.mark.parametrize(("service", "operation", "permitted", "_why"), _DATA)
def test_what_runs_may_do_with_data_alone(
    service: str, operation: str, permitted: bool, _why: str
) -> None:
    assert is_permitted(DATA, service, operation) is permitted


@pytest.mark.parametrize(("service", "operation", "_permitted", "_why"), _DATA)
def test_all_means_all(service: str, operation: str, _permitted: bool, _why: str) -> None:
    assert is_permitted(ALL, service, operation)
