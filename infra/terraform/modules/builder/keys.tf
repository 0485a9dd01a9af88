# Keys and secrets of an environment.

data "aws_iam_policy_document" "keys" {
  #checkov:skip=CKV_AWS_111: each writing statement is limited by a name or a tag
  #checkov:skip=CKV_AWS_356: see the statements Look and MakeKey
  #checkov:skip=CKV_AWS_109: key policies are written only for keys with our tag
  #checkov:skip=CKV_AWS_108: this role may read only secrets that it makes
  statement {
    sid       = "Look"
    actions   = ["kms:ListAliases", "secretsmanager:GetRandomPassword"]
    resources = ["*"] # AWS supports no resource for them
  }

  statement {
    sid = "Secrets"
    actions = [
      "secretsmanager:CreateSecret", "secretsmanager:DeleteResourcePolicy", "secretsmanager:DeleteSecret",
      "secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy", "secretsmanager:GetSecretValue",
      "secretsmanager:PutResourcePolicy", "secretsmanager:PutSecretValue", "secretsmanager:TagResource",
      "secretsmanager:UntagResource", "secretsmanager:UpdateSecret",
    ]
    resources = ["${local.here.secretsmanager}:secret:md-????????/*"] # a link's are md-????????-link-*
  }

  statement {
    sid       = "MakeKey"
    actions   = ["kms:CreateKey", "kms:TagResource"]
    resources = ["*"] # a key has no ARN before it is made

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/marketday:stack"
      values   = ["event"]
    }
  }

  # A tag shows to which stack a resource belongs. So this role may not change the tags of the stacks permanent and prod, and may
  # not give a secret to an event stack by a tag.
  statement {
    sid       = "NotByTags"
    effect    = "Deny"
    actions   = ["kms:TagResource", "kms:UntagResource", "secretsmanager:TagResource", "secretsmanager:UntagResource"]
    resources = ["*"] # a denial, for each of them

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/marketday:stack"
      values   = ["permanent", "prod"]
    }
  }

  # Without regard to capitals, because aws:ResourceTag/marketday:for also matches a tag Marketday:For.
  statement {
    sid       = "NotGiven"
    effect    = "Deny"
    actions   = ["secretsmanager:CreateSecret", "secretsmanager:TagResource"]
    resources = ["*"] # a denial, for each of them

    condition {
      test     = "ForAnyValue:StringEqualsIgnoreCase"
      variable = "aws:TagKeys"
      values   = ["marketday:for"]
    }
  }

  # The password of another database: RDS tags each secret that it makes with its database, and nobody else can set that tag.
  statement {
    sid       = "NotOthersPasswords"
    effect    = "Deny"
    actions   = ["secretsmanager:TagResource", "secretsmanager:UntagResource"]
    resources = ["${local.here.secretsmanager}:secret:rds!*"]

    condition {
      test     = "Null"
      variable = "aws:ResourceTag/aws:rds:primaryDBInstanceArn"
      values   = ["false"]
    }

    condition {
      test     = "ArnNotLike"
      variable = "aws:ResourceTag/aws:rds:primaryDBInstanceArn"
      values   = ["${local.here.rds}:db:${local.own}"]
    }
  }

  statement {
    sid = "Keys"
    actions = [
      "kms:CreateAlias", "kms:CreateGrant", "kms:Decrypt", "kms:DeleteAlias", "kms:DescribeKey",
      "kms:EnableKeyRotation", "kms:Encrypt", "kms:GenerateDataKey*", "kms:Get*", "kms:List*", "kms:PutKeyPolicy",
      "kms:RevokeGrant", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateKeyDescription",
    ]
    resources = ["${local.here.kms}:key/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/marketday:stack"
      values   = ["event"]
    }
  }

  statement {
    sid       = "KeyNames"
    actions   = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
    resources = ["${local.here.kms}:alias/${local.own}"]
  }
}
