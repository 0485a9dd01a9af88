# Who reaches whom; nothing is open, unencrypted or without TLS: the modules as the stack uses them.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { name = "ap-northeast-2" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }

  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:loadbalancer/app/md-3f9a1c2e/0123456789abcdef" }
  }

  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:listener/app/md-3f9a1c2e/0123456789abcdef/0123456789abcdef" }
  }

  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/a/0123456789abcdef" }
  }

  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:ap-northeast-2:123456789012:regional/webacl/md-3f9a1c2e/00000000-0000-4000-8000-000000000000" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-northeast-2:123456789012:log-group:a-group" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/a-role" }
  }

  mock_resource "aws_kinesis_stream" {
    defaults = { arn = "arn:aws:kinesis:ap-northeast-2:123456789012:stream/md-3f9a1c2e-activity" }
  }

  mock_resource "aws_s3_bucket" {
    defaults = { id = "md-3f9a1c2e-a-bucket", arn = "arn:aws:s3:::md-3f9a1c2e-a-bucket" }
  }
}

mock_provider "aws" {
  alias = "recovery"
}

variables {
  name               = "md-3f9a1c2e"
  key_arn            = "arn:aws:kms:ap-northeast-2:123456789012:key/00000000-0000-4000-8000-000000000000"
  vpc_id             = "vpc-0a1b2c3d"
  subnet_ids         = ["subnet-0a", "subnet-0b"]
  security_group_id  = "sg-0a1b2c3d"
  log_retention_days = 30
  evidence_bucket    = "marketday-logs"
}

run "security_groups" {
  command = plan

  module {
    source = "../modules/security_groups"
  }

  variables {
    port                       = 8080
    behind_edge                = false
    endpoint_security_group_id = "sg-0e"
    s3_prefix_list_id          = "pl-0a"
  }

  assert {
    condition     = toset([for call in aws_vpc_security_group_egress_rule.call : call.description if startswith(call.description, "gate-")]) == toset(["gate-to-cache"])
    error_message = "the gate connects to more than Valkey"
  }

  assert {
    condition     = toset(keys(aws_vpc_security_group_egress_rule.payments)) == toset(["store", "worker"])
    error_message = "services other than store and worker reach the internet"
  }

  assert {
    condition     = toset([for call in aws_vpc_security_group_ingress_rule.call : call.description if endswith(call.description, "-database")]) == toset(["store-to-database", "worker-to-database"])
    error_message = "services other than store and worker reach the database"
  }

  assert {
    condition     = alltrue([for call in aws_vpc_security_group_ingress_rule.call : call.cidr_ipv4 == null])
    error_message = "a service can be reached by address, and not only by a group"
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.public : "${rule.from_port}-${rule.to_port}"]) == toset(["80-80", "443-443"]) && length(aws_vpc_security_group_ingress_rule.edge) == 0
    error_message = "shoppers can use ports other than 80 and 443"
  }
}

run "security_groups_behind_an_edge" {
  command = plan

  module {
    source = "../modules/security_groups"
  }

  variables {
    port                       = 8080
    behind_edge                = true
    endpoint_security_group_id = "sg-0e"
    s3_prefix_list_id          = "pl-0a"
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.public) == 0 && aws_vpc_security_group_ingress_rule.edge[0].from_port == 443
    error_message = "the load balancer can be reached past the edge"
  }
}

run "network" {
  command = plan

  module {
    source = "../modules/network"
  }

  variables {
    vpc_cidr            = "10.40.0.0/16"
    availability_zones  = ["ap-northeast-2a", "ap-northeast-2b"]
    interface_endpoints = ["ecr.api", "logs"]
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 2 && length(aws_route.app_internet) == 2
    error_message = "the zones share a NAT gateway: if its zone fails, both lose the internet"
  }

  assert {
    condition     = alltrue([for subnet in merge(aws_subnet.app, aws_subnet.database) : !coalesce(subnet.map_public_ip_on_launch, false)])
    error_message = "a private subnet gives public addresses"
  }

  assert {
    condition     = toset([for subnet in aws_subnet.app : subnet.cidr_block]) == toset(["10.40.0.0/18", "10.40.64.0/18"]) && toset([for subnet in aws_subnet.database : subnet.cidr_block]) == toset(["10.40.224.0/21", "10.40.232.0/21"])
    error_message = "the tiers do not have the planned addresses"
  }

  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.interface : endpoint.private_dns_enabled])
    error_message = "an endpoint is not found by the service's own name"
  }
}

run "overlapping_ranges" {
  command = plan

  module {
    source = "../modules/network"
  }

  variables {
    vpc_cidr           = "10.40.0.0/16"
    other_cidrs        = ["192.168.0.0/16", "10.32.0.0/12"]
    availability_zones = ["ap-northeast-2a", "ap-northeast-2b"]
  }

  expect_failures = [output.vpc_cidr]
}

