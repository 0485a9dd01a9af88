# Who in the plane may connect to whom: security groups of pods (a SecurityGroupPolicy gives them), of the load balancer, and
# of the database and cache. Pods without a group of their own are in the cluster's, which reaches neither.

locals {
  groups = {
    load-balancer = "Shoppers"
    mall          = "The mall: PostgreSQL, Valkey and the payment gateway"
    console       = "The console of the staff: PostgreSQL and Valkey"
    controller    = "The controller: PostgreSQL, AWS and the payment gateway; for a window the other plane, by the link"
    migrate       = "Migrations: PostgreSQL"
  }

  pods = toset(["mall", "console", "controller", "migrate"])

  calls = {
    load-balancer-to-mall    = { from = "load-balancer", to = "mall", port = var.port }
    load-balancer-to-console = { from = "load-balancer", to = "console", port = var.port }
    mall-to-database         = { from = "mall", to = "database", port = 5432 }
    console-to-database      = { from = "console", to = "database", port = 5432 }
    controller-to-database   = { from = "controller", to = "database", port = 5432 }
    migrate-to-database      = { from = "migrate", to = "database", port = 5432 }
    mall-to-cache            = { from = "mall", to = "cache", port = 6379 }
    console-to-cache         = { from = "console", to = "cache", port = 6379 }
  }

  ids = merge({ for name, group in aws_security_group.this : name => group.id }, var.servers)
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5: pods and load balancers get them inside the cluster, from manifests
  for_each = local.groups

  name        = "${var.name}-${each.key}"
  description = each.value
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_ingress_rule" "public" {
  #checkov:skip=CKV_AWS_260: HTTP is answered with the redirect to HTTPS
  for_each = { http = 80, https = 443 }

  security_group_id = aws_security_group.this["load-balancer"].id
  description       = "Shoppers by ${upper(each.key)}"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value

  tags = { Name = "${var.name}-public-${each.key}" }
}

resource "aws_vpc_security_group_egress_rule" "call" {
  for_each = local.calls

  security_group_id            = local.ids[each.value.from]
  description                  = each.key
  referenced_security_group_id = local.ids[each.value.to]
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_ingress_rule" "call" {
  for_each = local.calls

  security_group_id            = local.ids[each.value.to]
  description                  = each.key
  referenced_security_group_id = local.ids[each.value.from]
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = { Name = "${var.name}-${each.key}" }
}

# Without the routes of a link this leads nowhere; with them, the event plane's own groups let the controller in.
resource "aws_vpc_security_group_egress_rule" "event_planes" {
  for_each = { database = 5432, cache = 6379 }

  security_group_id = aws_security_group.this["controller"].id
  description       = "controller-to-event-${each.key}"
  cidr_ipv4         = var.event_pool
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value

  tags = { Name = "${var.name}-controller-to-event-${each.key}" }
}

# The payment gateway and the event planes, at addresses that we do not know; AWS's APIs by the same way (ADR 25).
resource "aws_vpc_security_group_egress_rule" "https" {
  #checkov:skip=CKV_AWS_382: HTTPS only, to addresses that we do not know
  for_each = toset(["mall", "console", "controller"])

  security_group_id = aws_security_group.this[each.key].id
  description       = "${each.key}-https"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "${var.name}-${each.key}-https" }
}
