data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  # The ARN ends before the colon of a JSON key: arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME:KEY::
  secret_arns = distinct([
    for arn in concat(values(var.secrets), var.first == null ? [] : values(var.first.secrets)) :
    join(":", slice(split(":", arn), 0, 7))
  ])

  images = concat([var.image], var.first == null ? [] : [var.first.image])
  pulled = [
    for image in local.images :
    regex("^(?P<account>[0-9]{12})\\.dkr\\.ecr\\.(?P<region>[a-z0-9-]+)\\.amazonaws\\.com(?:\\.cn)?/(?P<repository>[^:@]+)", image)
  ]
  repository_arns = distinct([
    for one in local.pulled :
    "arn:${data.aws_partition.this.partition}:ecr:${one.region}:${one.account}:repository/${one.repository}"
  ])
  any_key_here = "arn:${data.aws_partition.this.partition}:kms:${data.aws_region.this.name}:${data.aws_caller_identity.this.account_id}:key/*"
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}

# The role that starts a task: it pulls the image, reads the secrets, writes the log.
data "aws_iam_policy_document" "execution" {
  # AWS allows no narrower resource for this call.
  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"] # AWS supports no resource for it; the token alone reads no image
  }

  statement {
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = local.repository_arns
  }

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }

  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = local.secret_arns
  }

  # Any key of this region, because each secret names the key that encrypts it. The conditions allow its use only for these
  # secrets.
  statement {
    actions   = ["kms:Decrypt"]
    resources = [local.any_key_here]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${data.aws_region.this.name}.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:SecretARN"
      values   = local.secret_arns
    }
  }
}

resource "aws_iam_role" "execution" {
  name                 = "${local.full_name}-execution"
  description          = "Starts the tasks of ${local.full_name}: image, secrets, log"
  assume_role_policy   = data.aws_iam_policy_document.assume.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "execution" {
  name   = "start-tasks"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}

# The role of the service itself: it may write to the activity stream.
data "aws_iam_policy_document" "task" {
  statement {
    actions   = ["kinesis:PutRecord", "kinesis:PutRecords"]
    resources = [var.stream.arn]
  }

  statement {
    actions   = ["kms:GenerateDataKey"]
    resources = [var.key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["kinesis.${data.aws_region.this.name}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "task" {
  name                 = "${local.full_name}-task"
  description          = "What ${local.full_name} may do: write to the activity stream"
  assume_role_policy   = data.aws_iam_policy_document.assume.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "task" {
  name   = "write-activity"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.task.json
}
