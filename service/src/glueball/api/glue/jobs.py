"""Job definitions. https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.paging import decode_token, encode_token
from glueball.core import jobs as rules
from glueball.core.arns import resource_arn
from glueball.core.deadlines import check_deadline
from glueball.core.errors import EntityNotFound, IdempotentParameterMismatch
from glueball.stores import bookmarks, jobs, tags
from glueball.stores.jobs import JobDefinition

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        BatchGetJobsRequestTypeDef,
        CreateJobRequestTypeDef,
        DeleteJobRequestTypeDef,
        GetJobRequestTypeDef,
        GetJobsRequestTypeDef,
        ListJobsRequestTypeDef,
        UpdateJobRequestTypeDef,
    )
    from sqlalchemy import Connection

_PAGE = 100
_MAX_PAGE = 1000


def create_job(context: Context, request: CreateJobRequestTypeDef) -> dict[str, Any]:
    """Keep a new job.

    The same definition again is no error, so that a client that lost the answer may repeat itself.

    Raises:
        IdempotentParameterMismatch: there is a job of this name with another definition.
    """
    members: dict[str, Any] = {**request}
    name = members.pop("Name")
    job_tags = members.pop("Tags", {})
    rules.check_name(name)
    check_deadline(job_tags)
    now = context.clock.now()
    job = JobDefinition(name=name, created=now, modified=now, document=rules.define(members))
    with context.database.write_behind() as connection:
        current = jobs.get(connection, name)
        if current is None:
            jobs.insert(connection, job)
            tags.add(connection, resource_arn(context.account, "job", name), job_tags)
        elif current.document != job.document:
            raise IdempotentParameterMismatch(
                f"Job with name {name} already submitted with different configuration"
            )
    return {"Name": name}


def update_job(context: Context, request: UpdateJobRequestTypeDef) -> dict[str, Any]:
    """Replace a definition; `core.jobs.update` says what is kept."""
    name = request["JobName"]
    with context.database.write_behind() as connection:
        current = existing(connection, name)
        changed = JobDefinition(
            name=name,
            created=current.created,
            modified=context.clock.now(),
            document=rules.update(current.document, {**request["JobUpdate"]}),
        )
        jobs.replace(connection, changed)
    return {"JobName": name}


def get_job(context: Context, request: GetJobRequestTypeDef) -> dict[str, Any]:
    """Show a job."""
    with context.database.read() as connection:
        return {"Job": shown(existing(connection, request["JobName"]))}


def get_jobs(context: Context, request: GetJobsRequestTypeDef) -> dict[str, Any]:
    """Show all jobs, in order of name, a page at a time."""
    page, token = _page(context, "GetJobs", request)
    answer: dict[str, Any] = {"Jobs": [shown(job) for job in page]}
    return answer | token


def list_jobs(context: Context, request: ListJobsRequestTypeDef) -> dict[str, Any]:
    """Name all jobs, or those that have all the tags asked for."""
    wanted = request.get("Tags")
    if not wanted:
        page, token = _page(context, "ListJobs", request)
        return {"JobNames": [job.name for job in page]} | token
    prefix = resource_arn(context.account, "job", "")
    with context.database.read() as connection:
        arns = tags.arns_with(connection, wanted, prefix)
    after, size = _place("ListJobs", request)
    names = sorted(name for arn in arns if (name := arn.removeprefix(prefix)) > after)
    return {"JobNames": names[:size]} | _next_token("ListJobs", names, size)


def batch_get_jobs(context: Context, request: BatchGetJobsRequestTypeDef) -> dict[str, Any]:
    """Show the jobs named, and say which of the names are not there."""
    names = list(request["JobNames"])
    with context.database.read() as connection:
        found = {job.name: job for job in jobs.named(connection, names)}
    return {
        "Jobs": [shown(found[name]) for name in names if name in found],
        "JobsNotFound": [name for name in names if name not in found],
    }


def delete_job(context: Context, request: DeleteJobRequestTypeDef) -> dict[str, Any]:
    """Forget a job and its bookmark; one that is not there is no error (API_DeleteJob)."""
    name = request["JobName"]
    with context.database.write_behind() as connection:
        jobs.delete(connection, name)
        bookmarks.delete(connection, name)
        tags.clear(connection, resource_arn(context.account, "job", name))
    return {"JobName": name}


def existing(connection: Connection, name: str) -> JobDefinition:
    """Return the job called `name`.

    Raises:
        EntityNotFound: there is none.
    """
    job = jobs.get(connection, name)
    if job is None:
        raise EntityNotFound(f"Job with name: {name} not found.")
    return job


def shown(job: JobDefinition) -> dict[str, Any]:
    """Return AWS's `Job` shape."""
    return {
        "Name": job.name,
        "CreatedOn": job.created,
        "LastModifiedOn": job.modified,
        **job.document,
    }


def _page(
    context: Context, operation: str, request: GetJobsRequestTypeDef | ListJobsRequestTypeDef
) -> tuple[list[JobDefinition], dict[str, Any]]:
    after, size = _place(operation, request)
    with context.database.read() as connection:
        page = jobs.page(connection, after=after, limit=size + 1)
    return page[:size], _next_token(operation, [job.name for job in page], size)


def _place(
    operation: str, request: GetJobsRequestTypeDef | ListJobsRequestTypeDef
) -> tuple[str, int]:
    """Return the name behind which a page begins, and how many it may hold."""
    after = decode_token(request.get("NextToken"), operation, "") or ""
    return after, min(request.get("MaxResults", _PAGE), _MAX_PAGE)


def _next_token(operation: str, names: Sequence[str], size: int) -> dict[str, Any]:
    """Return the token of the next page; `names` are those of this one, and one more if any."""
    if len(names) <= size:
        return {}
    return {"NextToken": encode_token(operation, "", names[size - 1])}
