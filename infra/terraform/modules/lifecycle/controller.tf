# What the mall's controller may do: the same work, and the hand-back. It also lists what exists, as the function does, to take over
# what a lost run of a link left. The stack prod gives its role these policies. They give no right to read the mall's other secrets or
# to make a role. A unit test compares them with what its code calls.

locals {
  controller = {
    hosts     = data.aws_iam_policy_document.hosts.json
    work      = data.aws_iam_policy_document.work.json
    look      = data.aws_iam_policy_document.look.json
    hand-back = data.aws_iam_policy_document.hand_back.json
  }

  # RDS names the owner's secret itself.
  secrets = "arn:${local.partition}:secretsmanager:${local.region}:${local.account}:secret"
  made    = [for name in ["/cache-url", "/edge-proof", "-link-source", "-link-target"] : "${local.secrets}:md-????????${name}-??????"]
  owners  = "${local.secrets}:rds!db-*"
}

resource "aws_iam_policy" "controller" {
  for_each = local.controller

  name        = "${var.name}-controller-${each.key}"
  description = "The mall's controller: ${each.key}"
  policy      = each.value

  tags = { Name = "${var.name}-controller-${each.key}" }
}

data "aws_iam_policy_document" "hand_back" {
  #checkov:skip=CKV_AWS_108: the credentials of environments, which only the controller uses
  statement {
    sid       = "Replicate"
    actions   = ["dms:DeleteReplicationTask", "dms:StartReplicationTask", "dms:StopReplicationTask", "dms:TestConnection"]
    resources = [for kind in ["endpoint", "rep", "task"] : "arn:${local.partition}:dms:${local.region}:${local.account}:${kind}:*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/marketday:stack"
      values   = ["link"]
    }
  }

  # The way into a drop's Valkey and through the edge, and the two roles of a window.
  statement {
    sid       = "Environments"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = local.made
  }

  statement {
    sid       = "OwnersOfDrops"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [local.owners]

    condition {
      test     = "ArnLike"
      variable = "aws:ResourceTag/aws:rds:primaryDBInstanceArn"
      values   = ["arn:${local.partition}:rds:${local.region}:${local.account}:db:md-????????"]
    }
  }

  # Any key of the account, because each environment has its own. The conditions allow its use only for these secrets.
  statement {
    sid       = "TheirKeys"
    actions   = ["kms:Decrypt"]
    resources = ["arn:${local.partition}:kms:${local.region}:${local.account}:key/*"]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${local.region}.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:SecretARN"
      values   = concat(local.made, [local.owners])
    }
  }
}
