output "log_group_arn" {
  description = "ARN of the log group that the flow logs go to."
  value       = aws_cloudwatch_log_group.this.arn
}

output "log_group" {
  description = "Name of the log group."
  value       = aws_cloudwatch_log_group.this.name
}
