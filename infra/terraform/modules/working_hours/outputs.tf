output "role_arn" {
  description = "Role that stops and starts them."
  value       = aws_iam_role.hours.arn
}
