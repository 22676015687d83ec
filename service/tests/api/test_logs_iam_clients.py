"""logs, iam and sts as AWS's own clients use them, against the whole service."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from glueball.stores.log_files import quoted
from support.service_process import ServiceProcess

TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}'
SERVICE_ROLE = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    process = ServiceProcess(tmp_path_factory.mktemp("clients") / "home")
    try:
        yield process.start()
    finally:
        process.close()


@pytest.fixture(scope="module")
def logs(service: ServiceProcess) -> Any:
    return service.client("logs")


@pytest.fixture
def group(logs: Any) -> str:
    """A new group with the stream `s`."""
    name = f"/test/{uuid4().hex}"
    logs.create_log_group(logGroupName=name, tags={"team": "data"})
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    return name


def put(logs: Any, group: str, stream: str, *messages: str) -> None:
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": message} for message in messages]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def code_of(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_boto3_writes_reads_and_searches_logs(logs: Any, group: str) -> None:
    put(logs, group, "s", "INFO täglich", "ERROR no such table", "INFO end")
    page = logs.get_log_events(logGroupName=group, logStreamName="s", startFromHead=True)
    messages = ["INFO täglich", "ERROR no such table", "INFO end"]
    assert [event["message"] for event in page["events"]] == messages
    token = page["nextForwardToken"]
    again = logs.get_log_events(logGroupName=group, logStreamName="s", nextToken=token)
    assert (again["events"], again["nextForwardToken"]) == ([], token)
    paginator = logs.get_paginator("filter_log_events")
    pages = paginator.paginate(
        logGroupName=group, filterPattern="?ERROR ?end", PaginationConfig={"PageSize": 1}
    )
    assert [event["message"] for page in pages for event in page["events"]] == messages[1:]


def test_boto3_describes_and_deletes(logs: Any, group: str) -> None:
    logs.put_retention_policy(logGroupName=group, retentionInDays=30)
    (shown,) = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert shown["retentionInDays"] == 30
    arn = shown["logGroupArn"]
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "data"}
    logs.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {}
    logs.create_log_stream(logGroupName=group, logStreamName="t")
    pages = logs.get_paginator("describe_log_streams").paginate(
        logGroupName=group, PaginationConfig={"PageSize": 1}
    )
    names = [stream["logStreamName"] for page in pages for stream in page["logStreams"]]
    assert names == ["s", "t"]
    logs.delete_log_group(logGroupName=group)
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.describe_log_streams(logGroupName=group)


def test_log_errors_are_what_clients_catch(logs: Any, group: str) -> None:
    with pytest.raises(logs.exceptions.ResourceNotFoundException, match="log stream does not"):
        logs.get_log_events(logGroupName=group, logStreamName="no")
    with pytest.raises(logs.exceptions.ResourceNotFoundException, match="log group does not"):
        logs.filter_log_events(logGroupName="/no", logStreamNames=["jr_1"])
    with pytest.raises(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=group)
    with pytest.raises(logs.exceptions.InvalidParameterException, match="Invalid filter pattern"):
        logs.filter_log_events(logGroupName=group, filterPattern="[a]")


def test_a_stream_that_another_process_writes_is_followed(
    service: ServiceProcess, logs: Any, group: str
) -> None:
    path = service.home / "logs" / quoted(group) / "s.jsonl"
    script = (
        "import json, sys, time\n"
        "with open(sys.argv[1], 'a', buffering=1) as file:\n"
        "    for n in range(20):\n"
        "        now = int(time.time() * 1000)\n"
        "        file.write(json.dumps([now, now, f'line {n}']) + '\\n')\n"
        "        time.sleep(0.01)\n"
    )
    seen: list[str] = []
    token: dict[str, str] = {}
    deadline = time.monotonic() + 20
    with subprocess.Popen([sys.executable, "-c", script, str(path)]):
        while len(seen) < 20 and time.monotonic() < deadline:
            page = logs.get_log_events(
                logGroupName=group, logStreamName="s", startFromHead=True, **token
            )
            seen += [event["message"] for event in page["events"]]
            token = {"nextToken": page["nextForwardToken"]}
    assert seen == [f"line {n}" for n in range(20)]


def test_boto3_keeps_roles(service: ServiceProcess) -> None:
    iam = service.client("iam")
    name = f"Glue-{uuid4().hex[:8]}"
    role = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "a", "Value": "b"}]
    )["Role"]
    assert role["Arn"] == f"arn:aws:iam::123456789012:role/{name}"
    assert abs(role["CreateDate"].timestamp() - time.time()) < 60
    shown = iam.get_role(RoleName=name)["Role"]
    # botocore decodes the document, as it does for AWS
    assert shown["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert shown["Tags"] == [{"Key": "a", "Value": "b"}]
    iam.attach_role_policy(RoleName=name, PolicyArn=SERVICE_ROLE)
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=TRUST)
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert attached == [{"PolicyName": "AWSGlueServiceRole", "PolicyArn": SERVICE_ROLE}]
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["p"]
    policy = iam.get_role_policy(RoleName=name, PolicyName="p")
    assert policy["PolicyDocument"] == json.loads(TRUST)
    pages = iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 1})
    assert name in [role["RoleName"] for page in pages for role in page["Roles"]]
    with pytest.raises(iam.exceptions.DeleteConflictException) as conflict:
        iam.delete_role(RoleName=name)
    assert code_of(conflict) == ("DeleteConflict", 409)
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException) as exists:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    assert code_of(exists) == ("EntityAlreadyExists", 409)
    with pytest.raises(iam.exceptions.MalformedPolicyDocumentException):
        iam.create_role(RoleName=f"{name}2", AssumeRolePolicyDocument="{")
    iam.detach_role_policy(RoleName=name, PolicyArn=SERVICE_ROLE)
    iam.delete_role_policy(RoleName=name, PolicyName="p")
    iam.delete_role(RoleName=name)
    with pytest.raises(iam.exceptions.NoSuchEntityException) as missing:
        iam.get_role(RoleName=name)
    assert code_of(missing) == ("NoSuchEntity", 404)


def test_whoever_assumes_a_role_signs_as_its_session(service: ServiceProcess) -> None:
    done = service.shell("""
        aws iam create-role --role-name nightly --assume-role-policy-document '{}' > /dev/null
        read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN < <(aws sts assume-role \\
            --role-arn arn:aws:iam::123456789012:role/nightly --role-session-name monday \\
            --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
        export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
        aws sts get-caller-identity --query Arn --output text
        aws iam list-roles --path-prefix / --query "Roles[?RoleName=='nightly'].RoleName" \\
            --output text
    """)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "arn:aws:sts::123456789012:assumed-role/nightly/monday",
        "nightly",
    ]


def test_the_aws_cli_works_unchanged(service: ServiceProcess, group: str) -> None:
    done = service.shell(f"""
        aws sts get-caller-identity --query Arn --output text
        aws iam create-role --role-name CliRole --assume-role-policy-document '{TRUST}' \\
            --query Role.Arn --output text
        aws logs put-log-events --log-group-name {group} --log-stream-name s \\
            --log-events timestamp={int(time.time() * 1000)},message=hello --output text > /dev/null
        aws logs get-log-events --log-group-name {group} --log-stream-name s \\
            --query 'events[].message' --output text
        aws logs filter-log-events --log-group-name {group} --filter-pattern hello \\
            --query 'events[].logStreamName' --output text
        aws logs describe-log-streams --log-group-name {group} --order-by LastEventTime \\
            --descending --query 'logStreams[].logStreamName' --output text
    """)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "arn:aws:iam::123456789012:root",
        "arn:aws:iam::123456789012:role/CliRole",
        "hello",
        "s",
        "s",
    ]
    refused = service.shell("aws logs get-log-events --log-group-name /no --log-stream-name s")
    assert refused.returncode != 0
    assert "(ResourceNotFoundException)" in refused.stderr
    assert "The specified log group does not exist." in refused.stderr
