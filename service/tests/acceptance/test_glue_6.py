"""A job of Glue 6.0, on the Spark that it is for."""

from __future__ import annotations

from typing import Any

from support.service_process import ServiceProcess

_SCRIPT = """
import sys
import numpy
import pyspark
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.transforms import ApplyMapping
from awsglue.utils import GlueArgumentError, getResolvedOptions

args = getResolvedOptions(sys.argv, ["JOB_NAME", "month"])
try:
    getResolvedOptions(sys.argv, ["JOB_NAM"])
except GlueArgumentError:
    print("no abbreviations")
glue = GlueContext()
spark = glue.spark_session
job = Job(glue)
job.init(args["JOB_NAME"], args)
ansi = spark.conf.get("spark.sql.ansi.enabled")
print(pyspark.__version__, numpy.__version__.partition(".")[0], ansi)
source = glue.create_dynamic_frame.from_options(
    "s3", {"paths": ["s3://six/in/"]}, "csv", {"withHeader": True}, "source"
)
mapped = ApplyMapping.apply(source, [("id", "string", "id", "int"), ("x", "string", "x", "double")])
glue.write_dynamic_frame.from_options(mapped, "s3", {"path": "s3://six/out/"}, "parquet")
again = spark.read.parquet("s3a://six/out/")
print(sorted(map(tuple, again.collect()), key=str))
job.commit()
spark.sql("select cast('x' as int)").collect()
"""


def _run(service: ServiceProcess, **members: Any) -> dict[str, Any]:
    glue = service.client("glue")
    run_id = glue.start_job_run(JobName="six", **members)["JobRunId"]
    return service.wait_for("six", run_id, seconds=240)


def test_a_job_of_glue_6_runs_on_spark_4(service: ServiceProcess) -> None:
    location = service.upload("six", "job.py", _SCRIPT)
    service.upload("six", "in/rows.csv", "id,x\n1,0.5\nnone,1.5\n")
    service.client("glue").create_job(
        Name="six",
        Role="r",
        GlueVersion="6.0",
        ExecutionClass="FLEX",
        Command={"Name": "glueetl", "ScriptLocation": location, "PythonVersion": "3"},
        DefaultArguments={"--month": "7", "--job-bookmark-option": "job-bookmark-enable"},
    )
    run = _run(service)
    output = service.messages("/aws-glue/jobs/output", run["Id"])
    assert output[:3] == [
        "no abbreviations",
        "4.1.1 2 true",
        "[(1, 0.5), (None, 1.5)]",  # a DynamicFrame's cast is null, whatever ANSI says
    ], output
    assert (run["GlueVersion"], run["JobRunState"]) == ("6.0", "FAILED")
    assert "StateDetail" not in run
    assert "NumberFormatException: [CAST_INVALID_INPUT]" in run["ErrorMessage"]
    assert run["ErrorMessage"].startswith("Error Category: INVALID_ARGUMENT_ERROR; Failed Line")
    entry = service.client("glue").get_job_bookmark(JobName="six")["JobBookmarkEntry"]
    assert entry["Version"] == 1  # the second run would read nothing
