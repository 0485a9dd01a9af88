# What every pod needs of the cluster: names, and that its node can ask how it is.

locals {
  names = { for pair in setproduct(local.pods, ["tcp", "udp"]) : join("-", pair) => { pod = pair[0], protocol = pair[1] } }
}

resource "aws_vpc_security_group_egress_rule" "names" {
  for_each = local.names

  security_group_id            = aws_security_group.this[each.value.pod].id
  description                  = "${each.value.pod}-to-dns"
  referenced_security_group_id = var.cluster_security_group_id
  ip_protocol                  = each.value.protocol
  from_port                    = 53
  to_port                      = 53

  tags = { Name = "${var.name}-${each.value.pod}-to-dns" }
}

resource "aws_vpc_security_group_ingress_rule" "names" {
  for_each = local.names

  security_group_id            = var.cluster_security_group_id
  description                  = "${each.value.pod}-to-dns"
  referenced_security_group_id = aws_security_group.this[each.value.pod].id
  ip_protocol                  = each.value.protocol
  from_port                    = 53
  to_port                      = 53

  tags = { Name = "${var.name}-${each.value.pod}-to-dns" }
}

# The kubelet of the pod's node asks its probes. A migration has none.
resource "aws_vpc_security_group_ingress_rule" "probes" {
  for_each = setsubtract(local.pods, ["migrate"])

  security_group_id            = aws_security_group.this[each.key].id
  description                  = "Probes of ${each.key}, by its node"
  referenced_security_group_id = var.cluster_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = var.port
  to_port                      = var.port

  tags = { Name = "${var.name}-probes-${each.key}" }
}
