# A nightly pipeline: a table of flights, a job that reads it, a crawler behind it, and what starts them.
#
#   terraform init
#   terraform apply
#
# Endpoint, keys and region come from the environment: eval "$(glueball env)". Against AWS the same
# file works without the setting of the provider.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  s3_use_path_style = true # buckets are not host names
}

variable "bucket" {
  description = "The name of the bucket of the script and the data."
  type        = string
}

variable "script" {
  description = "The script of the job, on this machine."
  type        = string
  default     = "../flights_etl.py"
}

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

# Who may run jobs: roles and policies are kept, not evaluated.

resource "aws_iam_role" "etl" {
  name                 = "flights-etl"
  path                 = "/jobs/"
  description          = "Runs the jobs of the flights."
  max_session_duration = 7200
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "glue.amazonaws.com" }
    }]
  })
  tags = { team = "flights" }
}

resource "aws_iam_policy" "read" {
  name        = "flights-read"
  description = "Reads the bucket of the flights."
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:ListBucket"]
      Resource = ["arn:aws:s3:::${var.bucket}", "arn:aws:s3:::${var.bucket}/*"]
    }]
  })
  tags = { team = "flights" }
}

resource "aws_iam_role_policy_attachment" "read" {
  role       = aws_iam_role.etl.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_role_policy_attachment" "service" {
  role       = aws_iam_role.etl.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"
}

resource "aws_iam_role_policy" "logs" {
  name = "logs"
  role = aws_iam_role.etl.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "logs:*", Resource = "*" }]
  })
}

resource "aws_iam_user" "analyst" {
  name = "flights-analyst"
  tags = { team = "flights" }
}

resource "aws_iam_user_policy_attachment" "analyst" {
  user       = aws_iam_user.analyst.name
  policy_arn = aws_iam_policy.read.arn
}

# The bucket with its settings, the script, and where jobs write what they print.

resource "aws_s3_bucket" "flights" {
  bucket        = var.bucket
  force_destroy = true
  tags          = { team = "flights" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "flights" {
  bucket = aws_s3_bucket.flights.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
  }
}

resource "aws_s3_bucket_public_access_block" "flights" {
  bucket                  = aws_s3_bucket.flights.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_object" "script" {
  bucket = aws_s3_bucket.flights.id
  key    = "scripts/flights_etl.py"
  source = var.script
  etag   = filemd5(var.script)
}

resource "aws_cloudwatch_log_group" "output" {
  name              = "/aws-glue/jobs/output"
  retention_in_days = 30
  tags              = { team = "flights" }
}

# The Data Catalog.

resource "aws_glue_catalog_database" "airport" {
  name         = "airport"
  description  = "Flights of 2013"
  location_uri = "s3://${aws_s3_bucket.flights.id}/airport/"
  parameters   = { owner = "flights" }
  tags         = { team = "flights" }
}

resource "aws_glue_catalog_table" "flights" {
  name          = "flights"
  database_name = aws_glue_catalog_database.airport.name
  table_type    = "EXTERNAL_TABLE"
  parameters = {
    EXTERNAL       = "TRUE"
    classification = "parquet"
  }

  partition_keys {
    name = "month"
    type = "int"
  }

  storage_descriptor {
    location      = "s3://${aws_s3_bucket.flights.id}/airport/flights/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      name                  = "parquet"
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
      parameters            = { "serialization.format" = "1" }
    }

    columns {
      name = "carrier"
      type = "string"
    }

    columns {
      name    = "delay"
      type    = "double"
      comment = "minutes"
    }
  }

  partition_index {
    index_name = "by_month"
    keys       = ["month"]
  }
}

resource "aws_glue_partition" "january" {
  database_name    = aws_glue_catalog_database.airport.name
  table_name       = aws_glue_catalog_table.flights.name
  partition_values = ["1"]

  storage_descriptor {
    location      = "s3://${aws_s3_bucket.flights.id}/airport/flights/month=1/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }

    columns {
      name = "carrier"
      type = "string"
    }
  }
}

resource "aws_glue_user_defined_function" "distance" {
  name          = "distance"
  catalog_id    = aws_glue_catalog_database.airport.catalog_id
  database_name = aws_glue_catalog_database.airport.name
  class_name    = "org.example.Distance"
  owner_name    = "flights"
  owner_type    = "GROUP"

  resource_uris {
    resource_type = "JAR"
    uri           = "s3://${aws_s3_bucket.flights.id}/jars/distance.jar"
  }
}

resource "aws_glue_connection" "warehouse" {
  name        = "warehouse"
  description = "Where the busy days go"
  connection_properties = {
    JDBC_CONNECTION_URL = "jdbc:postgresql://127.0.0.1:5432/warehouse"
    USERNAME            = "etl"
    PASSWORD            = "secret"
  }
  tags = { team = "flights" }
}

# Jobs: one that says much, and one of each command that says what it must.

