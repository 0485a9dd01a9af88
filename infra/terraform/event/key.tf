data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109: in a key's policy * means only that key
  #checkov:skip=CKV_AWS_111: * means only that key, see above
  #checkov:skip=CKV_AWS_356: * means only that key, see above
  statement {
    sid       = "AccountByItsRoles"
    actions   = ["kms:*"]
    resources = ["*"] # in a key's policy * is that key

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:root"]
    }
  }

  # CloudWatch uses this key for the environment's own log groups: the name of each contains the environment's name.
  statement {
    sid       = "LogGroups"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"] # in a key's policy * is that key

    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${data.aws_partition.this.partition}:logs:${var.region}:${data.aws_caller_identity.this.account_id}:log-group:*${local.name}*"]
    }
  }
}

# One key for all of the environment's data. After the destroy nobody can use it, and AWS deletes it thirty days later. Until then an
# administrator can stop its deletion, and restore the database from the backups that RDS keeps for a week.
resource "aws_kms_key" "this" {
  description             = "The data of ${local.name}, for the drop ${var.drop}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json

  tags = { Name = local.name }
}

resource "aws_kms_alias" "this" {
  name          = "alias/${local.name}"
  target_key_id = aws_kms_key.this.key_id
}
