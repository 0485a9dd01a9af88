# Routes are separate resources, never inline: the link adds and removes its own routes.

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = var.name }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-public" }
}

resource "aws_route" "public_internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each = local.zones

  route_table_id = aws_route_table.public.id
  subnet_id      = aws_subnet.public[each.key].id
}

locals {
  first_zone = var.availability_zones[0]
  nat_zones  = !var.nat ? {} : var.one_nat ? { (local.first_zone) = 0 } : local.zones
}

resource "aws_eip" "nat" {
  #checkov:skip=CKV2_AWS_19: used by the NAT gateway below, which checkov does not follow through for_each
  for_each = local.nat_zones

  domain = "vpc"

  tags = { Name = "${var.name}-nat-${each.key}" }
}

resource "aws_nat_gateway" "this" {
  for_each = local.nat_zones

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id

  tags = { Name = "${var.name}-${each.key}" }

  depends_on = [aws_internet_gateway.this]
}

resource "aws_route_table" "app" {
  for_each = local.zones

  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-app-${each.key}" }
}

resource "aws_route" "app_internet" {
  for_each = var.nat ? local.zones : {}

  route_table_id         = aws_route_table.app[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[var.one_nat ? local.first_zone : each.key].id
}

resource "aws_route_table_association" "app" {
  for_each = local.zones

  route_table_id = aws_route_table.app[each.key].id
  subnet_id      = aws_subnet.app[each.key].id
}

# The database tier has no default route: nothing there reaches the internet, or is reached from it.
resource "aws_route_table" "database" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-database" }
}

resource "aws_route_table_association" "database" {
  for_each = local.zones

  route_table_id = aws_route_table.database.id
  subnet_id      = aws_subnet.database[each.key].id
}
