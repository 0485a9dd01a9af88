# The copy of a hand-back window: DMS, its credentials and its log. Only for the role of build hosts for links.

data "aws_iam_policy_document" "copy" {
  #checkov:skip=CKV_AWS_111: each writing statement is limited by a name or a tag
  #checkov:skip=CKV_AWS_356: see the statements Look and MakeReplication
  #checkov:skip=CKV_AWS_108: this role may read only secrets that it makes
  statement {
    sid       = "Look"
    actions   = ["dms:Describe*", "logs:Describe*", "logs:ListTagsForResource", "secretsmanager:GetRandomPassword"]
    resources = ["*"] # lists, and random text: AWS supports no resource for them
  }

  # DMS gives resources ids of its own, so their tags show to which stack they belong.
  statement {
    sid       = "MakeReplication"
    actions   = ["dms:Create*", "dms:ImportCertificate"] # with its tags: adding our tags later would give access to other resources
    resources = ["*"]                                    # most resources have no ARN in advance; the tag limits it

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/marketday:stack"
      values   = ["link"]
    }
  }

  # AWS also needs this to make a resource with its tags, and has no condition for "while it is made". It gives no access to
  # another stack's resource; a replication that nobody has tagged could be taken.
  statement {
    sid       = "TagReplication"
    actions   = ["dms:AddTagsToResource"]
    resources = ["${local.here.dms}:*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/marketday:stack"
      values   = ["link"]
    }

    condition {
      test     = "Null"
      variable = "aws:ResourceTag/marketday:stack"
      values   = ["true"]
    }
  }

  statement {
    sid = "Replication"
    actions = [
      "dms:AddTagsToResource", "dms:Create*", "dms:Delete*", "dms:ListTagsForResource", "dms:Modify*",
      "dms:RemoveTagsFromResource", "dms:StopReplicationTask", "dms:TestConnection",
    ]
    resources = ["${local.here.dms}:*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/marketday:stack"
      values   = ["link"]
    }
  }

  statement {
    sid = "Credentials"
    actions = [
      "secretsmanager:CreateSecret", "secretsmanager:DeleteSecret", "secretsmanager:DescribeSecret",
      "secretsmanager:GetResourcePolicy", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
      "secretsmanager:TagResource", "secretsmanager:UntagResource", "secretsmanager:UpdateSecret",
    ]
    resources = ["${local.here.secretsmanager}:secret:${local.link}-*"]
  }

  statement {
    sid = "Log"
    actions = [
      "logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DeleteRetentionPolicy",
      "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource",
    ]
    resources = [for end in ["", ":*"] : "${local.here.logs}:log-group:dms-tasks-${local.link}${end}"]
  }

  # A link encrypts its copies in the mall with the mall's key; AWS services use the key for it, never the link itself.
  dynamic "statement" {
    for_each = length(local.malls.key) > 0 ? [local.malls.key] : []

    content {
      sid       = "MallsKey"
      actions   = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [for service in ["dms", "logs", "secretsmanager"] : "${service}.${local.region}.amazonaws.com"]
      }
    }
  }
}
