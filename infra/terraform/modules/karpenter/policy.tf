# Karpenter starts, tags and ends instances of its own cluster only. EC2 has the cluster's tag in the request when something
# is made, and on the thing itself afterwards.

data "aws_iam_policy_document" "nodes" {
  # What an instance is made from has no tag of the cluster: images, subnets, groups.
  statement {
    sid     = "From"
    actions = ["ec2:RunInstances", "ec2:CreateFleet"]
    resources = concat(
      [for kind in ["image", "snapshot"] : "arn:${data.aws_partition.this.partition}:ec2:${data.aws_region.this.name}::${kind}/*"],
      ["${local.ec2}:spot-instances-request/*", "${local.ec2}:security-group/${var.security_group_id}"],
      [for subnet in var.subnet_ids : "${local.ec2}:subnet/${subnet}"],
    )
  }

  statement {
    sid       = "FromTemplate"
    actions   = ["ec2:RunInstances", "ec2:CreateFleet"]
    resources = ["${local.ec2}:launch-template/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/${local.ours}"
      values   = ["owned"]
    }
  }

  statement {
    sid       = "Make"
    actions   = ["ec2:RunInstances", "ec2:CreateFleet", "ec2:CreateLaunchTemplate"]
    resources = [for kind in ["fleet", "instance", "volume", "network-interface", "launch-template"] : "${local.ec2}:${kind}/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/${local.ours}"
      values   = ["owned"]
    }
  }

  statement {
    sid       = "TagWhatItMakes"
    actions   = ["ec2:CreateTags"]
    resources = [for kind in ["fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request"] : "${local.ec2}:${kind}/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/${local.ours}"
      values   = ["owned"]
    }

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["RunInstances", "CreateFleet", "CreateLaunchTemplate"]
    }
  }

  statement {
    sid       = "NameItsNodes"
    actions   = ["ec2:CreateTags"]
    resources = ["${local.ec2}:instance/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/${local.ours}"
      values   = ["owned"]
    }

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"
      values   = ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"]
    }
  }

  statement {
    sid       = "End"
    actions   = ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"]
    resources = ["${local.ec2}:instance/*", "${local.ec2}:launch-template/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/${local.ours}"
      values   = ["owned"]
    }

    # The node group's instances have the cluster's tag too; they are not Karpenter's.
    condition {
      test     = "StringLike"
      variable = "aws:ResourceTag/karpenter.sh/nodepool"
      values   = ["*"]
    }
  }

  statement {
    sid       = "PassTheRoleOfItsNodes"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.node.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ec2.amazonaws.com"]
    }
  }

  statement {
    sid       = "HearOfInterruptions"
    actions   = ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
    resources = [aws_sqs_queue.interruptions.arn]
  }
}

data "aws_iam_policy_document" "look" {
  #checkov:skip=CKV_AWS_356: descriptions and prices, for which AWS supports no resource
  statement {
    sid = "Describe"
    actions = [
      "ec2:DescribeAvailabilityZones", "ec2:DescribeImages", "ec2:DescribeInstanceTypeOfferings", "ec2:DescribeInstanceTypes",
      "ec2:DescribeInstanceStatus", "ec2:DescribeInstances", "ec2:DescribeLaunchTemplates", "ec2:DescribeSecurityGroups",
      "ec2:DescribeSpotPriceHistory", "ec2:DescribeSubnets", "iam:ListInstanceProfiles", "pricing:GetProducts",
    ]
    resources = ["*"] # AWS supports no narrower resource for these calls
  }

  statement {
    sid       = "Images"
    actions   = ["ssm:GetParameter"]
    resources = ["arn:${data.aws_partition.this.partition}:ssm:${data.aws_region.this.name}::parameter/aws/service/eks/optimized-ami/*"]
  }

  statement {
    sid       = "Profile"
    actions   = ["iam:GetInstanceProfile"]
    resources = [aws_iam_instance_profile.node.arn]
  }

  statement {
    sid       = "Cluster"
    actions   = ["eks:DescribeCluster"]
    resources = [var.cluster.arn]
  }
}
