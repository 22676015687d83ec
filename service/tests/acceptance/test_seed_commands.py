"""The commands of the text that the product must make true, as people type them."""

from __future__ import annotations

import re

from support.service_process import ServiceProcess, answer_of

_CREATE = """
aws glue create-job \\
    --name "daily-sales-etl-flex" \\
    --role "arn:aws:iam::123456789012:role/GlueJobRole" \\
    --command '{
        "Name": "glueetl",
        "ScriptLocation": "s3://my-glue-scripts/daily-sales-etl.py",
        "PythonVersion": "3"
    }' \\
    --glue-version "4.0" \\
    --execution-class "FLEX" \\
    --worker-type "G.1X" \\
    --number-of-workers 10 \\
    --default-arguments '{
        "--job-bookmark-option": "job-bookmark-enable",
        "--TempDir": "s3://my-glue-temp/",
        "--enable-metrics": "true",
        "--enable-continuous-cloudwatch-log": "true"
    }'
"""
_UPDATE = """
aws glue update-job \\
    --job-name "daily-sales-etl" \\
    --job-update '{
        "ExecutionClass": "FLEX"
    }'
"""
_RUNS = """
aws glue get-job-runs \\
    --job-name "daily-sales-etl-flex" \\
    --max-results 10 \\
    --query "JobRuns[*].{RunId:Id,StartTime:StartedOn,CompletedTime:CompletedOn,\
ExecutionTime:ExecutionTime,State:JobRunState}"
"""
_SCRIPT = """
import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME"])
glue = GlueContext(SparkContext())
job = Job(glue)
job.init(args["JOB_NAME"], args)
print("rows:", glue.spark_session.range(7).count())
job.commit()
"""


def test_a_flex_job_is_created_updated_run_and_listed(service: ServiceProcess) -> None:
    assert answer_of(service.shell(_CREATE)) == {"Name": "daily-sales-etl-flex"}
    service.upload("my-glue-scripts", "daily-sales-etl.py", _SCRIPT)
    service.client("s3").create_bucket(Bucket="my-glue-temp")
    glue = service.client("glue")
    run_id = glue.start_job_run(JobName="daily-sales-etl-flex")["JobRunId"]
    ended = service.wait_for("daily-sales-etl-flex", run_id)
    assert ended["JobRunState"] == "SUCCEEDED", ended
    assert "rows: 7" in service.messages("/aws-glue/jobs/output", run_id)

    listed = answer_of(service.shell(_RUNS))
    assert [run["RunId"] for run in listed] == [run_id]
    assert listed[0]["State"] == "SUCCEEDED"
    assert listed[0]["ExecutionTime"] > 0
    assert ended["DPUSeconds"] == 10 * listed[0]["ExecutionTime"]


def test_an_existing_job_becomes_flex_by_one_member_and_still_runs(
    service: ServiceProcess,
) -> None:
    location = service.upload("my-glue-scripts", "standard.py", "print('still here')\n")
    glue = service.client("glue")
    glue.create_job(
        Name="daily-sales-etl",
        Role="GlueJobRole",
        Command={"Name": "glueetl", "ScriptLocation": location, "PythonVersion": "3"},
    )
    assert answer_of(service.shell(_UPDATE)) == {"JobName": "daily-sales-etl"}
    job = glue.get_job(JobName="daily-sales-etl")["Job"]
    assert (job["ExecutionClass"], job["Role"]) == ("FLEX", "GlueJobRole")
    run_id = glue.start_job_run(JobName="daily-sales-etl")["JobRunId"]
    assert service.wait_for("daily-sales-etl", run_id)["JobRunState"] == "SUCCEEDED"
    assert service.messages("/aws-glue/jobs/output", run_id) == ["still here"]
    assert re.fullmatch(r"jr_[0-9a-f]{64}", run_id)
