output "replication_task_arn" {
  description = "The task that the hand-back starts, watches and stops."
  value       = module.replication.task_arn
}

output "replication_instance_arn" {
  description = "The instance that the task runs on."
  value       = module.replication.instance_arn
}

output "peering_connection_id" {
  description = "The peering connection between the two networks."
  value       = module.peering.peering_connection_id
}

output "source_secret_arn" {
  description = "The credential that prod makes in the drop's database, as JSON: username, password, host, port, dbname."
  value       = module.source_credential.secret_arn
}

output "target_secret_arn" {
  description = "The credential that prod makes in the mall database, as JSON: username, password, host, port, dbname."
  value       = module.target_credential.secret_arn
}

output "replication_security_group_id" {
  description = "The security group of the replication instance, which reaches both databases while the link is open."
  value       = module.peering.security_group_id
}
