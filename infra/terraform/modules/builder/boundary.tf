# The limit for every role of an event or link stack, even if its own policies allow more: it can only run a service of that
# environment. It cannot change identities or networks. It can read only those secrets of the mall that are tagged for event or
# link stacks (marketday:for); it can use the mall's key only to decrypt them.

data "aws_iam_policy_document" "boundary" {
  #checkov:skip=CKV_AWS_111: see the statement NoResource
  #checkov:skip=CKV_AWS_356: see the statement NoResource
  #checkov:skip=CKV_AWS_108: a boundary grants nothing; each role names the secret and the object that it reads
  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    resources = ["${local.here.secretsmanager}:secret:${local.own}"]
  }

  # RDS gives its secrets random names; RDS's own tag shows to which database a secret belongs. So the mall's secret is excluded.
  statement {
    sid       = "DatabaseOwner"
    actions   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    resources = ["${local.here.secretsmanager}:secret:rds!*"]

    condition {
      test     = "StringLike"
      variable = "secretsmanager:ResourceTag/aws:rds:primaryDBInstanceArn"
      values   = ["${local.here.rds}:db:${local.own}"]
    }
  }

  # The secret with the key to the payment gateway (variable `mall` of the event stack).
  statement {
    sid       = "GivenSecrets"
    actions   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    resources = ["${local.here.secretsmanager}:secret:*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/marketday:for"
      values   = local.ours
    }
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = ["${local.here.kms}:key/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/marketday:stack"
      values   = local.ours
    }
  }

  # The mall's key, only for the secrets above that are encrypted with it.
  statement {
    sid       = "MallsKey"
    actions   = ["kms:Decrypt"]
    resources = ["${local.here.kms}:key/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/marketday:stack"
      values   = ["prod"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${local.region}.amazonaws.com"]
    }
  }

  statement {
    sid       = "Images"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = var.repository_arns
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = ["${local.here.logs}:log-group:md-????????/*"]
  }

  statement {
    sid = "Streams"
    actions = [
      "firehose:PutRecord", "firehose:PutRecordBatch", "kinesis:Describe*", "kinesis:GetRecords",
      "kinesis:GetShardIterator", "kinesis:ListShards", "kinesis:PutRecord", "kinesis:PutRecords",
      "glue:GetTable", "glue:GetTables", "glue:GetTableVersion", "glue:GetTableVersions", "glue:GetDatabase",
    ]
    resources = [
      "${local.here.firehose}:deliverystream/${local.own}", "${local.here.kinesis}:stream/${local.own}", "${local.here.glue}:catalog",
      "${local.here.glue}:database/md_????????", "${local.here.glue}:table/md_????????/*",
    ]
  }

  # What stays after an environment: only added to, never read or removed.
  statement {
    sid       = "Evidence"
    actions   = ["s3:AbortMultipartUpload", "s3:PutObject"]
    resources = ["${var.evidence_bucket_arn}/drops/md-????????/*"]
  }

  statement {
    sid       = "EvidenceBucket"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [var.evidence_bucket_arn]
  }

  # Signing in to the registry, random numbers, the names of log groups, and the channel of `ecs execute-command`: AWS supports
  # no resource for them.
  statement {
    sid = "NoResource"
    actions = [
      "cloudwatch:PutMetricData", "ecr:GetAuthorizationToken", "logs:DescribeLogGroups",
      "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ]
    resources = ["*"] # AWS supports no resource for these actions
  }
}

resource "aws_iam_policy" "boundary" {
  name        = "${var.name}-boundary"
  description = "The most that a role of an event or link stack can do"
  policy      = data.aws_iam_policy_document.boundary.json

  tags = { Name = "${var.name}-boundary" }
}
