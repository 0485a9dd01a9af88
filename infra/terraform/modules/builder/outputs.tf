output "role_arns" {
  description = "ARNs of the roles of build hosts, by the stack that they build: event, link."
  value       = { for stack, role in aws_iam_role.this : stack => role.arn }
}

output "instance_profiles" {
  description = "Instance profiles of build hosts, by stack, after the roles have their policies: name and ARN."
  value       = { for stack, profile in aws_iam_instance_profile.this : stack => { name = profile.name, arn = profile.arn } }

  depends_on = [aws_iam_role_policy_attachment.this]
}

output "boundary_policy_arn" {
  description = "Permissions boundary that every role of an event or link stack must have."
  value       = aws_iam_policy.boundary.arn
}
