"""The days with the most flights: a Python shell job, without Spark.

Arguments: --SOURCE (S3 location of a CSV file of flights), --TARGET (of the JSON file to write),
--TOP (how many days).
"""

import csv
import json
import sys
from collections import Counter
from urllib.parse import urlsplit

import boto3

from awsglue.utils import getResolvedOptions

args = getResolvedOptions(sys.argv, ["SOURCE", "TARGET", "TOP"])
source, target = urlsplit(args["SOURCE"]), urlsplit(args["TARGET"])
s3 = boto3.client("s3")

body = s3.get_object(Bucket=source.netloc, Key=source.path[1:])["Body"]
rows = csv.DictReader(body.read().decode().splitlines())
flights = Counter(f"{row['year']}-{int(row['month']):02}-{int(row['day']):02}" for row in rows)
busiest = flights.most_common(int(args["TOP"]))
for day, number in busiest:
    print(day, number)

s3.put_object(Bucket=target.netloc, Key=target.path[1:], Body=json.dumps(dict(busiest)).encode())
