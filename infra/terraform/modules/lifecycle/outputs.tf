output "function_name" {
  description = "Name of the lifecycle's function."
  value       = aws_lambda_function.lifecycle.function_name
}

output "function_arn" {
  description = "ARN of the lifecycle's function, which schedules invoke."
  value       = aws_lambda_function.lifecycle.arn
}

output "shell_function_name" {
  description = "Name of the function that connects by SSH."
  value       = aws_lambda_function.shell.function_name
}

output "role_arns" {
  description = "ARNs of the roles: lifecycle, shell, scheduler."
  value       = { for key, role in aws_iam_role.this : key => role.arn }
}

output "schedule_group" {
  description = "Name of the group in which schedules are made."
  value       = aws_scheduler_schedule_group.this.name
}

output "dead_letter_arn" {
  description = "ARN of the queue for invocations that could not be delivered."
  value       = aws_sqs_queue.lost.arn
}

output "controller_policy_arns" {
  description = "The policies of the mall's controller, by what they are for."
  value       = { for key, policy in aws_iam_policy.controller : key => policy.arn }
}
