output "ids" {
  description = "The groups by their members, after all rules exist: a task that starts earlier could reach nothing."
  value       = { for name, group in aws_security_group.this : name => group.id }

  depends_on = [
    aws_vpc_security_group_ingress_rule.call,
    aws_vpc_security_group_egress_rule.call,
    aws_vpc_security_group_egress_rule.endpoints,
    aws_vpc_security_group_egress_rule.image_layers,
    aws_vpc_security_group_egress_rule.payments,
  ]
}
