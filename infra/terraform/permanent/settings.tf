# What the mall's controller and an operator's commands have to know of this stack: docs/reference/settings.md, aws. A test compares
# the names with the code and with the overlays of infra/kubernetes.

locals {
  settings = {
    MARKETDAY_BUILD_BY               = var.host
    MARKETDAY_SHELL_FUNCTION         = module.lifecycle.shell_function_name
    MARKETDAY_RUN_TABLE              = aws_dynamodb_table.runs.name
    MARKETDAY_STATE_BUCKET           = module.state.name
    MARKETDAY_LAUNCH_TEMPLATE        = join(",", module.build_host.launch_templates["event"][*].id)
    MARKETDAY_LINK_LAUNCH_TEMPLATE   = join(",", module.build_host.launch_templates["link"][*].id)
    MARKETDAY_REPOSITORY_URL         = var.repository.url
    MARKETDAY_REPOSITORY_COMMIT      = var.repository.commit
    MARKETDAY_STACK_PARAMETER        = aws_ssm_parameter.stack.name
    MARKETDAY_RECEIPT_JWKS           = aws_ssm_parameter.receipts.name
    MARKETDAY_SCHEDULE_GROUP         = module.lifecycle.schedule_group
    MARKETDAY_SCHEDULER_ROLE_ARN     = module.lifecycle.role_arns.scheduler
    MARKETDAY_DEAD_LETTER_ARN        = module.lifecycle.dead_letter_arn
    MARKETDAY_LIFECYCLE_FUNCTION_ARN = module.lifecycle.function_arn
    MARKETDAY_SLACK_SECRET           = aws_secretsmanager_secret.this["slack"].name
    MARKETDAY_ALARM_TOPIC_ARN        = aws_sns_topic.alarms.arn
    MARKETDAY_LANGUAGE               = var.language
  }
}

output "settings" {
  description = "The settings of the mall's controller and of commands, one on a line: terraform output -raw settings > controller.env"
  value       = join("", [for name, value in local.settings : "${name}=${value}\n"])
}
