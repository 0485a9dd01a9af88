data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

module "network" {
  source = "../modules/network"

  name               = var.name
  vpc_cidr           = var.vpc_cidr
  other_cidrs        = [var.service_cidr, var.event_pool]
  availability_zones = [for letter in var.zones : "${var.region}${letter}"]
  log_retention_days = var.log_retention_days
  logs_key_arn       = aws_kms_key.this.arn

  # The payment gateway and Slack are on the internet, so the plane has NAT anyway, in each zone. AWS's APIs go the same way:
  # the endpoints for all of them would cost three times as much (ADR 25). S3 and DynamoDB cost nothing as endpoints, and DMS
  # reads the link's credentials from the database subnets, which have no way out.
  nat                 = true
  dynamodb_endpoint   = true
  interface_endpoints = ["secretsmanager"]
  controller_tier     = true

  # Karpenter and the load balancer controller find their subnets by these.
  tier_tags = {
    public     = { "kubernetes.io/role/elb" = "1" }
    app        = { "kubernetes.io/role/internal-elb" = "1", "karpenter.sh/discovery" = var.name }
    controller = { "karpenter.sh/discovery" = "${var.name}-controller" }
  }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  for_each = merge(
    { for index, zone in module.network.availability_zones : "database-${zone}" => module.network.database_subnet_cidrs[index] },
    { for index, zone in module.network.availability_zones : "controller-${zone}" => module.network.controller_subnet_cidrs[index] },
  )

  security_group_id = module.network.endpoint_security_group_id
  description       = "TLS from the subnet ${each.key}, which has the replication instance of a link, or the controller"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "${var.name}-endpoints-from-${each.key}" }
}
