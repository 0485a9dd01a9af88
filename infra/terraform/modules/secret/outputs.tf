output "arn" {
  description = "The secret, after its value is stored."
  value       = aws_secretsmanager_secret_version.this.arn
}
