# Alarms about the lifecycle itself: what fails here cannot report it in Slack. All go to the topic of alarms.

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

locals {
  table_calls = ["GetItem", "Query", "TransactWriteItems"]

  watched = merge(
    { for key, name in local.functions : "${name}-throttles" => {
      about = "${name} was not invoked, because the account's limit of concurrent invocations is reached.", namespace = "AWS/Lambda"
    metric = "Throttles", dimensions = { FunctionName = name } } },
    { "${local.functions.lifecycle}-dead-letters" = {
      about = "A failed invocation could not be kept in the queue ${aws_sqs_queue.lost.name}.", namespace = "AWS/Lambda"
    metric = "DeadLetterErrors", dimensions = { FunctionName = local.functions.lifecycle } } },
    { "${var.name}-schedules-lost" = {
      about = "A schedule's call did not arrive, and could not be kept in the queue ${aws_sqs_queue.lost.name}.", namespace = "AWS/Scheduler"
    metric = "InvocationsFailedToBeSentToDeadLetterCount", dimensions = { ScheduleGroup = aws_scheduler_schedule_group.this.name } } },
    { for operation in local.table_calls : "${var.run_table.name}-${lower(operation)}-errors" => {
      about = "DynamoDB failed at ${operation} of the run table ${var.run_table.name}.", namespace = "AWS/DynamoDB"
    metric = "SystemErrors", dimensions = { TableName = var.run_table.name, Operation = operation } } },
  )
}

resource "aws_cloudwatch_metric_alarm" "works" {
  for_each = local.watched

  alarm_name          = each.key
  alarm_description   = each.value.about
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 2 # one is corrected by the next minute's invocation
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]

  tags = { Name = each.key }
}
