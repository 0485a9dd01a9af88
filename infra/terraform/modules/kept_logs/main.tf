# The log groups of an environment are removed with it, because AWS encrypts them with its key and finds them by its name. What is written into
# them also goes, within a minute, into the bucket that stays: CloudWatch Logs sends each line to Firehose, as gzipped JSON, and
# Firehose puts them together to an object. `zcat` reads it.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  folder     = "drops/${var.name}/logs"
  bucket_arn = "arn:${data.aws_partition.this.partition}:s3:::${var.evidence_bucket}"

  # The role of the delivery stream, and the role with which CloudWatch Logs writes into it.
  services = { delivery = "firehose", subscription = "logs" }
}

resource "aws_kinesis_firehose_delivery_stream" "this" {
  #checkov:skip=CKV_AWS_241: encrypted with AWS's own key; the lines are in the stream for a minute
  name        = "${var.name}-logs"
  destination = "extended_s3"

  server_side_encryption {
    enabled = true
  }

  extended_s3_configuration {
    role_arn            = aws_iam_role.this["delivery"].arn
    bucket_arn          = local.bucket_arn
    prefix              = "${local.folder}/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/"
    error_output_prefix = "${local.folder}-errors/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/"
    file_extension      = ".gz" # CloudWatch Logs has compressed them already
    buffering_interval  = 60
    buffering_size      = 16
  }

  tags = { Name = "${var.name}-logs" }

  depends_on = [aws_iam_role_policy.this]
}

# Removed first, so that the stream still has a minute to deliver what came before.
resource "aws_cloudwatch_log_subscription_filter" "this" {
  for_each = var.log_groups

  name            = "${var.name}-kept"
  log_group_name  = each.value
  filter_pattern  = "" # every line
  destination_arn = aws_kinesis_firehose_delivery_stream.this.arn
  role_arn        = aws_iam_role.this["subscription"].arn

  depends_on = [aws_iam_role_policy.this]
}
