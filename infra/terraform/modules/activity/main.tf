data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  # In the bucket of the stack permanent, which keeps it after the environment is removed, and removes it by its rule.
  folder      = "drops/${var.name}"
  archive_arn = "arn:${data.aws_partition.this.partition}:s3:::${var.evidence_bucket}"
}

resource "aws_kinesis_stream" "this" {
  name             = "${var.name}-activity"
  shard_count      = var.shards
  retention_period = 24
  encryption_type  = "KMS"
  kms_key_id       = var.key_arn

  shard_level_metrics       = ["IncomingBytes", "IncomingRecords", "WriteProvisionedThroughputExceeded"]
  enforce_consumer_deletion = true

  stream_mode_details {
    stream_mode = "PROVISIONED"
  }

  tags = { Name = "${var.name}-activity" }
}

resource "aws_cloudwatch_log_group" "firehose" {
  #checkov:skip=CKV_AWS_338: the log is of one drop; the variable expire_days sets how long it is kept
  name              = "${var.name}/firehose"
  retention_in_days = var.expire_days
  kms_key_id        = var.key_arn

  tags = { Name = "${var.name}/firehose" }
}

resource "aws_cloudwatch_log_stream" "firehose" {
  name           = "delivery"
  log_group_name = aws_cloudwatch_log_group.firehose.name
}

resource "aws_kinesis_firehose_delivery_stream" "this" {
  #checkov:skip=CKV_AWS_240: the Kinesis stream encrypts the data; AWS refuses both
  #checkov:skip=CKV_AWS_241: as above, with the environment's own key
  name        = "${var.name}-activity"
  destination = "extended_s3"

  kinesis_source_configuration {
    kinesis_stream_arn = aws_kinesis_stream.this.arn
    role_arn           = aws_iam_role.firehose.arn
  }

  extended_s3_configuration {
    role_arn            = aws_iam_role.firehose.arn
    bucket_arn          = local.archive_arn
    prefix              = "${local.folder}/activity/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/"
    error_output_prefix = "${local.folder}/errors/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/"
    buffering_interval  = 60
    buffering_size      = 64 # MB, the smallest size for a conversion

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.firehose.name
      log_stream_name = aws_cloudwatch_log_stream.firehose.name
    }

    data_format_conversion_configuration {
      input_format_configuration {
        deserializer {
          open_x_json_ser_de {}
        }
      }

      output_format_configuration {
        serializer {
          parquet_ser_de {
            compression = "SNAPPY"
          }
        }
      }

      schema_configuration {
        role_arn      = aws_iam_role.firehose.arn
        database_name = aws_glue_catalog_database.this.name
        table_name    = aws_glue_catalog_table.activity.name
        region        = data.aws_region.this.name
      }
    }
  }

  tags = { Name = "${var.name}-activity" }

  depends_on = [aws_iam_role_policy.firehose]
}
