output "arn" {
  description = "The secret, once it holds something."
  value       = aws_secretsmanager_secret_version.this.arn
}
