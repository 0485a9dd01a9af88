# Roles of an environment's services. Their rights end at the boundary, and the builder cannot remove it.

locals {
  roles = "${local.iam}:role/${local.own}"
}

data "aws_iam_policy_document" "identity" {
  statement {
    sid = "Look"
    actions = [
      "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole",
      "iam:ListRolePolicies", "iam:ListRoleTags",
    ]
    resources = [local.roles]
  }

  statement {
    sid       = "HeldByBoundary"
    actions   = ["iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePolicy"]
    resources = [local.roles]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.boundary.arn]
    }
  }

  # Who may assume a role is set once, when it is made: a boundary cannot limit iam:UpdateAssumeRolePolicy, so the builder does
  # not have this right. A stack that needs another trust is destroyed and built again.
  statement {
    sid       = "Roles"
    actions   = ["iam:DeleteRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateRole", "iam:UpdateRoleDescription"]
    resources = [local.roles]
  }

  statement {
    sid       = "PassRoles"
    actions   = ["iam:PassRole"]
    resources = [local.roles]

    condition {
      test     = "StringLike"
      variable = "iam:PassedToService"
      values = [
        "dms.${local.region}.amazonaws.com", "dms.amazonaws.com", "ecs-tasks.amazonaws.com", "firehose.amazonaws.com",
        "vpc-flow-logs.amazonaws.com",
      ]
    }
  }

  # Each AWS service makes its own role in an account once, at its first use.
  statement {
    sid       = "ServiceRoles"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["${local.iam}:role/aws-service-role/*"]

    condition {
      test     = "StringEquals"
      variable = "iam:AWSServiceName"
      values = [
        "ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com", "elasticache.amazonaws.com",
        "elasticloadbalancing.amazonaws.com", "rds.amazonaws.com", "wafv2.amazonaws.com",
      ]
    }
  }
}