run "touching_ranges" {
  command = plan

  module {
    source = "../modules/network"
  }

  variables {
    vpc_cidr           = "10.40.0.0/16"
    other_cidrs        = ["10.39.0.0/16", "10.41.0.0/16", "10.0.0.0/11"]
    availability_zones = ["ap-northeast-2a", "ap-northeast-2b"]
  }
}

run "one_zone" {
  command = plan

  module {
    source = "../modules/network"
  }

  variables {
    vpc_cidr           = "10.40.0.0/16"
    availability_zones = ["ap-northeast-2a"]
  }

  expect_failures = [var.availability_zones]
}

run "load_balancer" {
  command = plan

  module {
    source = "../modules/load_balancer"
  }

  variables {
    certificate_arn = "arn:aws:acm:ap-northeast-2:123456789012:certificate/00000000-0000-4000-8000-000000000000"
    hostname        = "event.example.com"
    behind_edge     = false
    capacity_units  = 120
    rate_limits     = { requests = 50000, writes = 5000 }
    routes = [
      { service = "gate", paths = ["/v1/drops/*/now"] },
      { service = "store", paths = ["/*"] },
    ]
  }

  assert {
    condition     = aws_lb_listener.https.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06" && aws_lb_listener.https.protocol == "HTTPS"
    error_message = "TLS older than 1.2 is accepted, or 1.3 is not"
  }

  assert {
    condition     = aws_lb_listener.http[0].default_action[0].type == "redirect" && aws_lb_listener.http[0].default_action[0].redirect[0].protocol == "HTTPS"
    error_message = "HTTP is not answered with the redirect"
  }

  assert {
    condition     = aws_lb_listener.https.default_action[0].type == "fixed-response" && alltrue([for rule in aws_lb_listener_rule.route : anytrue([for condition in rule.condition : length(condition.host_header) > 0])])
    error_message = "other hosts are served too"
  }

  assert {
    condition     = aws_lb.this.minimum_load_balancer_capacity[0].capacity_units == 120
    error_message = "the load balancer grows only when the crowd is there"
  }

  assert {
    condition     = aws_lb.this.drop_invalid_header_fields && aws_lb.this.access_logs[0].enabled && aws_lb.this.access_logs[0].prefix == "drops/md-3f9a1c2e/load-balancer" && !aws_lb.this.internal
    error_message = "invalid headers pass, or there is no access log"
  }

  assert {
    condition     = toset(aws_lb_listener_rule.private.condition[*].path_pattern[0].values...) == toset(["/metrics", "/healthz", "/readyz"])
    error_message = "what monitoring reads is public"
  }

  assert {
    condition     = toset([for rule in aws_wafv2_web_acl.this.rule : rule.name]) == toset(["rate-writes", "rate-requests", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"])
    error_message = "the firewall lacks a rule"
  }
}

run "load_balancer_behind_an_edge" {
  command = plan

  module {
    source = "../modules/load_balancer"
  }

  variables {
    certificate_arn = "arn:aws:acm:ap-northeast-2:123456789012:certificate/00000000-0000-4000-8000-000000000000"
    hostname        = "event.example.com"
    behind_edge     = true
    edge_proof      = "what only we know"
    rate_limits     = { requests = 50000, writes = 5000 }
    routes          = [{ service = "store", paths = ["/*"] }]
  }

  assert {
    condition = [for rule in aws_wafv2_web_acl.this.rule : rule.statement[0].not_statement[0].statement[0].byte_match_statement[0].search_string
    if rule.priority == 0 && length(rule.action[*].block[*]) == 1] == ["what only we know"]
    error_message = "somebody else's distribution reaches the load balancer"
  }

  assert {
    condition     = length(aws_lb_listener.http) == 0
    error_message = "there is a listener that nobody can reach"
  }

  assert {
    condition     = alltrue([for rule in aws_wafv2_web_acl.this.rule : rule.statement[0].rate_based_statement[0].aggregate_key_type == "FORWARDED_IP" if startswith(rule.name, "rate-")])
    error_message = "behind the edge the firewall uses the edge's address for everybody"
  }
}

run "database" {
  command = plan

  module {
    source = "../modules/database"
  }

  variables {
    engine_version      = "17.5"
    size                = { instance_class = "db.m7g.large", storage_gb = 100 }
    deletion_protection = false
  }

  assert {
    condition     = !aws_db_instance.this.publicly_accessible && aws_db_instance.this.multi_az
    error_message = "the database is public, or in only one zone"
  }

  assert {
    condition     = aws_db_instance.this.storage_encrypted && aws_db_instance.this.kms_key_id == var.key_arn && aws_db_instance.this.master_user_secret_kms_key_id == var.key_arn
    error_message = "the storage or the master secret is not encrypted with the environment's key"
  }

  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null
    error_message = "the owner's password is not RDS' own"
  }

  assert {
    condition     = aws_db_parameter_group.this.family == "postgres17" && alltrue([for name in ["rds.force_ssl", "rds.logical_replication"] : contains([for parameter in aws_db_parameter_group.this.parameter : "${parameter.name}=${parameter.value}"], "${name}=1")])
    error_message = "TLS is not forced, or the hand-back cannot read the changes"
  }

  assert {
    condition     = aws_db_instance.this.skip_final_snapshot && !aws_db_instance.this.delete_automated_backups && aws_db_instance.this.backup_retention_period == 7
    error_message = "what stays of the database has no end (a snapshot), is gone at once, or stays longer than its key"
  }
}

run "cache" {
  command = plan

  module {
    source = "../modules/cache"
  }

  variables {
    size          = { node_type = "cache.m7g.large", replicas = 1 }
    user_group_id = "md-3f9a1c2e"
  }

  assert {
    condition     = aws_elasticache_replication_group.this.transit_encryption_enabled && aws_elasticache_replication_group.this.transit_encryption_mode == "required"
    error_message = "Valkey accepts connections without TLS"
  }

  assert {
    condition     = aws_elasticache_replication_group.this.at_rest_encryption_enabled == "true" && aws_elasticache_replication_group.this.kms_key_id == var.key_arn
    error_message = "the data in Valkey is not encrypted with the environment's key"
  }

  assert {
    condition     = aws_elasticache_replication_group.this.multi_az_enabled && aws_elasticache_replication_group.this.automatic_failover_enabled && aws_elasticache_replication_group.this.num_cache_clusters == 2
    error_message = "Valkey is in only one zone"
  }

  assert {
    condition     = aws_elasticache_replication_group.this.user_group_ids == toset(["md-3f9a1c2e"])
    error_message = "everyone who can reach Valkey may use it"
  }

  assert {
    condition     = contains([for parameter in aws_elasticache_parameter_group.this.parameter : "${parameter.name}=${parameter.value}"], "maxmemory-policy=noeviction")
    error_message = "people who wait can be evicted"
  }
}

run "activity" {
  command = plan

  module {
    source = "../modules/activity"
  }

  variables {
    shards      = 4
    first_day   = "2026-07-01"
    expire_days = 30
  }

  assert {
    condition     = aws_kinesis_stream.this.encryption_type == "KMS" && aws_kinesis_stream.this.kms_key_id == var.key_arn
    error_message = "the stream is not encrypted with the environment's key"
  }

  assert {
    condition     = aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].bucket_arn == "arn:aws:s3:::marketday-logs" && output.folder == "drops/md-3f9a1c2e"
    error_message = "Firehose does not write into the bucket that stays, or not into the environment's own folder"
  }

  assert {
    condition     = aws_glue_catalog_table.activity.parameters["storage.location.template"] == "s3://marketday-logs/drops/md-3f9a1c2e/activity/dt=$${dt}/hour=$${hour}" && aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].prefix == "drops/md-3f9a1c2e/activity/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/"
    error_message = "Athena does not read where Firehose writes"
  }

  assert {
    condition     = aws_athena_workgroup.this.configuration[0].enforce_workgroup_configuration && aws_athena_workgroup.this.configuration[0].result_configuration[0].encryption_configuration[0].encryption_option == "SSE_S3"
    error_message = "query results are stored unencrypted, or in a place that the client chooses"
  }
}

