output "secret_arn" {
  description = "The secret, once it holds a password: JSON of username, password, host, port and dbname."
  value       = aws_secretsmanager_secret_version.this.arn
}
