data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  zones = { for index, zone in var.availability_zones : zone => index }

  # Each Fargate task needs an address, so the app tier gets a quarter of the range for each zone, and the other
  # tiers share the last quarter.
  last_quarter = cidrsubnet(var.vpc_cidr, 2, 3)
}

module "cidr_check" {
  source = "../cidr_check"

  cidr   = var.vpc_cidr
  others = var.other_cidrs
}

resource "aws_vpc" "this" {
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

# Resources without a security group of their own get this one. It has no rules: they reach nothing, and nothing reaches them.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-default-closed" }
}

resource "aws_subnet" "public" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(local.last_quarter, 3, each.value)

  tags = merge({ Name = "${var.name}-public-${each.key}", "marketday:tier" = "public" }, var.tier_tags.public)
}

resource "aws_subnet" "app" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.vpc_cidr, 2, each.value)

  tags = merge({ Name = "${var.name}-app-${each.key}", "marketday:tier" = "app" }, var.tier_tags.app)
}

resource "aws_subnet" "database" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(local.last_quarter, 3, 4 + each.value)

  tags = { Name = "${var.name}-database-${each.key}", "marketday:tier" = "database" }
}

module "flow_logs" {
  source = "../flow_logs"

  name                     = var.name
  vpc_id                   = aws_vpc.this.id
  log_group                = "${var.name}/vpc-flow"
  log_retention_days       = var.log_retention_days
  key_arn                  = var.logs_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
}
