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

resource "aws_cloudwatch_metric_alarm" "lost" {
  alarm_name          = "${var.name}-lost-invocations"
  alarm_description   = "A schedule's call did not arrive: see the queue, then call the lifecycle by hand."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.lost.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]

  tags = { Name = "${var.name}-lost-invocations" }
}

# An invocation that ends in an error cannot report it in Slack itself.
resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = local.functions

  alarm_name          = "${each.value}-errors"
  alarm_description   = "${each.value} failed in two minutes of five: see its log."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = each.value }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 2 # a killed invocation keeps its lock for two minutes, in which the next invocations do nothing
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]

  tags = { Name = "${each.value}-errors" }
}
