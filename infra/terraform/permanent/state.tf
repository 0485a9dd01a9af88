# The records of every environment: its Terraform state (with a lock file next to it), and its runs.

locals {
  # For a removed environment: its empty state, and the output of its runs. No environment exists for so long.
  remembered_days = 400

  state_bucket = "${local.name}-state-${local.account}-${var.region}"
  logs_bucket  = "${local.name}-logs-${local.account}-${var.region}"
}

module "state" {
  source = "../modules/private_bucket"

  name                = local.state_bucket
  kms_key_arn         = aws_kms_key.this.arn
  noncurrent_days     = 90
  noncurrent_versions = 10
  expirations         = { "environments/" = local.remembered_days, "runs/" = local.remembered_days } # not this stack's own state
  access_logs         = { bucket = module.logs.name, prefix = "state/" }
  force_destroy       = !var.deletion_protection
}

# Logs of all access to states, of requests to the edge, and what is kept of each environment after it is removed, under
# drops/<environment>/: activity, logs of its load balancer and services. Only AWS writes here, and everything has its end by a rule.
data "aws_iam_policy_document" "logs" {
  statement {
    sid       = "AccessLogs"
    actions   = ["s3:PutObject"]
    resources = ["arn:${local.partition}:s3:::${local.logs_bucket}/*"]

    principals {
      type        = "Service"
      identifiers = ["logging.s3.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }

  statement {
    sid       = "EdgeLogs"
    actions   = ["s3:PutObject"]
    resources = ["arn:${local.partition}:s3:::${local.logs_bucket}/edge/*"]

    principals {
      type        = "Service"
      identifiers = ["delivery.logs.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "evidence" {
  statement {
    sid       = "LoadBalancersOfEnvironments"
    actions   = ["s3:PutObject"]
    resources = ["arn:${local.partition}:s3:::${local.logs_bucket}/drops/md-????????/load-balancer/AWSLogs/${local.account}/*"]

    principals {
      type        = "Service"
      identifiers = ["logdelivery.elasticloadbalancing.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:elasticloadbalancing:${var.region}:${local.account}:loadbalancer/app/md-????????/*"]
    }
  }

  # A build host that was taken over, or a service of an environment, cannot remove what was kept. Only the rule of the bucket does.
  statement {
    sid       = "NobodyRemovesEvidence"
    effect    = "Deny"
    actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
    resources = ["arn:${local.partition}:s3:::${local.logs_bucket}/drops/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = [for role in ["${local.name}-builder", "${local.name}-link-builder", "md-*"] : "arn:${local.partition}:iam::${local.account}:role/${role}"]
    }
  }
}

module "logs" {
  source = "../modules/private_bucket"

  name            = local.logs_bucket
  expiration_days = var.log_retention_days
  noncurrent_days = 90 # what somebody writes over; nobody but the bucket's rule can remove it (NobodyRemovesEvidence)
  policies        = [data.aws_iam_policy_document.logs.json, data.aws_iam_policy_document.evidence.json]
  force_destroy   = !var.deletion_protection
}

resource "aws_dynamodb_table" "runs" {
  name                        = "${local.name}-runs"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  ttl {
    attribute_name = "expires_epoch"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.this.arn
  }

  tags = { Name = "${local.name}-runs" }
}
