data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109: a key's own policy speaks of that key alone, whatever its resource says
  #checkov:skip=CKV_AWS_111: of that key alone, as said above
  #checkov:skip=CKV_AWS_356: of that key alone, as said above
  statement {
    sid       = "AccountByItsRoles"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:root"]
    }
  }

  # CloudWatch opens it for the environment's own log groups, all of which have its name in theirs.
  statement {
    sid       = "LogGroups"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"]

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

# One key for all of the environment's data: with it gone, seven days after the destroy, none of it can be read.
resource "aws_kms_key" "this" {
  description             = "The data of ${local.name}, for the drop ${var.drop}"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  policy                  = data.aws_iam_policy_document.key.json

  tags = { Name = local.name }
}

resource "aws_kms_alias" "this" {
  name          = "alias/${local.name}"
  target_key_id = aws_kms_key.this.key_id
}
