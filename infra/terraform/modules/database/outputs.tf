output "identifier" {
  description = "The instance's name in metrics."
  value       = aws_db_instance.this.identifier
}

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

output "secret_arn" {
  description = "The secret that RDS made for the owner: username and password."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}

output "log_group" {
  description = "Name of the log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "arn" {
  description = "The instance's ARN."
  value       = aws_db_instance.this.arn
}
