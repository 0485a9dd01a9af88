output "task_arn" {
  description = "The task, not started yet."
  value       = aws_dms_replication_task.this.replication_task_arn
}

output "instance_arn" {
  description = "The instance that the task runs on."
  value       = aws_dms_replication_instance.this.replication_instance_arn
}
