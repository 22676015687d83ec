from __future__ import annotations

import time
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from support.clocks import VirtualClock
from wire.gateways import running
from wire.signing import ACCESS_KEY, REGION, SECRET_KEY


def test_each_operation_has_its_own_limit(tmp_path: Path) -> None:
    clock = VirtualClock(time.time())
    with running(tmp_path, clock=clock, requests_per_second=2.0) as world:
        glue, iam, s3 = (world.client(name) for name in ("glue", "iam", "s3"))
        for _ in range(2):
            glue.get_job(JobName="a")
        with pytest.raises(ClientError) as refused:
            glue.get_job(JobName="a")
        assert refused.value.response["Error"] == {
            "Code": "ThrottlingException",
            "Message": "Rate exceeded",
        }
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        glue.get_jobs()  # another operation
        for _ in range(5):
            s3.list_buckets()  # data moves without a limit
        for _ in range(2):
            iam.list_roles()
        with pytest.raises(ClientError, match="Throttling"):  # as the query protocol names it
            iam.list_roles()
        clock.advance(0.5)
        glue.get_job(JobName="a")
        assert len([call for call, _ in world.recorder.calls if call.operation == "GetJob"]) == 3


def test_without_the_setting_there_is_no_limit(tmp_path: Path) -> None:
    with running(tmp_path, clock=VirtualClock(time.time())) as world:
        glue = world.client("glue")
        for _ in range(20):
            glue.get_job(JobName="a")


def test_an_unmodified_client_waits_and_gets_through(tmp_path: Path) -> None:
    with running(tmp_path, requests_per_second=10.0) as world:
        glue = boto3.client(
            "glue",
            endpoint_url=world.server.url,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            config=Config(retries={"mode": "standard", "max_attempts": 10}),
        )
        retried = sum(
            glue.get_job(JobName="a")["ResponseMetadata"]["RetryAttempts"] for _ in range(15)
        )
        assert retried > 0
        assert len(world.recorder.calls) == 15
