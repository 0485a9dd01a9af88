data "aws_caller_identity" "this" {}

data "aws_region" "this" {}

data "aws_iam_policy_document" "secrets_assume" {
  statement {
    actions = ["sts:AssumeRole"]

    # DMS reads secrets with its principal of the region.
    principals {
      type        = "Service"
      identifiers = ["dms.${data.aws_region.this.name}.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}

data "aws_iam_policy_document" "secrets" {
  statement {
    actions   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    resources = [var.source_database.secret_arn, var.target_database.secret_arn]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn[*]

    content {
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${data.aws_region.this.name}.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role" "secrets" {
  name                 = "${var.name}-secrets"
  description          = "DMS reads the two credentials of ${var.name}"
  assume_role_policy   = data.aws_iam_policy_document.secrets_assume.json
  permissions_boundary = var.permissions_boundary_arn

  tags = { Name = "${var.name}-secrets" }
}

resource "aws_iam_role_policy" "secrets" {
  name   = "read-secrets"
  role   = aws_iam_role.secrets.id
  policy = data.aws_iam_policy_document.secrets.json
}
