# What only the lifecycle's function does. What the mall's controller does as well is in work.tf and hosts.tf, and what the function may
# read in looking.tf.

data "aws_iam_policy_document" "lifecycle" {
  source_policy_documents = [data.aws_iam_policy_document.hosts.json, data.aws_iam_policy_document.work.json]

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this["lifecycle"].arn}:*"]
  }

  statement {
    sid       = "Lost"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.lost.arn]
  }

  # Log groups that a service made again after Terraform removed them (sweep/late_logs.py): only these names, and only if our tag
  # marketday:environment is missing.
  statement {
    sid     = "RemoveLateLogs"
    actions = ["logs:DeleteLogGroup"]
    resources = [
      for group in ["/aws/rds/instance/md-*/postgresql", "/aws/ecs/containerinsights/md-*/performance", "dms-tasks-md-*-link"] :
      "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${group}:*"
    ]

    condition {
      test     = "Null"
      variable = "aws:ResourceTag/marketday:environment"
      values   = ["true"]
    }
  }
}
