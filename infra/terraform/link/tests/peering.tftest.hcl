# The path between the networks. The stack as a whole cannot be planned with a mocked provider, which has no ephemeral
# resource yet, so its two halves are planned separately.
mock_provider "aws" {}

variables {
  name       = "md-3f9a1c2e-link"
  expires_at = timeadd(timestamp(), "23h")

  event = {
    vpc_id            = "vpc-event"
    vpc_cidr          = "10.40.0.0/16"
    port              = 5432
    security_group_id = "sg-event"
    subnet_cidrs      = ["10.40.224.0/21", "10.40.232.0/21"]
    route_table_ids   = ["rtb-event"]
    cache             = { port = 6379, security_group_id = "sg-cache" }
  }

  prod = {
    vpc_id            = "vpc-prod"
    vpc_cidr          = "10.20.0.0/16"
    port              = 5433
    security_group_id = "sg-prod"
    subnet_cidrs      = ["10.20.224.0/21", "10.20.232.0/21"]
    route_table_ids   = ["rtb-prod-a", "rtb-prod-c"]
  }
}

run "the_database_subnets_alone_learn_the_way" {
  command = plan

  module {
    source = "../modules/peering"
  }

  assert {
    condition = toset([for route in aws_route.prod_to_event : "${route.route_table_id} ${route.destination_cidr_block}"]) == toset([
      "rtb-prod-a 10.40.224.0/21", "rtb-prod-a 10.40.232.0/21", "rtb-prod-c 10.40.224.0/21", "rtb-prod-c 10.40.232.0/21",
    ])
    error_message = "prod's database route tables have a route to something other than event's database subnets."
  }

  assert {
    condition = toset([for route in aws_route.event_to_prod : "${route.route_table_id} ${route.destination_cidr_block}"]) == toset([
      "rtb-event 10.20.224.0/21", "rtb-event 10.20.232.0/21",
    ])
    error_message = "event's database route table has a route to something other than prod's database subnets."
  }

  assert {
    condition     = aws_vpc_peering_connection.this.vpc_id == "vpc-prod" && aws_vpc_peering_connection.this.peer_vpc_id == "vpc-event" && aws_vpc_peering_connection.this.auto_accept
    error_message = "prod requests the peering, event accepts it."
  }

  assert {
    condition     = !one(aws_vpc_peering_connection.this.requester).allow_remote_vpc_dns_resolution
    error_message = "event must not resolve prod's names."
  }

  assert {
    condition     = aws_vpc_peering_connection.this.tags.Name == "md-3f9a1c2e-link"
    error_message = "The peering connection has the environment's name."
  }
}

run "prod_pulls_and_event_never_pushes" {
  command = apply

  module {
    source = "../modules/peering"
  }

  assert {
    condition     = toset(keys(aws_vpc_security_group_ingress_rule.into_server)) == toset(["event", "prod", "cache"])
    error_message = "The only rules that let anybody in are those of the two databases and the cache."
  }

  assert {
    condition = alltrue([
      for rule in aws_vpc_security_group_ingress_rule.into_server :
      rule.referenced_security_group_id == aws_security_group.replication.id && rule.from_port == rule.to_port && rule.ip_protocol == "tcp"
    ])
    error_message = "Only members of the link's group reach a server, and only its port."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.into_server["event"].from_port == 5432 && aws_vpc_security_group_ingress_rule.into_server["prod"].from_port == 5433 && aws_vpc_security_group_ingress_rule.into_server["cache"].from_port == 6379
    error_message = "Each server is reached by its own port."
  }

  assert {
    condition     = { for name, rule in aws_vpc_security_group_egress_rule.to_server : name => rule.referenced_security_group_id } == { event = "sg-event", prod = "sg-prod", cache = "sg-cache" }
    error_message = "The link's group reaches the two databases, the cache and no other group."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_egress_rule.to_server : rule.security_group_id == aws_security_group.replication.id])
    error_message = "Nothing in event may open a connection: no outgoing rule of its groups is made here."
  }

  assert {
    condition     = aws_security_group.replication.vpc_id == "vpc-prod"
    error_message = "The replication instance is in prod: prod pulls."
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.to_secrets.cidr_ipv4 == "10.20.0.0/16" && aws_vpc_security_group_egress_rule.to_secrets.to_port == 443
    error_message = "Secrets are read inside prod's network."
  }
}

