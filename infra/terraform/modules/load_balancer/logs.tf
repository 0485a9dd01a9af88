data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  logs_bucket = "${var.name}-access-logs-${data.aws_caller_identity.this.account_id}"
}

data "aws_iam_policy_document" "logs" {
  statement {
    sid       = "LoadBalancerWrites"
    actions   = ["s3:PutObject"]
    resources = ["arn:${data.aws_partition.this.partition}:s3:::${local.logs_bucket}/AWSLogs/${data.aws_caller_identity.this.account_id}/*"]

    principals {
      type        = "Service"
      identifiers = ["logdelivery.elasticloadbalancing.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${data.aws_partition.this.partition}:elasticloadbalancing:${data.aws_region.this.name}:${data.aws_caller_identity.this.account_id}:loadbalancer/app/${var.name}/*"]
    }
  }
}

# Encrypted with S3's own key: a load balancer can write with no other key.
module "logs" {
  source = "../private_bucket"

  name            = local.logs_bucket
  expiration_days = var.log_retention_days
  noncurrent_days = 1
  policies        = [data.aws_iam_policy_document.logs.json]

  # An environment is removed completely, with its logs.
  force_destroy = true
}
