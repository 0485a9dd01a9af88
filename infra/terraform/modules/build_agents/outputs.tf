output "security_group" {
  description = "The agents' security group: id and name."
  value       = { id = aws_security_group.agents.id, name = aws_security_group.agents.name }
}

output "instance_profile_arn" {
  description = "The agents' instance profile."
  value       = aws_iam_instance_profile.agents.arn
}

output "policy" {
  description = "What Jenkins may do with agents, as a policy document (JSON)."
  value       = data.aws_iam_policy_document.agents_by_jenkins.json
}