run "the_controller_reaches_what_it_writes_to" {
  command = plan

  module {
    source = "../modules/peering"
  }

  variables {
    prod = {
      vpc_id            = "vpc-prod"
      vpc_cidr          = "10.20.0.0/16"
      port              = 5433
      security_group_id = "sg-prod"
      subnet_cidrs      = ["10.20.224.0/21"]
      route_table_ids   = ["rtb-prod"]
      controller        = { security_group_id = "sg-controller", subnet_cidrs = ["10.20.216.0/23"], route_table_ids = ["rtb-controller"] }
    }
  }

  assert {
    condition = toset([for route in aws_route.prod_to_event : "${route.route_table_id} ${route.destination_cidr_block}"]) == toset([
      "rtb-prod 10.40.224.0/21", "rtb-prod 10.40.232.0/21", "rtb-controller 10.40.224.0/21", "rtb-controller 10.40.232.0/21",
    ])
    error_message = "the controller has no way to event's database subnets, or prod has one to more"
  }

  assert {
    condition     = toset([for route in aws_route.event_to_prod : route.destination_cidr_block]) == toset(["10.20.224.0/21", "10.20.216.0/23"])
    error_message = "event's servers cannot answer the controller"
  }

  assert {
    condition = { for server, rule in aws_vpc_security_group_ingress_rule.from_controller : server => "${rule.security_group_id} ${rule.referenced_security_group_id} ${rule.from_port}" } == {
      event = "sg-event sg-controller 5432", cache = "sg-cache sg-controller 6379",
    }
    error_message = "the controller does not come into the drop's database and the waiting room, or it comes into more"
  }
}

run "ranges_that_overlap_are_refused" {
  command = plan

  module {
    source = "../modules/peering"
  }

  variables {
    prod = {
      vpc_id            = "vpc-prod"
      vpc_cidr          = "10.40.128.0/17"
      port              = 5432
      security_group_id = "sg-prod"
      subnet_cidrs      = ["10.40.240.0/21"]
      route_table_ids   = ["rtb-prod"]
    }
  }

  expect_failures = [aws_vpc_peering_connection.this]
}

run "a_life_of_more_than_a_day_is_refused" {
  command = plan

  module {
    source = "../modules/peering"
  }

  variables {
    expires_at = timeadd(timestamp(), "24h10m")
  }

  expect_failures = [aws_vpc_peering_connection.this]
}

run "a_life_that_is_over_is_refused" {
  command = plan

  module {
    source = "../modules/peering"
  }

  variables {
    expires_at = timeadd(timestamp(), "-1m")
  }

  expect_failures = [aws_vpc_peering_connection.this]
}

run "a_route_as_wide_as_the_network_is_refused" {
  command = plan

  module {
    source = "../modules/peering"
  }

  variables {
    event = {
      vpc_id            = "vpc-event"
      vpc_cidr          = "10.40.0.0/16"
      port              = 5432
      security_group_id = "sg-event"
      subnet_cidrs      = ["10.40.0.0/16"]
      route_table_ids   = ["rtb-event"]
    }
  }

  expect_failures = [var.event]
}

run "a_route_out_of_the_network_is_refused" {
  command = plan

  module {
    source = "../modules/peering"
  }

  variables {
    prod = {
      vpc_id            = "vpc-prod"
      vpc_cidr          = "10.20.0.0/16"
      port              = 5432
      security_group_id = "sg-prod"
      subnet_cidrs      = ["10.20.224.0/21", "10.21.0.0/24"]
      route_table_ids   = ["rtb-prod"]
    }
  }

  expect_failures = [var.prod]
}
