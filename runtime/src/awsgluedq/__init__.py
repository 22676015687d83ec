"""AWS Glue Data Quality on plain PySpark: `from awsgluedq.transforms import EvaluateDataQuality`.

https://docs.aws.amazon.com/glue/latest/dg/glue-data-quality.html
"""
