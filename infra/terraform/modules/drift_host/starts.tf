# What EventBridge Scheduler may do: start the machine as its template says.

resource "aws_iam_role" "starts" {
  name               = "${var.name}-starts"
  description        = "Starts the machine that looks for drift, and nothing else"
  assume_role_policy = data.aws_iam_policy_document.assume["scheduler"].json

  tags = { Name = "${var.name}-starts" }
}

data "aws_iam_policy_document" "starts" {
  statement {
    sid       = "StartAsTheTemplateSays"
    actions   = ["ec2:RunInstances"]
    resources = ["arn:${local.partition}:ec2:${local.region}:*:*", "arn:${local.partition}:ec2:${local.region}::image/*"]

    condition {
      test     = "ArnEquals"
      variable = "ec2:LaunchTemplate"
      values   = [aws_launch_template.this.arn]
    }

    condition {
      test     = "Bool"
      variable = "ec2:IsLaunchTemplateResource"
      values   = ["true"]
    }
  }

  statement {
    sid       = "TagIt"
    actions   = ["ec2:CreateTags"]
    resources = [for kind in ["instance", "network-interface", "volume"] : "arn:${local.partition}:ec2:${local.region}:${local.account}:${kind}/*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["RunInstances"]
    }
  }

  statement {
    sid       = "Image"
    actions   = ["ssm:GetParameters"]
    resources = ["arn:${local.partition}:ssm:${local.region}::parameter/aws/service/ami-amazon-linux-latest/*"]
  }

  statement {
    sid       = "PassItsRole"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.this.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ec2.amazonaws.com"]
    }
  }

  statement {
    sid       = "Lost"
    actions   = ["sqs:SendMessage"]
    resources = [var.dead_letter_arn]
  }
}

resource "aws_iam_role_policy" "starts" {
  name   = "start"
  role   = aws_iam_role.starts.name
  policy = data.aws_iam_policy_document.starts.json
}
