# One key for what the dev plane keeps: disks, database, secrets and logs.
data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109: in a key's policy * means only that key
  #checkov:skip=CKV_AWS_111: * means only that key, see above
  #checkov:skip=CKV_AWS_356: * means only that key, see above
  statement {
    sid       = "ByRolesOfTheAccount"
    actions   = ["kms:*"]
    resources = ["*"] # in a key's policy * is that key

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:root"]
    }
  }

  statement {
    sid       = "ByLogs"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"] # in a key's policy * is that key

    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values = [
        for group in ["${var.name}/*", "${var.name}-*", "/aws/rds/instance/${var.name}/*"] :
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
