"""Clients of every region, and keys that are not those of the home directory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from support.service_process import ServiceProcess


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    variables = {"GLUEBALL_ACCESS_KEYS": "ci:secret/1"}
    home = tmp_path_factory.mktemp("service") / "home"
    process = ServiceProcess(home, "--testing", variables=variables)
    try:
        yield process.start()
    finally:
        process.close()


def _client(
    service: ServiceProcess, name: str, region: str, key: str = "test", secret: str = "test"
) -> Any:
    make: Any = boto3.client
    return make(
        name,
        endpoint_url=service.endpoint_url,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
    )


@pytest.mark.parametrize(
    ("key", "secret"),
    [("test", "test"), ("ci", "secret/1")],
    ids=["the key of tests", "a further key"],
)
def test_keys_that_are_taken(service: ServiceProcess, key: str, secret: str) -> None:
    identity = _client(service, "sts", "us-east-1", key, secret).get_caller_identity()
    assert identity["Account"] == "123456789012"


@pytest.mark.parametrize(("key", "secret"), [("test", "other"), ("ci", "test"), ("none", "test")])
def test_keys_that_are_refused(service: ServiceProcess, key: str, secret: str) -> None:
    with pytest.raises(ClientError):
        _client(service, "sts", "us-east-1", key, secret).get_caller_identity()


def test_arns_name_the_region_of_the_client(service: ServiceProcess) -> None:
    events = _client(service, "events", "eu-central-1")
    put = events.put_rule(Name="r", ScheduleExpression="rate(1 day)", State="DISABLED")
    assert put["RuleArn"] == "arn:aws:events:eu-central-1:123456789012:rule/r"
    bus = "arn:aws:events:eu-central-1:123456789012:event-bus/default"
    assert events.list_rules(EventBusName=bus)["Rules"][0]["Arn"] == put["RuleArn"]
    logs = _client(service, "logs", "ap-south-1")
    logs.create_log_group(logGroupName="g")
    (group,) = logs.describe_log_groups()["logGroups"]
    assert group["arn"] == "arn:aws:logs:ap-south-1:123456789012:log-group:g:*"


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", "us-gov-west-1"])
def test_one_namespace_and_tags_under_every_regions_arn(
    service: ServiceProcess, region: str
) -> None:
    here, there = _client(service, "glue", region), _client(service, "glue", "sa-east-1")
    name = f"db-{region}"
    here.create_database(DatabaseInput={"Name": name}, Tags={"a": "1"})
    assert there.get_database(Name=name)["Database"]["Name"] == name
    for client, spelled in ((here, region), (there, "sa-east-1")):
        arn = f"arn:aws:glue:{spelled}:123456789012:database/{name}"
        client.tag_resource(ResourceArn=arn, TagsToAdd={spelled: "x"})
        assert client.get_tags(ResourceArn=arn)["Tags"]["a"] == "1"
    assert here.get_tags(ResourceArn=arn)["Tags"].keys() == {"a", region, "sa-east-1"}


@pytest.mark.parametrize(
    ("region", "configuration", "location"),
    [
        ("us-east-1", None, None),
        ("us-east-1", "eu-north-1", "eu-north-1"),
        ("eu-west-1", "eu-west-1", "eu-west-1"),
    ],
)
def test_buckets_know_their_region(
    service: ServiceProcess, region: str, configuration: str | None, location: str | None
) -> None:
    s3 = _client(service, "s3", region)
    bucket = f"in-{region}-{configuration or 'none'}"
    place = {"CreateBucketConfiguration": {"LocationConstraint": configuration}}
    s3.create_bucket(Bucket=bucket, **(place if configuration else {}))
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == location
    head = s3.head_bucket(Bucket=bucket)
    assert head["BucketRegion"] == (location or "us-east-1")
    _client(service, "s3", "ca-central-1").put_object(Bucket=bucket, Key="k", Body=b"x")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_a_bucket_of_a_region_needs_its_constraint(service: ServiceProcess) -> None:
    with pytest.raises(ClientError) as raised:
        _client(service, "s3", "eu-west-1").create_bucket(Bucket="unplaced")
    assert raised.value.response["Error"]["Code"] == "IllegalLocationConstraintException"
