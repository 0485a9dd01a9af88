output "role_arn" {
  description = "Role of the machine that looks for drift."
  value       = aws_iam_role.this.arn
}

output "launch_template_id" {
  description = "Launch template of that machine: start one from it to look at once."
  value       = aws_launch_template.this.id
}
