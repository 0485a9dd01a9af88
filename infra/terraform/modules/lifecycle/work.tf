# What both processes of the lifecycle do: record, read results and settings, send messages, set schedules (ADR 6).

data "aws_iam_policy_document" "work" {
  #checkov:skip=CKV_AWS_111: writing is limited to named resources; each statement names its purpose
  #checkov:skip=CKV_AWS_108: the one secret and the two parameters that the lifecycle is for
  statement {
    sid = "Runs"
    actions = [
      "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query",
      "dynamodb:UpdateItem",
    ]
    resources = [var.run_table.arn]
  }

  # The result of a run, and the lock of a state: the build host writes them, the lifecycle reads them.
  statement {
    sid       = "Outcomes"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${var.state_bucket.arn}/runs/*"]
  }

  statement {
    sid       = "States"
    actions   = ["s3:GetObject"]
    resources = ["${var.state_bucket.arn}/environments/*"]
  }

  # The lock that a lost run left is removed by its version, so that a lock taken since then stays (locks.py).
  statement {
    sid       = "BreakLocks"
    actions   = ["s3:DeleteObjectVersion"]
    resources = ["${var.state_bucket.arn}/environments/*.tflock"]
  }

  statement {
    sid       = "ListStates"
    actions   = ["s3:ListBucket"]
    resources = [var.state_bucket.arn]
  }

  statement {
    sid       = "Settings"
    actions   = ["ssm:GetParameter"]
    resources = [for parameter in values(var.parameters) : parameter.arn]
  }

  statement {
    sid       = "Slack"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.secrets["slack"].arn]
  }

  statement {
    sid       = "OtherwiseTopic"
    actions   = ["sns:Publish"]
    resources = [var.alarm_topic_arn]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]
  }

  statement {
    sid       = "Shell"
    actions   = ["lambda:InvokeFunction"]
    resources = [local.function_arns.shell]
  }

  statement {
    sid       = "Schedules"
    actions   = ["scheduler:CreateSchedule", "scheduler:DeleteSchedule", "scheduler:GetSchedule", "scheduler:UpdateSchedule"]
    resources = ["arn:${local.partition}:scheduler:${local.region}:${local.account}:schedule/${aws_scheduler_schedule_group.this.name}/*"]
  }

  statement {
    sid       = "PassScheduler"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.this["scheduler"].arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["scheduler.amazonaws.com"]
    }
  }
}
