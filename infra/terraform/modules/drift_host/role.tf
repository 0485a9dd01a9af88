# What the machine may do: read how things are, never what is in them. AWS's own two policies for auditors hold no right to read
# data; what is added is what a state or a parameter of ours needs to be compared.

data "aws_iam_policy_document" "assume" {
  for_each = { host = "ec2.amazonaws.com", scheduler = "scheduler.amazonaws.com" }

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.value]
    }

    dynamic "condition" {
      for_each = each.key == "scheduler" ? [local.account] : []

      content {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [condition.value]
      }
    }
  }
}

resource "aws_iam_role" "this" {
  name               = var.name
  description        = "Reads how everything is, to compare it with Terraform's states"
  assume_role_policy = data.aws_iam_policy_document.assume["host"].json

  tags = { Name = var.name }
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = toset(["SecurityAudit", "job-function/ViewOnlyAccess"])

  role       = aws_iam_role.this.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.value}"
}

data "aws_iam_policy_document" "this" {
  #checkov:skip=CKV_AWS_356: descriptions, for which AWS supports no resource
  statement {
    sid       = "States"
    actions   = ["s3:GetObject"]
    resources = ["${var.state_bucket_arn}/*.tfstate", "${var.state_bucket_arn}/drift/*", "${var.state_bucket_arn}/providers/*"]
  }

  statement {
    sid       = "ListStates"
    actions   = ["s3:ListBucket"]
    resources = [var.state_bucket_arn]
  }

  # What it writes: what it has told, and its log.
  statement {
    sid       = "Told"
    actions   = ["s3:PutObject"]
    resources = ["${var.state_bucket_arn}/drift/told.json", "${var.state_bucket_arn}/drift/last.log"]
  }

  statement {
    sid       = "StatesKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com", "ssm.${local.region}.amazonaws.com", "secretsmanager.${local.region}.amazonaws.com"]
    }
  }

  # From these event stacks are built, and receipts are checked: a change of them must show.
  statement {
    sid       = "Parameters"
    actions   = ["ssm:GetParameter", "ssm:GetParameters"]
    resources = ["arn:${local.partition}:ssm:${local.region}:${local.account}:parameter/marketday/*"]
  }

  statement {
    sid       = "ImageOfHosts"
    actions   = ["ssm:GetParameters"]
    resources = ["arn:${local.partition}:ssm:${local.region}::parameter/aws/service/ami-amazon-linux-latest/*"]
  }

  statement {
    sid = "LookCloser"
    actions = [
      "budgets:ViewBudget", "budgets:ListTagsForResource", "cloudfront-keyvaluestore:DescribeKeyValueStore", "cloudfront-keyvaluestore:GetKey",
      "scheduler:GetSchedule", "scheduler:GetScheduleGroup", "tag:GetResources", "wafv2:GetWebACL", "wafv2:ListTagsForResource",
    ]
    resources = ["*"] # descriptions: AWS supports no resource for most of them
  }

  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = compact([var.slack_secret_arn, var.repository.secret_arn])
  }

  statement {
    sid       = "TellWithoutSlack"
    actions   = ["sns:Publish"]
    resources = [var.alarm_topic_arn]
  }

  statement {
    sid       = "HasLooked"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"] # AWS supports no resource for it

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = [local.metric.namespace]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "look"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.this.json
}

resource "aws_iam_instance_profile" "this" {
  name = var.name
  role = aws_iam_role.this.name

  tags = { Name = var.name }
}
