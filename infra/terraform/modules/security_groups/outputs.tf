output "ids" {
  description = "The groups by what is in them, once all rules stand: a task that starts earlier would fail to reach anything."
  value       = { for name, group in aws_security_group.this : name => group.id }

  depends_on = [
    aws_vpc_security_group_ingress_rule.call,
    aws_vpc_security_group_egress_rule.call,
    aws_vpc_security_group_egress_rule.endpoints,
    aws_vpc_security_group_egress_rule.image_layers,
    aws_vpc_security_group_egress_rule.payments,
  ]
}
