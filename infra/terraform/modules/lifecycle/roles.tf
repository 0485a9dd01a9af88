# Three roles: the lifecycle, its shell, and the schedules that call the lifecycle.

locals {
  roles = {
    lifecycle = "lambda.amazonaws.com"
    shell     = "lambda.amazonaws.com"
    scheduler = "scheduler.amazonaws.com"
  }

  role_policies = {
    lifecycle = data.aws_iam_policy_document.lifecycle.json
    shell     = data.aws_iam_policy_document.shell.json
    scheduler = data.aws_iam_policy_document.scheduler.json
  }

  # By name, because a role is made before its function.
  function_arns = { for key, name in local.functions :
  key => "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${name}" }
}

data "aws_iam_policy_document" "assume" {
  for_each = toset(["lambda.amazonaws.com", "scheduler.amazonaws.com"])

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.key]
    }

    # A schedule of another account must not use this role.
    dynamic "condition" {
      for_each = each.key == "scheduler.amazonaws.com" ? [local.account] : []

      content {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [condition.value]
      }
    }
  }
}

resource "aws_iam_role" "this" {
  for_each = local.roles

  name               = "${var.name}-${each.key}"
  description        = "${each.key} of Marketday"
  assume_role_policy = data.aws_iam_policy_document.assume[each.value].json

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_iam_role_policy" "this" {
  for_each = local.role_policies

  name   = each.key
  role   = aws_iam_role.this[each.key].name
  policy = each.value
}

data "aws_iam_policy_document" "scheduler" {
  statement {
    sid       = "Call"
    actions   = ["lambda:InvokeFunction"]
    resources = [local.function_arns.lifecycle]
  }

  statement {
    sid       = "Lost"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.lost.arn]
  }
}

data "aws_iam_policy_document" "shell" {
  #checkov:skip=CKV_AWS_111: see the statement Interfaces
  #checkov:skip=CKV_AWS_356: see the statement Interfaces
  #checkov:skip=CKV_AWS_108: the one secret that this function is for
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this["shell"].arn}:*"]
  }

  statement {
    sid       = "SshKey"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.secrets["ssh"].arn]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]
  }

  # Lambda needs these to put a function into a network; EC2 supports no resource for the first two.
  statement {
    sid = "Interfaces"
    actions = [
      "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
      "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
    ]
    resources = ["*"] # EC2 supports no resource for the first two; the denial below leaves the rest to Lambda itself
  }

  # Only Lambda may do this, not the code of the function.
  statement {
    sid       = "InterfacesNotByCode"
    effect    = "Deny"
    actions   = ["ec2:*"]
    resources = ["*"] # a denial, for everything

    condition {
      test     = "ArnEquals"
      variable = "lambda:SourceFunctionArn"
      values   = [local.function_arns.shell]
    }
  }
}
