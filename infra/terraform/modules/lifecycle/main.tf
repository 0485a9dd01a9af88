# The lifecycle's functions, from one package.
#
#   <name>-lifecycle   invoked by schedules. Outside any network: AWS and Slack cost nothing to reach from there.
#   <name>-build-host-shell   invoked by the first. Inside the build host's network, and does one thing: it takes the SSH
#                      key from Secrets Manager itself (so the key is in no message and the first never holds it), goes
#                      in by SSH, and says what it saw.
#
# One function inside the network would need a NAT gateway or an interface endpoint for each service, all year round,
# for minutes of work: Slack and several services have no IPv6, so the free egress-only gateway is not enough for it.

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
  #checkov:skip=CKV_AWS_117: on purpose outside a network, see above; what needs one is the shell
  #checkov:skip=CKV_AWS_115: a young account has ten invocations in all and may reserve none; the run table keeps two apart
  #checkov:skip=CKV_AWS_50: the run table and the log say each step; a trace would say no more
  #checkov:skip=CKV_AWS_272: the package comes from the same pipeline as this stack, by its hash
  function_name    = local.functions.lifecycle
  description      = "Moves each environment one step"
  role             = aws_iam_role.this["lifecycle"].arn
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  handler          = "marketday.apps.aws_lambda.handler"
  runtime          = "python3.11"
  architectures    = ["arm64"]
  memory_size      = 1769 # a whole processor: the sweep reads the models of thirty services
  timeout          = 60
  kms_key_arn      = var.kms_key_arn

  environment {
    variables = {
      MARKETDAY_RUN_TABLE          = var.run_table.name
      MARKETDAY_STATE_BUCKET       = var.state_bucket.name
      MARKETDAY_SLACK_SECRET       = var.secrets["slack"].name
      MARKETDAY_SSH_SECRET         = var.secrets["ssh"].name
      MARKETDAY_SHELL_FUNCTION     = local.functions.shell
      MARKETDAY_LAUNCH_TEMPLATE    = var.build_host.launch_template_id
      MARKETDAY_BUILD_BY           = var.host
      MARKETDAY_REPOSITORY_URL     = var.repository.url
      MARKETDAY_REPOSITORY_COMMIT  = var.repository.commit
      MARKETDAY_SCHEDULE_GROUP     = aws_scheduler_schedule_group.this.name
      MARKETDAY_SCHEDULER_ROLE_ARN = aws_iam_role.this["scheduler"].arn
      MARKETDAY_DEAD_LETTER_ARN    = aws_sqs_queue.lost.arn
      MARKETDAY_STACK_PARAMETER    = var.parameters["stack"].name
      MARKETDAY_RECEIPT_JWKS       = var.parameters["receipts"].name
      MARKETDAY_LANGUAGE           = var.language
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

# The next minute's schedule is the retry: a step is never repeated behind its back.
resource "aws_lambda_function_event_invoke_config" "lifecycle" {
  function_name                = aws_lambda_function.lifecycle.function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 60
}

resource "aws_lambda_function" "shell" {
  #checkov:skip=CKV_AWS_115: a young account may reserve no invocations
  #checkov:skip=CKV_AWS_116: only ever invoked by a caller that waits for its answer
  #checkov:skip=CKV_AWS_50: the log says each step
  #checkov:skip=CKV_AWS_272: the package comes from this stack's own pipeline, by its hash
  function_name    = local.functions.shell
  description      = "Speaks SSH to the build host"
  role             = aws_iam_role.this["shell"].arn
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  handler          = "marketday.apps.aws_lambda.shell"
  runtime          = "python3.11"
  architectures    = ["arm64"]
  memory_size      = 512
  timeout          = 45 # the caller waits for it, and has a minute itself
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
