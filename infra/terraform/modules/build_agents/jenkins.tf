# What Jenkins may do: start an agent as infra/jenkins says, in these subnets, with this role, and end it.
data "aws_iam_policy_document" "agents_by_jenkins" {
  statement {
    sid = "Look"
    actions = [
      "ec2:DescribeAvailabilityZones", "ec2:DescribeImages", "ec2:DescribeInstances", "ec2:DescribeInstanceTypes", "ec2:DescribeKeyPairs",
      "ec2:DescribeRegions", "ec2:DescribeSecurityGroups", "ec2:DescribeSpotInstanceRequests", "ec2:DescribeSubnets",
      "ec2:GetConsoleOutput", "secretsmanager:ListSecrets",
    ]
    resources = ["*"] # lists and descriptions: AWS supports no resource for them
  }

  statement {
    sid       = "StartAgent"
    actions   = ["ec2:RunInstances"]
    resources = ["${local.ec2}:instance/*"]

    condition {
      test     = "ArnEquals"
      variable = "ec2:InstanceProfile"
      values   = [aws_iam_instance_profile.agents.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "ec2:InstanceType"
      values   = [var.instance_type]
    }

    condition {
      test     = "StringEquals"
      variable = "ec2:MetadataHttpTokens"
      values   = ["required"]
    }
  }

  statement {
    sid     = "StartAgentWith"
    actions = ["ec2:RunInstances"]
    resources = concat(
      [for kind in ["network-interface", "volume", "spot-instances-request"] : "${local.ec2}:${kind}/*"],
      [for id in var.subnet_ids : "${local.ec2}:subnet/${id}"],
      ["${local.ec2}:security-group/${aws_security_group.agents.id}", aws_key_pair.agents.arn],
      ["arn:${local.partition}:ec2:${local.region}::image/${var.image}", "${local.ec2}:image/${var.image}"],
    )
  }

  statement {
    sid       = "TagAgent"
    actions   = ["ec2:CreateTags"]
    resources = [for kind in ["instance", "volume", "network-interface", "spot-instances-request"] : "${local.ec2}:${kind}/*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["RunInstances"]
    }
  }

  statement {
    sid       = "EndAgent"
    actions   = ["ec2:TerminateInstances"]
    resources = ["${local.ec2}:instance/*"]

    condition {
      test     = "ArnEquals"
      variable = "ec2:InstanceProfile"
      values   = [aws_iam_instance_profile.agents.arn]
    }
  }

  statement {
    sid       = "PassAgent"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.agents.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ec2.amazonaws.com"]
    }
  }
}
