# The lifecycle's functions: short and separate, each with its own network or none.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "210987654321" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }

  mock_data "aws_region" {
    defaults = { name = "ap-northeast-2" }
  }

  mock_data "aws_availability_zones" {
    defaults = { names = ["ap-northeast-2a", "ap-northeast-2b"] }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::210987654321:role/marketday-role" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-northeast-2:210987654321:log-group:/marketday/log" }
  }

  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::210987654321:policy/marketday-policy" }
  }

  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:ap-northeast-2:210987654321:marketday-lost-invocations" }
  }
}

variables {
  name               = "marketday"
  package            = "outputs.tf" # any file: the tests do not run it
  kms_key_arn        = "arn:aws:kms:ap-northeast-2:210987654321:key/7ad2d2b1-0000-4000-8000-000000000000"
  log_retention_days = 30
  alarm_topic_arn    = "arn:aws:sns:ap-northeast-2:210987654321:marketday-alarms"
  host               = "build-host"
  language           = "en"
  repository         = { url = "https://github.com/example/marketday.git", commit = "0123456789abcdef0123456789abcdef01234567" }
  run_table          = { name = "marketday-runs", arn = "arn:aws:dynamodb:ap-northeast-2:210987654321:table/marketday-runs" }
  state_bucket       = { name = "marketday-state", arn = "arn:aws:s3:::marketday-state" }

  secrets = {
    slack = { name = "marketday/slack/webhook", arn = "arn:aws:secretsmanager:ap-northeast-2:210987654321:secret:marketday/slack/webhook-a" }
    ssh   = { name = "marketday/build-host/ssh", arn = "arn:aws:secretsmanager:ap-northeast-2:210987654321:secret:marketday/build-host/ssh-a" }
  }

  parameters = {
    stack    = { name = "/marketday/stack", arn = "arn:aws:ssm:ap-northeast-2:210987654321:parameter/marketday/stack" }
    receipts = { name = "/marketday/receipt-jwks", arn = "arn:aws:ssm:ap-northeast-2:210987654321:parameter/marketday/receipt-jwks" }
  }

  build_host = {
    launch_templates = {
      event = [for id in ["lt-0123456789abcdef0", "lt-0123456789abcdef1"] : { id = id, arn = "arn:aws:ec2:ap-northeast-2:210987654321:launch-template/${id}" }]
      link  = [{ id = "lt-0fedcba9876543210", arn = "arn:aws:ec2:ap-northeast-2:210987654321:launch-template/lt-0fedcba9876543210" }]
    }
    instance_profiles = {
      event = { name = "marketday-builder", arn = "arn:aws:iam::210987654321:instance-profile/marketday-builder" }
      link  = { name = "marketday-link-builder", arn = "arn:aws:iam::210987654321:instance-profile/marketday-link-builder" }
    }
    role_arns = {
      event = "arn:aws:iam::210987654321:role/marketday-builder"
      link  = "arn:aws:iam::210987654321:role/marketday-link-builder"
    }
    instance_types          = ["t4g.medium"]
    subnet_arns             = ["arn:aws:ec2:ap-northeast-2:210987654321:subnet/subnet-0123456789abcdef0"]
    host_security_group_arn = "arn:aws:ec2:ap-northeast-2:210987654321:security-group/sg-0123456789abcdef0"
    name                    = "marketday-build-host"
    shell_subnet_id         = "subnet-0fedcba9876543210"
    shell_security_group_id = "sg-0fedcba9876543210"
  }
}

