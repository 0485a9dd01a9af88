output "launch_templates" {
  description = "Launch templates of build hosts, by the stack that they build, the preferred one first: id and ARN."
  value = { for stack, templates in local.templates : stack => [
    for template in templates : { id = aws_launch_template.this[template.key].id, arn = aws_launch_template.this[template.key].arn }
  ] }
}

output "vpc_cidr" {
  description = "IPv4 range of the build host's network."
  value       = aws_vpc.this.cidr_block
}

output "subnet_arns" {
  description = "ARNs of the subnets in which build hosts start."
  value       = values(aws_subnet.public)[*].arn
}

output "subnet_ids" {
  description = "Subnets in which build hosts start."
  value       = values(aws_subnet.public)[*].id
}

output "shell_subnet_id" {
  description = "Subnet of the function that connects by SSH."
  value       = aws_subnet.private.id
}

output "shell_subnet_cidr" {
  description = "IPv4 range of that subnet: SSH comes only from there."
  value       = aws_subnet.private.cidr_block
}

output "shell_security_group_id" {
  description = "Security group of the function that connects by SSH."
  value       = aws_security_group.shell.id
}

output "host_security_group_arn" {
  description = "ARN of the security group of build hosts."
  value       = aws_security_group.host.arn
}

output "host_security_group_id" {
  description = "Security group of build hosts."
  value       = aws_security_group.host.id
}
