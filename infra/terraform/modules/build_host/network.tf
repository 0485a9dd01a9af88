# A network for a build host, while one runs, and the function that connects to it by SSH. It costs nothing when idle.
#
#   public subnets  the build host, in one of several zones. With a public address it reaches GitHub and AWS (a NAT gateway would cost by the
#                   hour, all year). Only SSH from the private subnet comes in.
#   private subnet  the function. It has no way out by IPv4. It needs only Secrets Manager, which also answers by IPv6,
#                   so an egress-only gateway (free) is enough. Slack and other services that the lifecycle needs
#                   have no IPv6: so the lifecycle's function runs outside any network.

data "aws_availability_zones" "this" {
  #checkov:skip=CKV_AWS_394: only its first name is used, and a variable can set another
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  zones  = coalesce(var.availability_zones, slice(data.aws_availability_zones.this.names, 0, min(2, length(data.aws_availability_zones.this.names))))
  public = cidrsubnet(var.vpc_cidr, 1, 0)
}

resource "aws_vpc" "this" {
  #checkov:skip=CKV2_AWS_11: the module flow_logs below writes them, which checkov does not follow from here
  cidr_block                       = var.vpc_cidr
  assign_generated_ipv6_cidr_block = true
  enable_dns_support               = true
  enable_dns_hostnames             = true

  tags = { Name = var.name }
}

# Resources without a security group get this one: they reach nothing, and nothing reaches them.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-closed" }
}

resource "aws_subnet" "public" {
  for_each = { for index, zone in local.zones : zone => index }

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(local.public, length(local.zones) - 1, each.value)

  tags = { Name = "${var.name}-public-${each.key}" }
}

resource "aws_subnet" "private" {
  vpc_id            = aws_vpc.this.id
  availability_zone = local.zones[0]
  cidr_block        = cidrsubnet(var.vpc_cidr, 1, 1)
  ipv6_cidr_block   = cidrsubnet(aws_vpc.this.ipv6_cidr_block, 8, 1)

  tags = { Name = "${var.name}-private" }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = var.name }
}

resource "aws_egress_only_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = var.name }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-public" }
}

resource "aws_route" "public" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  route_table_id = aws_route_table.public.id
  subnet_id      = each.value.id
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-private" }
}

resource "aws_route" "private" {
  route_table_id              = aws_route_table.private.id
  destination_ipv6_cidr_block = "::/0"
  egress_only_gateway_id      = aws_egress_only_internet_gateway.this.id
}

resource "aws_route_table_association" "private" {
  route_table_id = aws_route_table.private.id
  subnet_id      = aws_subnet.private.id
}

module "flow_logs" {
  source = "../flow_logs"

  name               = var.name
  vpc_id             = aws_vpc.this.id
  log_group          = "/marketday/${var.name}/flow"
  log_retention_days = var.log_retention_days
  key_arn            = var.kms_key_arn
}
