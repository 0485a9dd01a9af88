output "host" {
  description = "The instance's DNS name."
  value       = aws_db_instance.this.address
}

output "port" {
  description = "The port that it listens on."
  value       = aws_db_instance.this.port
}

output "name" {
  description = "The database in it."
  value       = aws_db_instance.this.db_name
}

output "security_group_id" {
  description = "Its security group, to which others add their own rules."
  value       = aws_security_group.database.id
}

output "arn" {
  description = "The instance's ARN."
  value       = aws_db_instance.this.arn
}
