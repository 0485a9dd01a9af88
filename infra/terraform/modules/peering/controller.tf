# A running pod cannot be given another security group, so the controller keeps its own, which may always go out to event planes
# (modules/pod_groups). While a link is open there is a way, and the servers there let it in.

resource "aws_vpc_security_group_ingress_rule" "from_controller" {
  for_each = local.controllers

  security_group_id            = local.servers[each.key].security_group_id
  description                  = "The controller of the mall, by ${var.name}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = local.servers[each.key].port
  to_port                      = local.servers[each.key].port

  tags = { Name = "${var.name}-controller-into-${each.key}" }

  depends_on = [aws_vpc_peering_connection.this]
}
