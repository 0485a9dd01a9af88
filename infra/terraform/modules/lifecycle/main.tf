# The lifecycle's functions, from one package.
#
#   <name>-lifecycle   invoked by schedules. Outside any network: from there AWS and Slack can be reached without cost.
#   <name>-build-host-shell   invoked by the first. Inside the build host's network. It does one thing: it reads the SSH
#                      key from Secrets Manager itself (so the key is in no message and the first never has it), connects
#                      by SSH, and returns the result.
#
# One function inside the network would need a NAT gateway or an interface endpoint for each service, all year,
# for minutes of work: Slack and several services have no IPv6, so the free egress-only gateway is not enough.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  partition = data.aws_partition.this.partition
  region    = data.aws_region.this.name
  account   = data.aws_caller_identity.this.account_id

  functions = {
    lifecycle = "${var.name}-lifecycle"
    shell     = "${var.name}-build-host-shell"
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.functions

  name              = "/aws/lambda/${each.value}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn

  tags = { Name = each.value }
}

resource "aws_lambda_function" "lifecycle" {
  #checkov:skip=CKV_AWS_117: outside a network on purpose, see above; only the shell needs one
  #checkov:skip=CKV_AWS_115: a new account has only ten concurrent invocations and may reserve none; the run table makes sure that only one works
  #checkov:skip=CKV_AWS_50: the run table and the log show each step; a trace would add nothing
  #checkov:skip=CKV_AWS_272: the package comes from the same pipeline as this stack, by its hash
  function_name    = local.functions.lifecycle
  description      = "Moves each environment one step"
  role             = aws_iam_role.this["lifecycle"].arn
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  handler          = "marketday.apps.aws_lambda.handler"
  runtime          = "python3.11"
  architectures    = ["arm64"]
  memory_size      = 1769 # a whole processor: the sweep loads the API models of thirty services
  timeout          = 60
  kms_key_arn      = var.kms_key_arn

  environment {
    variables = {
      MARKETDAY_RUN_TABLE            = var.run_table.name
      MARKETDAY_STATE_BUCKET         = var.state_bucket.name
      MARKETDAY_SLACK_SECRET         = var.secrets["slack"].name
      MARKETDAY_ALARM_TOPIC_ARN      = var.alarm_topic_arn
      MARKETDAY_SSH_SECRET           = var.secrets["ssh"].name
      MARKETDAY_SHELL_FUNCTION       = local.functions.shell
      MARKETDAY_LAUNCH_TEMPLATE      = join(",", var.build_host.launch_templates["event"][*].id)
      MARKETDAY_LINK_LAUNCH_TEMPLATE = join(",", var.build_host.launch_templates["link"][*].id)
      MARKETDAY_BUILD_BY             = var.host
      MARKETDAY_REPOSITORY_URL       = var.repository.url
      MARKETDAY_REPOSITORY_COMMIT    = var.repository.commit
      MARKETDAY_SCHEDULE_GROUP       = aws_scheduler_schedule_group.this.name
      MARKETDAY_SCHEDULER_ROLE_ARN   = aws_iam_role.this["scheduler"].arn
      MARKETDAY_DEAD_LETTER_ARN      = aws_sqs_queue.lost.arn
      MARKETDAY_STACK_PARAMETER      = var.parameters["stack"].name
      MARKETDAY_RECEIPT_JWKS         = var.parameters["receipts"].name
      MARKETDAY_LANGUAGE             = var.language
    }
  }

  dead_letter_config {
    target_arn = aws_sqs_queue.lost.arn
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this["lifecycle"].name
  }

  tags = { Name = local.functions.lifecycle }

  depends_on = [aws_iam_role_policy.this]
}

# The next minute's schedule is the retry: Lambda must not repeat a step itself.
resource "aws_lambda_function_event_invoke_config" "lifecycle" {
  function_name                = aws_lambda_function.lifecycle.function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 60
}

resource "aws_lambda_function" "shell" {
  #checkov:skip=CKV_AWS_115: a new account may reserve no invocations
  #checkov:skip=CKV_AWS_116: always invoked by a caller that waits for its answer
  #checkov:skip=CKV_AWS_50: the log shows each step
  #checkov:skip=CKV_AWS_272: the package comes from this stack's own pipeline, by its hash
  function_name    = local.functions.shell
  description      = "Connects to the build host by SSH"
  role             = aws_iam_role.this["shell"].arn
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  handler          = "marketday.apps.aws_lambda.shell"
  runtime          = "python3.11"
  architectures    = ["arm64"]
  memory_size      = 512
  timeout          = 45 # the caller waits for it, and has only a minute itself
  kms_key_arn      = var.kms_key_arn

  environment {
    variables = {
      MARKETDAY_SSH_SECRET = var.secrets["ssh"].name
    }
  }

  vpc_config {
    subnet_ids                  = [var.build_host.shell_subnet_id]
    security_group_ids          = [var.build_host.shell_security_group_id]
    ipv6_allowed_for_dual_stack = true
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this["shell"].name
  }

  tags = { Name = local.functions.shell }

  depends_on = [aws_iam_role_policy.this]
}
