# What the lifecycle may do with build hosts: start one as its template says, send it commands, terminate it.

locals {
  ec2 = "arn:${local.partition}:ec2:${local.region}:${local.account}"
}

data "aws_iam_policy_document" "hosts" {
  # Only a build host: one of the stack's templates, with the size and the role that the template names. Everything else that has an ARN
  # must be the template's own too (ec2:IsLaunchTemplateResource). EC2 has no condition for user data; other user data gives no
  # more than the commands that this role may send to a host anyway.
  dynamic "statement" {
    for_each = var.build_host.launch_templates

    content {
      sid       = "Start${title(statement.key)}Host"
      actions   = ["ec2:RunInstances"]
      resources = ["${local.ec2}:instance/*"]

      condition {
        test     = "ArnEquals"
        variable = "ec2:LaunchTemplate"
        values   = statement.value[*].arn
      }

      condition {
        test     = "Bool"
        variable = "ec2:IsLaunchTemplateResource"
        values   = ["true"]
      }

      condition {
        test     = "ArnEquals"
        variable = "ec2:InstanceProfile"
        values   = [var.build_host.instance_profiles[statement.key].arn]
      }

      condition {
        test     = "StringEquals"
        variable = "ec2:InstanceType"
        values   = var.build_host.instance_types
      }

      condition {
        test     = "StringEquals"
        variable = "ec2:MetadataHttpTokens"
        values   = ["required"]
      }
    }
  }

  statement {
    sid     = "StartHostWith"
    actions = ["ec2:RunInstances"]
    resources = concat(
      [for kind in ["network-interface", "volume"] : "${local.ec2}:${kind}/*"],
      flatten(values(var.build_host.launch_templates))[*].arn, var.build_host.subnet_arns,
      ["arn:${local.partition}:ec2:${local.region}::image/*", var.build_host.host_security_group_arn],
      ["${local.ec2}:key-pair/${var.build_host.name}"],
    )

    condition {
      test     = "ArnEquals"
      variable = "ec2:LaunchTemplate"
      values   = flatten(values(var.build_host.launch_templates))[*].arn
    }

    condition {
      test     = "Bool"
      variable = "ec2:IsLaunchTemplateResource"
      values   = ["true"]
    }
  }

  statement {
    sid       = "TagHost"
    actions   = ["ec2:CreateTags"]
    resources = [for kind in ["instance", "network-interface", "volume"] : "${local.ec2}:${kind}/*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["RunInstances"]
    }
  }

  statement {
    sid       = "EndHost"
    actions   = ["ec2:TerminateInstances"]
    resources = ["${local.ec2}:instance/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/marketday:role"
      values   = ["build-host"]
    }
  }

  statement {
    sid       = "PassHost"
    actions   = ["iam:PassRole"]
    resources = values(var.build_host.role_arns)

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ec2.amazonaws.com"]
    }
  }

  # The template gets its image from a public parameter.
  statement {
    sid       = "HostImage"
    actions   = ["ssm:GetParameters"]
    resources = ["arn:${local.partition}:ssm:${local.region}::parameter/aws/service/ami-amazon-linux-latest/*"]
  }

  statement {
    sid       = "RunCommandOnHost"
    actions   = ["ssm:SendCommand"]
    resources = ["${local.ec2}:instance/*"]

    condition {
      test     = "StringEquals"
      variable = "ssm:resourceTag/marketday:role"
      values   = ["build-host"]
    }
  }

  statement {
    sid       = "RunCommandByDocument"
    actions   = ["ssm:SendCommand"]
    resources = ["arn:${local.partition}:ssm:${local.region}::document/AWS-RunShellScript"]
  }
}