resource "aws_glue_job" "daily" {
  name              = "flights-daily"
  description       = "Cleans the flights of a day"
  role_arn          = aws_iam_role.etl.arn
  glue_version      = "5.0"
  worker_type       = "G.1X"
  number_of_workers = 2
  execution_class   = "FLEX"
  timeout           = 60
  max_retries       = 1
  connections       = [aws_glue_connection.warehouse.name]

  command {
    script_location = "s3://${aws_s3_bucket.flights.id}/${aws_s3_object.script.key}"
    python_version  = "3"
  }

  default_arguments = {
    "--job-language"        = "python"
    "--job-bookmark-option" = "job-bookmark-enable"
  }

  execution_property {
    max_concurrent_runs = 2
  }

  notification_property {
    notify_delay_after = 30
  }

  tags = { team = "flights" }
}

resource "aws_glue_job" "defaults" {
  name     = "flights-defaults"
  role_arn = aws_iam_role.etl.arn

  command {
    script_location = "s3://${aws_s3_bucket.flights.id}/${aws_s3_object.script.key}"
  }
}

resource "aws_glue_job" "shell" {
  name         = "flights-shell"
  role_arn     = aws_iam_role.etl.arn
  max_capacity = 0.0625

  command {
    name            = "pythonshell"
    script_location = "s3://${aws_s3_bucket.flights.id}/${aws_s3_object.script.key}"
    python_version  = "3.9"
  }
}

resource "aws_glue_job" "stream" {
  name         = "flights-stream"
  role_arn     = aws_iam_role.etl.arn
  glue_version = "5.0"

  command {
    name            = "gluestreaming"
    script_location = "s3://${aws_s3_bucket.flights.id}/${aws_s3_object.script.key}"
    python_version  = "3"
  }
}

resource "aws_glue_crawler" "busy_days" {
  name          = "flights-busy-days"
  role          = aws_iam_role.etl.arn
  database_name = aws_glue_catalog_database.airport.name
  table_prefix  = "found_"
  schedule      = "cron(0 3 * * ? *)"

  s3_target {
    path       = "s3://${aws_s3_bucket.flights.id}/busy/"
    exclusions = ["**.tmp"]
  }

  schema_change_policy {
    delete_behavior = "LOG"
    update_behavior = "UPDATE_IN_DATABASE"
  }

  tags = { team = "flights" }
}

resource "aws_glue_crawler" "defaults" {
  name          = "flights-defaults"
  role          = aws_iam_role.etl.arn
  database_name = aws_glue_catalog_database.airport.name

  s3_target {
    path = "s3://${aws_s3_bucket.flights.id}/landing/"
  }
}

# What starts them.

resource "aws_glue_workflow" "nightly" {
  name                   = "flights-nightly"
  description            = "Jobs of the night"
  max_concurrent_runs    = 1
  default_run_properties = { target_format = "parquet" }
  tags                   = { team = "flights" }
}

resource "aws_glue_trigger" "nightly" {
  name          = "flights-nightly-start"
  type          = "EVENT"
  workflow_name = aws_glue_workflow.nightly.name

  actions {
    job_name  = aws_glue_job.daily.name
    arguments = { "--day" = "2013-01-01" }
  }

  event_batching_condition {
    batch_size   = 5
    batch_window = 300
  }
}

resource "aws_glue_trigger" "after" {
  name          = "flights-nightly-after"
  type          = "CONDITIONAL"
  workflow_name = aws_glue_workflow.nightly.name

  predicate {
    conditions {
      job_name = aws_glue_job.daily.name
      state    = "SUCCEEDED"
    }
  }

  actions {
    crawler_name = aws_glue_crawler.busy_days.name
  }
}

resource "aws_glue_trigger" "monthly" {
  name     = "flights-monthly"
  type     = "SCHEDULED"
  schedule = "cron(0 4 1 * ? *)"

  actions {
    job_name = aws_glue_job.shell.name
    timeout  = 10
  }

  tags = { team = "flights" }
}

resource "aws_glue_trigger" "by_hand" {
  name    = "flights-by-hand"
  type    = "ON_DEMAND"
  enabled = false # Terraform starts one that is enabled as soon as it has made it

  actions {
    job_name = aws_glue_job.defaults.name
  }
}

resource "aws_cloudwatch_event_rule" "landed" {
  name        = "flights-landed"
  description = "New flights"
  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail      = { bucket = { name = [aws_s3_bucket.flights.id] } }
  })
  tags = { team = "flights" }
}

resource "aws_cloudwatch_event_target" "landed" {
  rule     = aws_cloudwatch_event_rule.landed.name
  arn      = aws_glue_workflow.nightly.arn
  role_arn = aws_iam_role.etl.arn
}

resource "aws_cloudwatch_event_rule" "hourly" {
  name                = "flights-hourly"
  schedule_expression = "rate(1 hour)"
}

output "account" {
  value = data.aws_caller_identity.current.account_id
}
