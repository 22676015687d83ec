"""Dagster's Pipes client of Glue: an asset whose work is a job run that reports back."""

from collections.abc import Callable
from pathlib import Path

import boto3
import dagster_pipes
import pytest
from dagster import AssetExecutionContext, MaterializeResult, asset, materialize
from dagster_aws.pipes import (
    PipesCloudWatchMessageReader,
    PipesGlueClient,
    PipesS3ContextInjector,
    PipesS3MessageReader,
)

_SCRIPT = """
import boto3
from dagster_pipes import PipesCliArgsParamsLoader, PipesS3ContextLoader, open_dagster_pipes
from dagster_pipes import {imports}

s3 = boto3.client("s3")
with open_dagster_pipes(
    context_loader=PipesS3ContextLoader(client=s3),
    params_loader=PipesCliArgsParamsLoader(),
    {writer}
) as pipes:
    pipes.log.info("reading " + pipes.get_extra("table"))
    pipes.report_asset_materialization(metadata={{"rows": 42}}, data_version="v1")
"""


@pytest.fixture(scope="module")
def pipes_library(bucket: str) -> str:
    """The library that a script imports, put where `--extra-py-files` finds it."""
    boto3.client("s3").put_object(
        Bucket=bucket,
        Key="lib/dagster_pipes.py",
        Body=Path(dagster_pipes.__file__).read_bytes(),
    )
    return f"s3://{bucket}/lib/dagster_pipes.py"


def _materialize(job_name: str, client: PipesGlueClient) -> MaterializeResult:
    @asset(name=job_name)
    def legs(context: AssetExecutionContext) -> MaterializeResult:
        return client.run(
            context=context,
            start_job_run_params={"JobName": job_name},
            extras={"table": "flights.legs"},
        ).get_materialize_result()

    result = materialize([legs], raise_on_error=True)
    (materialization,) = result.asset_materializations_for_node(job_name)
    return materialization


@pytest.mark.parametrize(
    ("name", "imports", "writer"),
    [
        # messages are objects in a bucket
        ("by_objects", "PipesS3MessageWriter", "message_writer=PipesS3MessageWriter(client=s3),"),
        # messages are lines of the run's own log, the way that needs no bucket
        ("by_log", "PipesDefaultMessageWriter", "message_writer=PipesDefaultMessageWriter(),"),
    ],
    ids=["objects", "log"],
)
def test_an_asset_is_what_its_job_run_reported(
    bucket: str,
    pipes_library: str,
    shell_job: Callable[..., str],
    name: str,
    imports: str,
    writer: str,
) -> None:
    shell_job(
        name,
        _SCRIPT.format(imports=imports, writer=writer),
        DefaultArguments={"--extra-py-files": pipes_library},
    )
    s3 = boto3.client("s3")
    readers = {
        "by_objects": lambda: PipesS3MessageReader(bucket=bucket, client=s3),
        "by_log": lambda: PipesCloudWatchMessageReader(client=boto3.client("logs")),
    }
    client = PipesGlueClient(
        context_injector=PipesS3ContextInjector(bucket=bucket, client=s3),
        message_reader=readers[name](),
    )
    materialization = _materialize(name, client)
    assert materialization.metadata["rows"].value == 42
    assert materialization.metadata["AWS Glue Job Name"].value == name


def test_a_job_that_fails_fails_its_asset_with_the_reason(
    bucket: str, shell_job: Callable[..., str]
) -> None:
    shell_job("broken", "raise ValueError('no legs today')")
    client = PipesGlueClient(
        context_injector=PipesS3ContextInjector(bucket=bucket, client=boto3.client("s3")),
        message_reader=PipesS3MessageReader(bucket=bucket, client=boto3.client("s3")),
    )
    with pytest.raises(Exception, match="no legs today"):
        _materialize("broken", client)
