output "role_arn" {
  description = "ARN of the build host's role."
  value       = aws_iam_role.this.arn
}

output "instance_profile" {
  description = "Name of the build host's instance profile, after its role has its policies."
  value       = aws_iam_instance_profile.this.name

  depends_on = [aws_iam_role_policy_attachment.this]
}

output "boundary_policy_arn" {
  description = "Permissions boundary that every role of an event or link stack must have."
  value       = aws_iam_policy.boundary.arn
}
