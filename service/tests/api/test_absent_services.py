"""Clients of services that are not here: each is told so by name, at once."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from wire.gateways import World, running
from wire.signing import ACCESS_KEY, SECRET_KEY


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    spool: Path = tmp_path_factory.mktemp("spool")
    with running(spool) as served:
        yield served


def _client(world: World, service: str) -> Any:
    """Return a client that tries again as it does by default."""
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=world.server.url,
        region_name="eu-west-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )


@pytest.mark.parametrize(
    ("service", "operation", "members", "name"),
    [
        # JSON 1.0 and 1.1
        ("dynamodb", "list_tables", {}, "dynamodb"),
        ("sqs", "list_queues", {}, "sqs"),
        ("kms", "list_keys", {}, "kms"),
        ("athena", "list_work_groups", {}, "athena"),
        ("redshift-data", "list_statements", {}, "redshift-data"),
        ("stepfunctions", "list_state_machines", {}, "stepfunctions (states)"),
        ("secretsmanager", "list_secrets", {}, "secretsmanager"),
        ("ssm", "describe_parameters", {}, "ssm"),
        # REST with JSON
        ("lakeformation", "list_resources", {}, "lakeformation"),
        ("lambda", "list_functions", {}, "lambda"),
        ("batch", "describe_jobs", {"jobs": ["j"]}, "batch"),
        ("efs", "describe_file_systems", {}, "efs (elasticfilesystem)"),
        # query
        ("sns", "list_topics", {}, "sns"),
        ("cloudformation", "list_stacks", {}, "cloudformation"),
        ("rds", "describe_db_instances", {}, "rds"),
        # EC2's own query
        ("ec2", "describe_vpcs", {}, "ec2"),
        # REST with XML
        ("route53", "list_hosted_zones", {}, "route53"),
        ("cloudfront", "list_distributions", {}, "cloudfront"),
        # CBOR in botocore's newer models, query in older ones
        ("cloudwatch", "list_dashboards", {}, "cloudwatch (monitoring)"),
    ],
)
def test_a_client_is_told_in_its_own_protocol(
    world: World, service: str, operation: str, members: dict[str, Any], name: str
) -> None:
    with pytest.raises(ClientError) as raised:
        getattr(_client(world, service), operation)(**members)
    response = raised.value.response
    assert response["Error"]["Code"] == "NotImplemented"
    assert f"The service {name} is not available in Glueball" in response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["ResponseMetadata"]["RetryAttempts"] == 0


@pytest.mark.parametrize(
    ("headers", "body", "begins"),
    [
        pytest.param(
            {"Content-Type": "application/x-www-form-urlencoded"},
            b"Action=ListQueues&Version=2012-11-05",
            b"<ErrorResponse><Error><Type>Sender</Type><Code>NotImplemented</Code>",
            id="query, as older clients of SQS speak it",
        ),
        pytest.param(
            {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"},
            b"\xa0",
            b"\xa2\x66__type\x6eNotImplemented\x67message",
            id="CBOR",
        ),
    ],
)
def test_the_request_shows_the_protocol(
    world: World, headers: dict[str, str], body: bytes, begins: bytes
) -> None:
    request = AWSRequest("POST", f"{world.server.url}/", data=body, headers=headers)
    SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "sqs", "us-east-1").add_auth(request)
    prepared = request.prepare()
    sent = urllib.request.Request(
        str(prepared.url), data=body, headers=dict(prepared.headers), method="POST"
    )
    with pytest.raises(HTTPError) as raised:
        urllib.request.urlopen(sent)
    assert raised.value.read().startswith(begins)
    raised.value.close()


def test_a_presigned_url_of_an_absent_service(world: World) -> None:
    url = _client(world, "lambda").generate_presigned_url("list_functions")
    with pytest.raises(HTTPError) as raised:
        urllib.request.urlopen(url)
    with raised.value as answer:
        assert answer.headers["x-amzn-errortype"] == "NotImplemented"
        assert b"lambda is not available" in answer.read()
