output "names" {
  description = "The two roles."
  value       = keys(aws_iam_role.this)
}
