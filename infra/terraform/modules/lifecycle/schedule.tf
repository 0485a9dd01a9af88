# The lifecycle itself makes the schedules of each environment, in this group. The role that invokes, and the queue for
# invocations that could not be delivered, always exist.

resource "aws_scheduler_schedule_group" "this" {
  name = var.name

  tags = { Name = var.name }
}

resource "aws_sqs_queue" "lost" {
  name                      = "${var.name}-lost-invocations"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true

  tags = { Name = "${var.name}-lost-invocations" }
}

data "aws_iam_policy_document" "lost" {
  statement {
    sid       = "TlsAlone"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.lost.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "lost" {
  queue_url = aws_sqs_queue.lost.id
  policy    = data.aws_iam_policy_document.lost.json
}
