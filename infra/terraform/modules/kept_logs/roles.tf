data "aws_iam_policy_document" "assume" {
  for_each = local.services

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["${each.value}.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}

data "aws_iam_policy_document" "delivery" {
  statement {
    sid       = "Write"
    actions   = ["s3:AbortMultipartUpload", "s3:PutObject"]
    resources = ["${local.bucket_arn}/${local.folder}/*", "${local.bucket_arn}/${local.folder}-errors/*"]
  }

  statement {
    sid       = "See"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [local.bucket_arn]
  }
}

data "aws_iam_policy_document" "subscription" {
  statement {
    sid     = "Send"
    actions = ["firehose:PutRecord", "firehose:PutRecordBatch"]
    resources = [
      "arn:${data.aws_partition.this.partition}:firehose:${data.aws_region.this.name}:${data.aws_caller_identity.this.account_id}:deliverystream/${var.name}-logs",
    ]
  }
}

resource "aws_iam_role" "this" {
  for_each = local.services

  name                 = "${var.name}-logs-${each.key}"
  description          = "Keeps the logs of ${var.name}: ${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.assume[each.key].json
  permissions_boundary = var.permissions_boundary_arn

  tags = { Name = "${var.name}-logs-${each.key}" }
}

resource "aws_iam_role_policy" "this" {
  for_each = {
    delivery     = data.aws_iam_policy_document.delivery.json
    subscription = data.aws_iam_policy_document.subscription.json
  }

  name   = each.key
  role   = aws_iam_role.this[each.key].id
  policy = each.value
}