run "lifecycle" {
  module {
    source = "../modules/lifecycle"
  }

  assert {
    condition     = aws_lambda_function.lifecycle.timeout <= 60 && aws_lambda_function.shell.timeout < aws_lambda_function.lifecycle.timeout
    error_message = "No invocation lasts longer than a minute, and the shell answers while its caller still waits."
  }

  assert {
    condition     = aws_lambda_function.lifecycle.handler == "marketday.apps.aws_lambda.handler" && aws_lambda_function.lifecycle.runtime == "python3.11" && toset(aws_lambda_function.lifecycle.architectures) == toset(["arm64"])
    error_message = "The function runs the project's handler on Python 3.11, arm64."
  }

  assert {
    condition     = length(aws_lambda_function.lifecycle.vpc_config) == 0 && toset(aws_lambda_function.shell.vpc_config[0].subnet_ids) == toset(["subnet-0fedcba9876543210"]) && aws_lambda_function.shell.vpc_config[0].ipv6_allowed_for_dual_stack
    error_message = "Only the shell is in the build host's network, and it leaves that by IPv6."
  }

  assert {
    condition     = aws_lambda_function.lifecycle.environment[0].variables["MARKETDAY_SHELL_FUNCTION"] == aws_lambda_function.shell.function_name && aws_lambda_function.lifecycle.environment[0].variables["MARKETDAY_SCHEDULE_GROUP"] == "marketday" && aws_lambda_function.lifecycle.environment[0].variables["MARKETDAY_LINK_LAUNCH_TEMPLATE"] == "lt-0fedcba9876543210" && aws_lambda_function.lifecycle.environment[0].variables["MARKETDAY_LAUNCH_TEMPLATE"] == "lt-0123456789abcdef0,lt-0123456789abcdef1"
    error_message = "The function must know its shell, its schedules' group, and the template of hosts for links."
  }

  assert {
    condition     = aws_lambda_function_event_invoke_config.lifecycle.maximum_retry_attempts == 0
    error_message = "Lambda repeats no invocation itself."
  }

  assert {
    condition     = alltrue([for alarm in concat([aws_cloudwatch_metric_alarm.lost], values(aws_cloudwatch_metric_alarm.errors), values(aws_cloudwatch_metric_alarm.works)) : toset(alarm.alarm_actions) == toset(["arn:aws:sns:ap-northeast-2:210987654321:marketday-alarms"])])
    error_message = "Each alarm must reach the topic."
  }

  assert {
    condition     = toset([for alarm in values(aws_cloudwatch_metric_alarm.works) : "${alarm.namespace} ${alarm.metric_name}"]) == toset(["AWS/Lambda Throttles", "AWS/Lambda DeadLetterErrors", "AWS/Scheduler InvocationsFailedToBeSentToDeadLetterCount", "AWS/DynamoDB SystemErrors"]) && length(aws_cloudwatch_metric_alarm.works) == 7
    error_message = "Throttled functions, letters that are lost, and a failing run table must raise an alarm."
  }

  assert {
    condition     = aws_lambda_function.lifecycle.environment[0].variables["MARKETDAY_ALARM_TOPIC_ARN"] == "arn:aws:sns:ap-northeast-2:210987654321:marketday-alarms"
    error_message = "The function must know the topic for what Slack does not take."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.lost.dimensions["QueueName"] == aws_sqs_queue.lost.name && aws_sqs_queue.lost.sqs_managed_sse_enabled
    error_message = "A lost invocation must be kept, and notified."
  }
}

run "the_controller" {
  module {
    source = "../modules/lifecycle"
  }

  assert {
    condition     = toset(keys(output.controller_policy_arns)) == toset(["hosts", "work", "look", "hand-back"])
    error_message = "The controller does the lifecycle's work, with its build hosts, and the hand-back."
  }

  assert {
    condition = alltrue([
      for each in data.aws_iam_policy_document.hand_back.statement :
      alltrue([for resource in each.resources : strcontains(resource, ":secret:md-????????") || strcontains(resource, ":secret:rds!db-")])
      if contains(each.actions, "secretsmanager:GetSecretValue")
    ])
    error_message = "The controller reads secrets of environments, and no others of the account."
  }

  assert {
    condition = alltrue([
      for each in data.aws_iam_policy_document.hand_back.statement :
      contains([for test in each.condition : test.variable], "aws:ResourceTag/aws:rds:primaryDBInstanceArn")
      if anytrue([for resource in each.resources : strcontains(resource, "rds!db-")])
    ])
    error_message = "The controller reads the owner's secret of a drop's database, and not of another one."
  }

  assert {
    condition = alltrue([
      for each in data.aws_iam_policy_document.hand_back.statement :
      length(each.condition) > 0 || !contains(each.resources, "*")
    ])
    error_message = "What changes something is limited."
  }

  assert {
    condition = length([
      for action in flatten([for each in concat(data.aws_iam_policy_document.lifecycle.statement, data.aws_iam_policy_document.work.statement) : each.actions]) : action
      if startswith(action, "dms:")
    ]) == 0
    error_message = "Only the controller copies: the function has no right to start or stop DMS."
  }
}
