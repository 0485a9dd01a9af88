output "secret_arn" {
  description = "The secret, after its password is stored: JSON of username, password, host, port and dbname."
  value       = aws_secretsmanager_secret_version.this.arn
}
