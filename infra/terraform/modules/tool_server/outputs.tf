output "instance" {
  description = "The instance: id, ARN and private address, which stays when it is stopped."
  value       = { id = aws_instance.this.id, arn = aws_instance.this.arn, address = aws_instance.this.private_ip }
}

output "security_group_id" {
  description = "Its security group, to which others add rules."
  value       = aws_security_group.this.id
}

output "role_arn" {
  description = "Its role."
  value       = aws_iam_role.this.arn
}
