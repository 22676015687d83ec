"""Departure delays of New York's airlines by month: a Glue job as people write them.

Arguments: --SOURCE (prefix with flights/, airlines.csv, weather.csv), --TARGET (prefix).
With a job bookmark, every run reads only the flights that are new since the last one.
"""

import sys

from pyspark.context import SparkContext
from pyspark.sql import functions as F

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions

args = getResolvedOptions(sys.argv, ["JOB_NAME", "SOURCE", "TARGET"])
glue_context = GlueContext(SparkContext.getOrCreate())
job = Job(glue_context)
job.init(args["JOB_NAME"], args)


def read_csv(path, context=""):
    return glue_context.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": [f"{args['SOURCE']}/{path}"], "recurse": True},
        format="csv",
        format_options={"withHeader": True},
        transformation_ctx=context,
    )


flights = read_csv("flights/", context="flights")
read = flights.count()
print(f"{read} new flights")
if read == 0:
    job.commit()
    sys.exit(0)

flights = ApplyMapping.apply(
    frame=flights,
    mappings=[
        ("year", "string", "year", "int"),
        ("month", "string", "month", "int"),
        ("time_hour", "string", "time_hour", "string"),
        ("origin", "string", "origin", "string"),
        ("carrier", "string", "carrier", "string"),
        ("dep_delay", "string", "dep_delay", "double"),
    ],
    transformation_ctx="typed",
)
departed = Filter.apply(frame=flights, f=lambda row: row["dep_delay"] is not None)

airlines = RenameField.apply(read_csv("airlines.csv"), "carrier", "airline_code")
weather = ApplyMapping.apply(
    frame=read_csv("weather.csv"),
    mappings=[
        ("origin", "string", "station", "string"),
        ("time_hour", "string", "observed", "string"),
        ("precip", "string", "precip", "double"),
    ],
)
joined = Join.apply(
    Join.apply(departed, airlines, ["carrier"], ["airline_code"]),
    weather,
    ["origin", "time_hour"],
    ["station", "observed"],
)
joined = DropFields.apply(joined, ["airline_code", "station", "observed"])

monthly = (
    joined.toDF()
    .groupBy("year", "month", F.col("name").alias("airline"))
    .agg(
        F.count("*").alias("flights"),
        F.round(F.avg("dep_delay"), 1).alias("delay_min"),
        F.round(F.avg(F.when(F.col("precip") > 0, F.col("dep_delay"))), 1).alias("delay_in_rain"),
    )
)
monthly.orderBy("year", "month", F.desc("flights")).show(12, truncate=False)

glue_context.write_dynamic_frame.from_options(
    frame=DynamicFrame.fromDF(monthly.coalesce(1), glue_context, "monthly"),
    connection_type="s3",
    connection_options={"path": args["TARGET"], "partitionKeys": ["year", "month"]},
    format="parquet",
    transformation_ctx="delays",
)
job.commit()
