data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

locals {
  name  = "md-${substr(var.environment_id, -8, 8)}"
  zones = [for letter in var.zones : "${var.region}${letter}"]
  port  = 8080

  # The edge is CloudFront: with an edge, only CloudFront reaches the load balancer.
  behind_edge = var.edge_key_value_store_arn != null
}

module "network" {
  source = "../modules/network"

  name                     = local.name
  vpc_cidr                 = var.vpc_cidr
  other_cidrs              = var.other_cidrs
  availability_zones       = local.zones
  nat                      = true # the payment gateway is on the internet
  interface_endpoints      = ["ecr.api", "ecr.dkr", "kinesis-streams", "logs", "secretsmanager"]
  s3_endpoint              = true
  log_retention_days       = var.log_retention_days
  logs_key_arn             = aws_kms_key.this.arn
  permissions_boundary_arn = var.permissions_boundary_arn

  # The builder may change no security group without a tag, because the mall has such groups too (modules/builder/network.tf).
  close_default_group = false
}

module "security_groups" {
  source = "../modules/security_groups"

  name                       = local.name
  vpc_id                     = module.network.vpc_id
  port                       = local.port
  behind_edge                = local.behind_edge
  endpoint_security_group_id = module.network.endpoint_security_group_id
  s3_prefix_list_id          = module.network.s3_prefix_list_id
}
