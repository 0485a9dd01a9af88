output "peering_connection_id" {
  description = "The peering connection between the two networks."
  value       = aws_vpc_peering_connection.this.id
}

output "security_group_id" {
  description = "The security group that reaches both databases and the event's cache, after every route and rule exists."
  value       = aws_security_group.replication.id

  depends_on = [
    aws_route.prod_to_event,
    aws_route.event_to_prod,
    aws_vpc_security_group_egress_rule.to_server,
    aws_vpc_security_group_egress_rule.to_secrets,
    aws_vpc_security_group_ingress_rule.into_server,
    aws_vpc_security_group_ingress_rule.from_controller,
  ]
}
