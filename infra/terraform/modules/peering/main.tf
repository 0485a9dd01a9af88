locals {
  # Only these are reached: the replication instance copies from one database to the other, and the mall's controller also
  # writes to the waiting room.
  servers = merge(
    { for plane, facts in { event = var.event, prod = var.prod } : plane => { port = facts.port, security_group_id = facts.security_group_id } },
    { for cache in var.event.cache[*] : "cache" => cache },
  )

  # The controller always reaches prod's database; a link lets it into the two servers of event.
  controllers = { for pair in setproduct(var.prod.controller[*].security_group_id, ["event", "cache"]) : pair[1] => pair[0] if contains(keys(local.servers), pair[1]) }

  pulling_tables = concat(var.prod.route_table_ids, flatten(var.prod.controller[*].route_table_ids))
  pulling_cidrs  = concat(var.prod.subnet_cidrs, flatten(var.prod.controller[*].subnet_cidrs))
}

module "event_range" {
  source = "../cidr_check"

  cidr   = var.event.vpc_cidr
  others = [var.prod.vpc_cidr]
}

# prod requests the peering and event accepts it: both are in one account and region.
resource "aws_vpc_peering_connection" "this" {
  vpc_id      = var.prod.vpc_id
  peer_vpc_id = var.event.vpc_id
  auto_accept = true

  # prod resolves the names of event to private addresses; event does not resolve prod's names.
  accepter {
    allow_remote_vpc_dns_resolution = true
  }

  requester {
    allow_remote_vpc_dns_resolution = false
  }

  tags = { Name = "${var.name}" }

  lifecycle {
    precondition {
      condition     = length(module.event_range.overlapping) == 0
      error_message = "The networks of event, ${var.event.vpc_cidr}, and prod, ${var.prod.vpc_cidr}, overlap; expected ranges that share no address."
    }

    precondition {
      condition     = timecmp(var.expires_at, timeadd(plantimestamp(), "24h")) <= 0
      error_message = "expires_at is ${var.expires_at}; expected at most 24 hours after ${plantimestamp()}: the link is open for a window, not for a drop."
    }

    precondition {
      condition     = timecmp(var.expires_at, plantimestamp()) > 0
      error_message = "expires_at is ${var.expires_at}; expected a time after ${plantimestamp()}."
    }
  }
}

# prod's database and controller tiers get a route to each subnet of event's database tier, and it gets one to each of theirs.
# There is no route to the rest of the other network: the mall's pods have none.
resource "aws_route" "prod_to_event" {
  for_each = { for pair in setproduct(local.pulling_tables, var.event.subnet_cidrs) : join(" ", pair) => pair }

  route_table_id            = each.value[0]
  destination_cidr_block    = each.value[1]
  vpc_peering_connection_id = aws_vpc_peering_connection.this.id
}

resource "aws_route" "event_to_prod" {
  for_each = { for pair in setproduct(var.event.route_table_ids, local.pulling_cidrs) : join(" ", pair) => pair }

  route_table_id            = each.value[0]
  destination_cidr_block    = each.value[1]
  vpc_peering_connection_id = aws_vpc_peering_connection.this.id
}

# There is no rule for incoming connections: nobody may open one to the replication instance. Answers to its own connections
# need no rule.
resource "aws_security_group" "replication" {
  #checkov:skip=CKV2_AWS_5: used by the replication instance, in another module
  name        = var.name
  description = "The replication instance of ${var.name}"
  vpc_id      = var.prod.vpc_id

  tags = { Name = "${var.name}" }
}

resource "aws_vpc_security_group_egress_rule" "to_server" {
  for_each = local.servers

  security_group_id            = aws_security_group.replication.id
  description                  = "The ${each.key == "cache" ? "cache of event" : "database of ${each.key}"}"
  referenced_security_group_id = each.value.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = { Name = "${var.name}-to-${each.key}" }

  # A rule can name a group of the other network only while the networks are peered.
  depends_on = [aws_vpc_peering_connection.this]
}

resource "aws_vpc_security_group_ingress_rule" "into_server" {
  for_each = local.servers

  security_group_id            = each.value.security_group_id
  description                  = "The replication instance of ${var.name}"
  referenced_security_group_id = aws_security_group.replication.id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = { Name = "${var.name}-into-${each.key}" }

  depends_on = [aws_vpc_peering_connection.this]
}

# The instance of DMS reads its secrets through the endpoint of Secrets Manager in prod's network.
resource "aws_vpc_security_group_egress_rule" "to_secrets" {
  security_group_id = aws_security_group.replication.id
  description       = "Secrets Manager, inside the network of prod"
  cidr_ipv4         = var.prod.vpc_cidr
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "${var.name}-to-secrets" }
}
