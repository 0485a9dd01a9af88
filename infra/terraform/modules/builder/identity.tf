# Roles of an environment's services, and of a link's replication. Their rights end at the boundary, and the builder cannot
# remove it.

locals {
  # Whose roles a build host makes, and to which services it may give them.
  given = {
    event = {
      roles    = "${local.iam}:role/${local.own}"
      services = ["ecs-tasks.amazonaws.com", "firehose.amazonaws.com", "logs.amazonaws.com", "vpc-flow-logs.amazonaws.com"]
    }
    link = {
      roles    = "${local.iam}:role/${local.link}-*"
      services = ["dms.${local.region}.amazonaws.com", "dms.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "identity" {
  for_each = local.given

  statement {
    sid = "Look"
    actions = [
      "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole",
      "iam:ListRolePolicies", "iam:ListRoleTags",
    ]
    resources = [each.value.roles]
  }

  statement {
    sid       = "HeldByBoundary"
    actions   = ["iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePolicy"]
    resources = [each.value.roles]

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
    resources = [each.value.roles]
  }

  statement {
    sid       = "PassRoles"
    actions   = ["iam:PassRole"]
    resources = [each.value.roles]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = each.value.services
    }
  }
}

# Each AWS service makes its own role in an account once, at its first use. A link needs none: DMS's are in the stack prod.
data "aws_iam_policy_document" "service_roles" {
  source_policy_documents = [data.aws_iam_policy_document.identity["event"].json]

  # The names of a link's roles begin like those of its environment.
  statement {
    sid       = "NotRolesOfLinks"
    effect    = "Deny"
    actions   = ["iam:*"]
    resources = [local.given.link.roles]
  }

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
