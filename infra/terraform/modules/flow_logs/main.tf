# Who connected to whom in a network.

data "aws_caller_identity" "this" {}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338: flow logs are needed only on the days of a drop; the stack that uses this module decides how long they are kept
  #checkov:skip=CKV_AWS_158: encrypted with the caller's key if one is given
  name              = var.log_group
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn

  tags = { Name = var.log_group }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["vpc-flow-logs.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}

# Without logs:CreateLogGroup: a late delivery after the destroy would make the group again, and it would stay.
data "aws_iam_policy_document" "write" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }

  # AWS allows no narrower resource for this call.
  statement {
    actions   = ["logs:DescribeLogGroups"]
    resources = ["*"] # a list: AWS supports no resource for it
  }
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-vpc-flow"
  description          = "Writes the flow logs of ${var.name}"
  assume_role_policy   = data.aws_iam_policy_document.assume.json
  permissions_boundary = var.permissions_boundary_arn

  tags = { Name = "${var.name}-vpc-flow" }
}

resource "aws_iam_role_policy" "this" {
  name   = "write-flow-logs"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.write.json
}

resource "aws_flow_log" "this" {
  vpc_id                   = var.vpc_id
  traffic_type             = "ALL"
  log_destination          = aws_cloudwatch_log_group.this.arn
  iam_role_arn             = aws_iam_role.this.arn
  max_aggregation_interval = 60

  tags = { Name = "${var.name}-flow" }

  depends_on = [aws_iam_role_policy.this]
}
