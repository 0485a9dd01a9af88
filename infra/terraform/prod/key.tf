# One key for the data of the prod plane: database, cache, secrets, the secrets of Kubernetes, logs, and the copies of a
# hand-back.
data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109: in a key's policy * means only that key
  #checkov:skip=CKV_AWS_111: * means only that key, see above
  #checkov:skip=CKV_AWS_356: * means only that key, see above
  statement {
    sid       = "ByRolesOfTheAccount"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:root"]
    }
  }

  statement {
    sid       = "ByLogs"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values = [
        for group in ["${var.name}/*", "/aws/eks/${var.name}/*", "/aws/rds/instance/${var.name}/*", "dms-tasks-md-*"] :
        "arn:${data.aws_partition.this.partition}:logs:${var.region}:${data.aws_caller_identity.this.account_id}:log-group:${group}"
      ]
    }
  }
}

resource "aws_kms_key" "this" {
  description             = "What ${var.name} keeps"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json

  tags = { Name = var.name }
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}
