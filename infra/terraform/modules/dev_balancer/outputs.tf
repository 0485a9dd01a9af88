output "security_group_id" {
  description = "The load balancer's security group."
  value       = aws_security_group.balancer.id
}

output "dns_name" {
  description = "The load balancer's name in DNS."
  value       = aws_lb.this.dns_name
}