run "without_an_edge" {
  command = plan

  module {
    source = "../modules/edge_origin"
  }

  variables {
    key_value_store_arn = null
    hostname            = "event.example.com"
    place               = 0
    proof               = null
    origin              = "md-3f9a1c2e-1.ap-northeast-2.elb.amazonaws.com"
    from                = "2026-07-04T09:00:00+09:00"
    until               = "2026-07-04T23:00:00+09:00"
  }

  assert {
    condition     = length(aws_cloudfrontkeyvaluestore_key.host) == 0
    error_message = "something was published although there is no edge"
  }
}

run "with_an_edge" {
  command = plan

  module {
    source = "../modules/edge_origin"
  }

  variables {
    key_value_store_arn = "arn:aws:cloudfront::123456789012:key-value-store/00000000-0000-4000-8000-000000000000"
    hostname            = "event.example.com"
    place               = 2
    proof               = "what only we know"
    origin              = "md-3f9a1c2e-1.ap-northeast-2.elb.amazonaws.com"
    from                = "2026-07-04T09:00:00+09:00"
    until               = "2026-07-04T23:00:00+09:00"
  }

  assert {
    condition     = aws_cloudfrontkeyvaluestore_key.host[0].key == "event.example.com/2"
    error_message = "the edge looks for event.example.com/2 and finds ${aws_cloudfrontkeyvaluestore_key.host[0].key}"
  }

  assert {
    condition = jsondecode(aws_cloudfrontkeyvaluestore_key.host[0].value) == {
      origin = "md-3f9a1c2e-1.ap-northeast-2.elb.amazonaws.com"
      from   = "2026-07-04T09:00:00+09:00"
      until  = "2026-07-04T23:00:00+09:00"
      proof  = "what only we know"
    }
    error_message = "the edge gets ${aws_cloudfrontkeyvaluestore_key.host[0].value}"
  }
}
