data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

module "network" {
  source = "../modules/network"

  name               = var.name
  vpc_cidr           = var.vpc_cidr
  availability_zones = [for letter in var.zones : "${var.region}${letter}"]
  log_retention_days = var.log_retention_days
  logs_key_arn       = aws_kms_key.this.arn

  # Nothing runs in the app tier yet.
  nat = false

  # DMS reads the link's credentials from these subnets.
  interface_endpoints = ["secretsmanager"]
}

resource "aws_vpc_security_group_ingress_rule" "endpoints_from_database" {
  for_each = { for index, zone in module.network.availability_zones : zone => module.network.database_subnet_cidrs[index] }

  security_group_id = module.network.endpoint_security_group_id
  description       = "TLS from the database subnet of ${each.key}, in which the link has its replication instance"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "${var.name}-endpoints-from-database-${each.key}" }
}
