# A small tier for who works in both planes: it reaches the internet like the app tier, and a link gives it routes, which
# the app tier never gets.

locals {
  controller_zones = var.controller_tier ? local.zones : {}
}

resource "aws_subnet" "controller" {
  for_each = local.controller_zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(local.last_quarter, 5, 12 + each.value)

  tags = merge({ Name = "${var.name}-controller-${each.key}", "marketday:tier" = "controller" }, var.tier_tags.controller)
}

resource "aws_route_table" "controller" {
  for_each = local.controller_zones

  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-controller-${each.key}" }
}

resource "aws_route" "controller_internet" {
  for_each = var.nat ? local.controller_zones : {}

  route_table_id         = aws_route_table.controller[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[var.one_nat ? local.first_zone : each.key].id
}

resource "aws_route_table_association" "controller" {
  for_each = local.controller_zones

  route_table_id = aws_route_table.controller[each.key].id
  subnet_id      = aws_subnet.controller[each.key].id
}
