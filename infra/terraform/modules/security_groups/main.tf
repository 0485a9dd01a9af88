# Who may connect to whom. Everything else is refused; a rule is named after its line here.

locals {
  groups = {
    load-balancer = "Shoppers, or the edge"
    gate          = "The waiting room: Valkey and nothing else"
    store         = "The shop: PostgreSQL and the payment gateway"
    worker        = "PostgreSQL, Valkey and the payment gateway"
    database      = "PostgreSQL: store and worker, and the link while it is open"
    cache         = "Valkey: gate and worker, and the link while it is open"
  }

  calls = {
    load-balancer-to-gate  = { from = "load-balancer", to = "gate", port = var.port }
    load-balancer-to-store = { from = "load-balancer", to = "store", port = var.port }
    gate-to-cache          = { from = "gate", to = "cache", port = 6379 }
    store-to-database      = { from = "store", to = "database", port = 5432 }
    worker-to-database     = { from = "worker", to = "database", port = 5432 }
    worker-to-cache        = { from = "worker", to = "cache", port = 6379 }
  }

  services = toset(["gate", "store", "worker"])

  # Behind an edge HTTP is not open at all: CloudFront connects by TLS. Its addresses count as 55 of the 60 rules that
  # a group may have.
  open_ports = var.behind_edge ? {} : { http = 80, https = 443 }
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5: each is used by a module, which checkov does not follow through for_each
  for_each = local.groups

  name        = "${var.name}-${each.key}"
  description = each.value
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_ingress_rule" "public" {
  #checkov:skip=CKV_AWS_260: HTTP is answered with the redirect to HTTPS
  for_each = local.open_ports

  security_group_id = aws_security_group.this["load-balancer"].id
  description       = "Shoppers by ${upper(each.key)}"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value

  tags = { Name = "${var.name}-public-${each.key}" }
}

data "aws_ec2_managed_prefix_list" "cloudfront" {
  count = var.behind_edge ? 1 : 0

  name = "com.amazonaws.global.cloudfront.origin-facing"
}

resource "aws_vpc_security_group_ingress_rule" "edge" {
  count = var.behind_edge ? 1 : 0

  security_group_id = aws_security_group.this["load-balancer"].id
  description       = "CloudFront by HTTPS"
  prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront[0].id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "${var.name}-edge" }
}

resource "aws_vpc_security_group_egress_rule" "call" {
  for_each = local.calls

  security_group_id            = aws_security_group.this[each.value.from].id
  description                  = each.key
  referenced_security_group_id = aws_security_group.this[each.value.to].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_ingress_rule" "call" {
  for_each = local.calls

  security_group_id            = aws_security_group.this[each.value.to].id
  description                  = each.key
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = { Name = "${var.name}-${each.key}" }
}

# Images, secrets, logs and activity do not use the internet.
resource "aws_vpc_security_group_egress_rule" "endpoints" {
  for_each = local.services

  security_group_id            = aws_security_group.this[each.key].id
  description                  = "${each.key}-to-aws"
  referenced_security_group_id = var.endpoint_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443

  tags = { Name = "${var.name}-${each.key}-to-aws" }
}

resource "aws_vpc_security_group_egress_rule" "image_layers" {
  for_each = local.services

  security_group_id = aws_security_group.this[each.key].id
  description       = "${each.key}-to-s3"
  prefix_list_id    = var.s3_prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "${var.name}-${each.key}-to-s3" }
}

# We do not know the payment gateway's addresses.
resource "aws_vpc_security_group_egress_rule" "payments" {
  for_each = toset(["store", "worker"])

  security_group_id = aws_security_group.this[each.key].id
  description       = "${each.key}-to-payments"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "${var.name}-${each.key}-to-payments" }
}
